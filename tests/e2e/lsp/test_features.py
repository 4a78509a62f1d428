"""Every feature once, with a real server, on the example project that has the hazards."""

import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types as lsp

from tests.e2e.lsp.client import Editor, connect, plain
from tests.house.tree import ROOT

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.torch]
MODEL = "sentiment/model.py"
CONFIG = "pyproject.toml"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def editor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    """A client with the example, its model and its configuration open, the closure known."""
    root = tmp_path_factory.mktemp("example") / "sentiment"
    shutil.copytree(ROOT / "examples" / "sentiment", root, ignore=shutil.ignore_patterns("__pycache__", "dist"))
    (root / "export.py").unlink()  # the package is then what the configuration says, and is declared there
    resolve = lsp.ClientCodeActionResolveOptions(properties=["edit"])
    text_document = lsp.TextDocumentClientCapabilities(
        code_action=lsp.CodeActionClientCapabilities(data_support=True, resolve_support=resolve),
        hover=lsp.HoverClientCapabilities(content_format=[lsp.MarkupKind.Markdown]),
        document_symbol=lsp.DocumentSymbolClientCapabilities(hierarchical_document_symbol_support=True),
    )
    workspace = lsp.WorkspaceClientCapabilities(
        code_lens=lsp.CodeLensWorkspaceClientCapabilities(refresh_support=True),
        inlay_hint=lsp.InlayHintWorkspaceClientCapabilities(refresh_support=True),
    )
    window = lsp.WindowClientCapabilities(work_done_progress=True)
    options = {"python": sys.executable}  # nothing above the copy has an environment
    async with connect(
        root, text_document=text_document, workspace=workspace, window=window, options=options
    ) as connected:
        connected.open(MODEL)
        connected.open(CONFIG, language="toml")
        await connected.until(lambda: "TPK101" in connected.codes(MODEL))
        await connected.until(lambda: lsp.WORKSPACE_INLAY_HINT_REFRESH in dict(connected.heard))
        yield connected


def place(editor: Editor, name: str, text: str, offset: int = 1) -> lsp.TextDocumentPositionParams:
    """Return the place of a text in a file, some characters into it; the examples are ASCII there."""
    for number, line in enumerate((editor.root / name).read_text(encoding="utf-8").split("\n")):
        if text in line:
            position = lsp.Position(number, line.index(text) + offset)
            return lsp.TextDocumentPositionParams(lsp.TextDocumentIdentifier(editor.uri(name)), position)
    raise AssertionError(f"there is no {text!r} in {name}")


async def hover(editor: Editor, name: str, text: str) -> str:
    """Return the text of a hover."""
    at = place(editor, name, text)
    found = await editor.client.text_document_hover_async(lsp.HoverParams(at.text_document, at.position))
    return found.contents.value if found is not None else ""


async def test_hover_on_an_import(editor: Editor) -> None:
    """It says what happens to the module, by which pattern, and how it came in."""
    text = await hover(editor, MODEL, "training import")
    assert "`sentiment.training` in package `sentiment`: **intern**" in text
    assert "by `intern sentiment.*`" in text
    assert "`sentiment.model` → `sentiment.training`" in text


async def test_hover_as_plain_text(project: Path) -> None:
    """A client that shows no Markdown gets none."""
    plainly = lsp.HoverClientCapabilities(content_format=[lsp.MarkupKind.PlainText])
    async with connect(project, text_document=lsp.TextDocumentClientCapabilities(hover=plainly)) as editor:
        editor.open("demo.py")
        await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])
        at = place(editor, "demo.py", "importlib")
        found = await editor.client.text_document_hover_async(lsp.HoverParams(at.text_document, at.position))
        assert found.contents.kind == lsp.MarkupKind.PlainText
        assert found.contents.value.startswith("importlib in package demo: extern, before any pattern is asked\n")


async def test_hover_on_a_pattern(editor: Editor) -> None:
    """It lists what the pattern took."""
    text = await hover(editor, CONFIG, "sentiment.*")
    assert "takes" in text
    assert "- `sentiment.model`" in text


