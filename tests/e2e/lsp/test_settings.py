"""Settings of an editor, what the server says of its state, and the plan, on one small project."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from tests.e2e.lsp.client import Editor, connect, plain

SOURCE = 'import importlib\nimport other\n\nx = importlib.import_module("other")\n'
ELSEWHERE = """\
src = [".."]

[[package]]
name = "all"
modules = ["demo"]
actions = [{ intern = "other" }, { intern = "demo" }]
"""


@asynccontextmanager
async def settled(project: Path, **options: Any) -> AsyncIterator[Editor]:
    """Yield a client under some settings once everything has been looked at."""
    (project / "demo.py").write_text(SOURCE)
    status = {"serverStatusNotification": True}
    async with connect(project, options={"python": sys.executable, **options}, experimental=status) as editor:
        editor.open("demo.py")
        await editor.until(lambda: bool(editor.published))
        await editor.until_quiet()
        yield editor


def messages(editor: Editor) -> list[str]:
    """Return what the server has shown to the person."""
    return [params.message for method, params in editor.heard if method == lsp.WINDOW_SHOW_MESSAGE]


@pytest.mark.parametrize(
    ("options", "codes", "trouble"),
    [
        ({}, ["TPK101", "TPK202"], ""),
        ({"lint": {"select": ["TPK2"]}}, ["TPK202"], ""),
        ({"lint": {"ignore": ["TPK2"]}}, ["TPK101"], ""),
        ({"lint": {"ignore": ["nonsense"]}}, ["TPK101", "TPK202"], "lint settings: there is no rule `nonsense`"),
        ({"lint": {"ignore": "TPK2"}, "run": 7}, ["TPK101", "TPK202"], ""),
        ({"configuration": "elsewhere/tpkg-lint.toml"}, ["TPK202"], ""),
        ({"configuration": "nowhere.toml"}, ["TPK101", "TPK202"], "cannot read"),
        ({"python": "no-such-python"}, ["TPK101", "TPK202"], "there is no interpreter"),
    ],
)
async def test_rules_and_configuration(project: Path, options: Any, codes: list[str], trouble: str) -> None:
    """An editor's choice comes before the project's; what cannot be used changes nothing and is said."""
    (project / "elsewhere").mkdir()
    (project / "elsewhere" / "tpkg-lint.toml").write_text(ELSEWHERE)
    if "configuration" in options:
        options = {"configuration": str(project / options["configuration"])}
    async with settled(project, **options) as editor:
        assert sorted(editor.codes("demo.py")) == codes
        state = editor.states()[-1]
        assert state["health"] == ("warning" if trouble else "ok")
        assert trouble in state["message"]
        assert any(trouble in message for message in messages(editor)) or not trouble


async def test_what_cannot_be_used_is_told_once(project: Path) -> None:
    """A person sees it without opening the log, at the beginning and again whenever something else is set."""
    wrong = {"lint": {"select": 7, "ignor": []}, "run": "onTyping", "debounce": "soon", "confirm": True, "delay": None}
    # What the extension for VS Code passes on is nothing that the server has to know.
    wrong |= {"lint.select": [], "importStrategy": "useBundled", "nothing": []}
    told = (
        "tpkg-lint: `lint.select` is left at its default: Expected `array | null`, got `int`\n"
        "there is no setting `lint.ignor`; did you mean `lint.ignore`?\n"
        '`run` is left at its default: "onTyping" is not one of onType, onSave\n'
        "`debounce` is left at its default: Expected `int`, got `str`\n"
        "`confirm` is left at the defaults: expected an object, got true\n"
        "there is no setting `lint.select`; `select` belongs into an object `lint`\n"
        "there is no setting `nothing`"
    )
    async with settled(project, **wrong) as editor:
        assert messages(editor) == [told]
        push = editor.client.workspace_did_change_configuration
        push(lsp.DidChangeConfigurationParams(settings={"tpkg-lint": {"python": sys.executable, **wrong}}))
        push(lsp.DidChangeConfigurationParams(settings={"tpkg-lint": {"codeLens": False, **wrong}}))
        await editor.until(lambda: len(messages(editor)) > 1)
        # Without our section it may be what other servers are set to.
        push(lsp.DidChangeConfigurationParams(settings={"python": {"analysis": 1}, "pylsp": {}}))
        # An empty list is how Lua writes an empty object.
        push(lsp.DidChangeConfigurationParams(settings={"tpkg-lint": {"lint": [], "debounce": None}}))
        push(lsp.DidChangeConfigurationParams(settings={"tpkg-lint": {"python": "nowhere"}}))
        await editor.until(lambda: "there is no interpreter" in messages(editor)[-1])
        assert messages(editor)[:-1] == [told, told]


async def test_broken_configuration_that_was_given(project: Path) -> None:
    """It need not be open in the editor, and may have a name whose findings are shown nowhere."""
    (project / "our.toml").write_text("srcc = []\n")
    async with settled(project, configuration=str(project / "our.toml")) as editor:
        [message] = messages(editor)
        assert message.endswith("our.toml: unknown key `srcc`; did you mean `src`?")


async def test_state(project: Path) -> None:
    """A client that asked for it hears when work goes on, and at the end what the packages are in numbers."""
    async with settled(project) as editor:
        assert editor.states()[-1] == {
            "health": "ok",
            "quiescent": True,
            "message": "demo: 1 interned, 1 extern, 1 broken",
        }
        editor.type("demo.py", "import importlib\n")
        await editor.until(lambda: not editor.states()[-1]["quiescent"])
        assert (await editor.until_quiet())["message"].startswith("demo: 1 interned")


async def test_nobody_asked_for_the_state(editor: Editor) -> None:
    """A notification that no specification knows goes to nobody unasked."""
    editor.open("demo.py")
    await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])
    assert editor.states() == []


@pytest.mark.parametrize("options", [{"confirm": {"enabled": False}}, {"trusted": False}])
async def test_no_confirm(project: Path, options: Any) -> None:
    """Where it is switched off or nothing is trusted, it is neither offered nor done."""
    async with settled(project, **options) as editor:
        document = lsp.TextDocumentIdentifier(editor.uri("pyproject.toml"))
        editor.open("pyproject.toml", language="toml")
        lenses = await editor.client.text_document_code_lens_async(lsp.CodeLensParams(document))
        assert [lens.command.command for lens in lenses] == ["tpkg-lint.showClosure"]
        with pytest.raises(Exception, match="switched off"):
            await editor.command("tpkg-lint.confirm", editor.uri("demo.py"))


async def test_untrusted_interpreter(project: Path) -> None:
    """No program is started that the files of an untrusted folder bring or name."""
    for name in ("named", ".venv/bin/python"):
        program = project / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\ntouch {project}/started\nexit 1\n")
        program.chmod(0o755)
    config = project / "pyproject.toml"
    config.write_text(config.read_text().replace("[[tool", '[tool.tpkg-lint]\npython = "named"\n\n[[tool', 1))
    async with settled(project, trusted=False, python=None) as editor:
        assert sorted(editor.codes("demo.py")) == ["TPK101", "TPK202"]
        assert editor.states()[-1]["health"] == "ok"
    assert not (project / "started").exists()
    async with settled(project, python=None):
        assert (project / "started").exists()


async def test_packages_and_why(project: Path) -> None:
    """A client can offer packages and modules to choose from, and lead to each import of a chain."""
    async with settled(project) as editor:
        [package] = plain(await editor.command("tpkg-lint.packages"))
        assert package["name"] == "demo"
        assert package["uri"] == editor.uri("pyproject.toml")
        assert package["modules"] == ["demo", "importlib", "other"]
        why = plain(await editor.command("tpkg-lint.why", editor.uri("demo.py"), "other"))
        [link] = why["links"]["demo"]
        assert link == {"importer": "demo", "target": "other", "uri": editor.uri("demo.py"), "line": 1}


async def test_plan(project: Path) -> None:
    """The plan comes as configuration, as code, and as an edit that changes no more than the actions."""
    async with settled(project) as editor:
        editor.open("pyproject.toml", language="toml")
        before = (project / "pyproject.toml").read_text()
        plan = plain(await editor.command("tpkg-lint.plan", editor.uri("demo.py"), "demo"))
        assert 'intern = "other"' in plan["toml"]
        assert 'exporter.intern("other")' in plan["python"]
        assert plan["left"] == {}
        [edit] = plan["edit"]["changes"][editor.uri("pyproject.toml")]
        lines = before.split("\n")
        start, end = edit["range"]["start"], edit["range"]["end"]
        assert start["line"] >= before[: before.index("{ intern")].count("\n")
        kept = [*lines[: start["line"]], lines[start["line"]][: start["character"]] + edit["newText"]]
        kept[-1] += lines[end["line"]][end["character"] :]
        after = "\n".join([*kept, *lines[end["line"] + 1 :]])
        version = editor.type("pyproject.toml", after)
        await editor.until_version("pyproject.toml", version)
        await editor.until(lambda: editor.codes("demo.py") == ["TPK202"])
        with pytest.raises(Exception, match="there is no package other"):
            await editor.command("tpkg-lint.plan", editor.uri("demo.py"), "other")
