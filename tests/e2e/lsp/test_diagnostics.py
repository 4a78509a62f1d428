"""Findings reach the editor: pushed or pulled, at the right columns, for the text that is there now."""

from pathlib import Path

import pytest
from lsprotocol import types as lsp

from tests.e2e.lsp.client import Editor, connect

HOST_IMPORT = 'import importlib\n\nx = "😀"; m = importlib.import_module("other")\n'


async def test_findings_on_open_change_and_save(editor: Editor) -> None:
    """The closure's finding comes on open; an edit brings one more; what is mended goes."""
    editor.open("demo.py")
    await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])
    assert editor.diagnostics("demo.py")[0].range == lsp.Range(lsp.Position(1, 7), lsp.Position(1, 12))
    version = editor.type("demo.py", HOST_IMPORT)
    assert [item.code for item in await editor.until_version("demo.py", version)] == ["TPK202"]
    version = editor.type("demo.py", "import importlib\n")
    editor.save("demo.py")
    assert await editor.until_version("demo.py", version) == []


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 16), ("utf-16", 14), ("utf-32", 13)])
async def test_column_after_an_emoji(
    project: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, column: int
) -> None:
    """LSP counts in the units that were agreed on."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / ".cache"))
    async with connect(project, encodings=[encoding]) as editor:
        assert editor.answer.capabilities.position_encoding == encoding
        editor.open("demo.py", HOST_IMPORT)
        [found] = await editor.until_version("demo.py", 1)
        assert found.range.start == lsp.Position(2, column)


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 16), ("utf-16", 14), ("utf-32", 13)])
async def test_edits_are_ranges(project: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, column: int) -> None:
    """What a client sends of each edit is put where it belongs, behind an emoji and a line that only Python splits."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / ".cache"))
    async with connect(project, encodings=[encoding]) as editor:
        editor.open("demo.py", HOST_IMPORT.replace("import importlib\n", "import importlib  # \u2028 \x0c\r\n"))
        await editor.until_version("demo.py", 1)
        end = column + len('importlib.import_module("')
        editor.replace("demo.py", lsp.Range(lsp.Position(2, end), lsp.Position(2, end + 5)), "none")
        editor.replace("demo.py", lsp.Range(lsp.Position(2, end), lsp.Position(2, end + 4)), "other")
        version = editor.replace("demo.py", lsp.Range(lsp.Position(1, 0), lsp.Position(1, 0)), "y = 1\r\n")
        [found] = await editor.until_version("demo.py", version)
        assert found.range.start == lsp.Position(3, column)
        assert '("other")' in found.message


async def test_fix_all_on_save(editor: Editor) -> None:
    """What is asked for before a file is saved is about the text as it is, not as it was at the last look."""
    editor.open("demo.py")
    await editor.until(lambda: bool(editor.published))
    editor.type("demo.py", 'import importlib\nimport other\n\nx = importlib.import_module("other")\n')
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(4, 0))
    context = lsp.CodeActionContext(diagnostics=[], only=["source.fixAll.tpkg"])
    document = lsp.TextDocumentIdentifier(editor.uri("demo.py"))
    [action] = await editor.client.text_document_code_action_async(lsp.CodeActionParams(document, whole, context))
    [[edit]] = action.edit.changes.values()
    assert edit.new_text == "import other as x"


async def test_fix_all_leaves_for_later_what_waits(editor: Editor) -> None:
    """A pattern that matches nothing is removed when nothing else is to be done, as `--fix` does."""
    rows = 'e.extern("never.**")', 'e.deny("os")', 'e.save_module("other")'
    export = 'from torch.package import PackageExporter\n\nwith PackageExporter("o.pt") as e:\n'
    editor.open("demo.py", export + "".join(f"    {row}\n" for row in rows))
    await editor.until(lambda: any(len(item.diagnostics) == 2 for item in editor.published))
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(6, 0))
    context = lsp.CodeActionContext(diagnostics=[], only=["source.fixAll.tpkg"])
    document = lsp.TextDocumentIdentifier(editor.uri("demo.py"))
    [action] = await editor.client.text_document_code_action_async(lsp.CodeActionParams(document, whole, context))
    [[edit]] = action.edit.changes.values()
    assert (edit.range.start.line, edit.new_text) == (4, "")