async def test_what_a_diagnostic_carries(editor: Editor) -> None:
    """The page of its rule, what makes it the same one later, and where else it has to do with."""
    finding = next(item for item in editor.diagnostics(MODEL) if item.code == "TPK101")
    assert finding.source == "tpkg-lint"
    assert finding.code_description.href.rstrip("/").endswith("rules/no-action")
    assert plain(finding.data)["name"] == "no-action"


async def test_hover_on_a_code(editor: Editor) -> None:
    """A code in a comment says what its rule is about."""
    editor.open("codes.py", "x = 1  # tpkg: ignore[TPK101]\n")
    document = lsp.TextDocumentIdentifier(editor.uri("codes.py"))
    found = await editor.client.text_document_hover_async(lsp.HoverParams(document, lsp.Position(0, 24)))
    assert found.contents.value.startswith("**TPK101** no-action (error)")
    assert found.range == lsp.Range(lsp.Position(0, 22), lsp.Position(0, 28))
    editor.close("codes.py")


async def test_code_actions(editor: Editor) -> None:
    """A safe fix is preferred and is an edit of the configuration; the rest is suppressions and explanations."""
    finding = next(item for item in editor.diagnostics(MODEL) if item.code == "TPK101")
    params = lsp.CodeActionParams(
        lsp.TextDocumentIdentifier(editor.uri(MODEL)), finding.range, lsp.CodeActionContext(diagnostics=[finding])
    )
    actions = {item.title: item for item in await editor.client.text_document_code_action_async(params)}
    fix = next(item for title, item in actions.items() if title.startswith("Add intern"))
    assert fix.is_preferred
    assert fix.edit is None
    resolved = await editor.client.code_action_resolve_async(fix)
    [(uri, [edit])] = resolved.edit.changes.items()
    assert uri == editor.uri(CONFIG)
    assert '{ intern = "sentiment.**" }' in edit.new_text
    ignored = await editor.client.code_action_resolve_async(actions["Ignore TPK101 on this line"])
    [[edit]] = ignored.edit.changes.values()
    assert edit.new_text == "  # tpkg: ignore[TPK101]"
    assert edit.range.start.line == finding.range.start.line
    assert {"Ignore TPK101 in this file", "Explain TPK101 no-action"} <= set(actions)


async def test_code_lens(editor: Editor) -> None:
    """The package is in numbers; the command of the lens shows its closure."""
    lenses = await editor.client.text_document_code_lens_async(
        lsp.CodeLensParams(lsp.TextDocumentIdentifier(editor.uri(CONFIG)))
    )
    assert re.fullmatch(r"\d+ interned, \d+ extern, .*raises PackagingError", lenses[0].command.title)
    shown = await editor.command(lenses[0].command.command, *lenses[0].command.arguments)
    assert "sentiment.model" in plain(shown)["tree"]
    assert ["sentiment.model", "sentiment.training"] in plain(shown)["edges"]


async def test_inlay_hints(editor: Editor) -> None:
    """Imports carry their fate, patterns their reach."""
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(999, 0))
    labels = {}
    for name in (MODEL, CONFIG):
        params = lsp.InlayHintParams(lsp.TextDocumentIdentifier(editor.uri(name)), whole)
        labels[name] = {item.label for item in await editor.client.text_document_inlay_hint_async(params)}
    assert {"intern", "extern", "NO_ACTION"} <= labels[MODEL]
    assert any(label.endswith(" modules") for label in labels[CONFIG])


async def test_definition_and_references(editor: Editor) -> None:
    """From a module's name to its file, from a pattern to what it took, from an import to who else imports that."""
    at = place(editor, CONFIG, "sentiment.lexicon")
    [found] = await editor.client.text_document_definition_async(lsp.DefinitionParams(at.text_document, at.position))
    assert found.uri == editor.uri("sentiment/lexicon.py")
    at = place(editor, CONFIG, "sentiment.*")
    taken = await editor.client.text_document_definition_async(lsp.DefinitionParams(at.text_document, at.position))
    assert editor.uri(MODEL) in [item.uri for item in taken]
    at = place(editor, MODEL, "encoder import")
    context = lsp.ReferenceContext(include_declaration=True)
    users = await editor.client.text_document_references_async(
        lsp.ReferenceParams(context, at.text_document, at.position)
    )
    assert editor.uri(MODEL) in [item.uri for item in users]


