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