async def test_document_symbols_and_links(editor: Editor) -> None:
    """A package is a symbol that encloses its actions; names of modules lead to their files."""
    document = lsp.TextDocumentIdentifier(editor.uri(CONFIG))
    [symbol] = await editor.client.text_document_document_symbol_async(lsp.DocumentSymbolParams(document))
    assert symbol.name == "sentiment"
    assert "intern sentiment.*" in [child.name for child in symbol.children]
    links = await editor.client.text_document_document_link_async(lsp.DocumentLinkParams(document))
    assert editor.uri("sentiment/lexicon.py") in [link.target for link in links]


async def labels(editor: Editor, name: str, text: str) -> list[str]:
    """Type a text as the whole of a new document and complete at its bar."""
    before, _, after = text.partition("|")
    editor.open(name, before + after, language="toml" if name.endswith("toml") else "python")
    lines = before.split("\n")
    position = lsp.Position(len(lines) - 1, len(lines[-1]))
    params = lsp.CompletionParams(lsp.TextDocumentIdentifier(editor.uri(name)), position)
    found = await editor.client.text_document_completion_async(params)
    editor.close(name)
    return [item.label for item in found.items]


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("a.py", "x = 1  # tpkg: ignore[TPK4|", "TPK401"),
        ("b.py", "x = 1  # noqa: TPK4|", "TPK401"),
        ("c.py", 'exporter.intern("sentiment.mo|', "sentiment.model"),
        ("d.py", 'exporter.extern(["numpy.**", "sentim|"])', "sentiment.**"),
        ("e.py", 'importer.load_pickle("sentiment.model", "|', "SentimentClassifier.pkl"),
        ("f/tpkg-lint.toml", '[[package]]\nname = "a"\nactions = [\n  { intern = "sentiment.mo|', "sentiment.model"),
        ("g/tpkg-lint.toml", '[[package]]\nname = "a"\nactions = [\n  { allow|', "allow-empty"),
        ("h/tpkg-lint.toml", "res|", "respect-gitignore"),
        ("i/tpkg-lint.toml", 'select = ["TPK10|', "TPK101"),
    ],
)
async def test_completion(editor: Editor, name: str, text: str, wanted: str) -> None:
    """What belongs at the cursor is offered."""
    assert wanted in await labels(editor, name, text)


@pytest.mark.parametrize(
    ("name", "text"), [("j.py", 'print("sentim|'), ("k.py", "sentim|"), ("l/pyproject.toml", "[project]\nna|")]
)
async def test_no_completion_elsewhere(editor: Editor, name: str, text: str) -> None:
    """Other servers complete other places."""
    assert await labels(editor, name, text) == []


async def test_commands(editor: Editor) -> None:
    """Why, explain and debug information answer in plain JSON; what cannot be is an error with a reason."""
    why = plain(await editor.command("tpkg-lint.why", editor.uri(MODEL), "sentiment.training"))
    assert "sentiment.model -> sentiment.training" in why["packages"]["sentiment"]
    assert why["isIn"] is True
    absent = plain(await editor.command("tpkg-lint.why", editor.uri(MODEL), "torch.nn.modules"))
    assert absent["isIn"] is False
    assert "behind, it is part of torch.nn, which is extern" in absent["packages"]["sentiment"]
    shown = plain(await editor.command("tpkg-lint.showClosure", editor.uri(MODEL), "sentiment"))
    assert shown["html"].startswith("<!doctype html>")
    assert '["sentiment.model","sentiment.training","type-checking",' in shown["html"]
    explained = plain(await editor.command("tpkg-lint.explain", "TPK101"))
    assert explained["name"] == "no-action"
    debug = plain(await editor.command("tpkg-lint.debugInformation"))
    assert debug["workerStarts"] - debug["workersKilled"] == 1
    with pytest.raises(Exception, match="there is no rule TPK999"):
        await editor.command("tpkg-lint.explain", "TPK999")
