"""Notebooks in the editor: the cells are one module, and everything is said in the cell's own terms."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types as lsp

from tests.e2e.lsp.client import PATIENCE, Editor, connect
from tests.sources.test_notebooks import notebook

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME = "train.ipynb"
CELLS = [
    "%matplotlib inline\nimport torch\nfrom torch.package import PackageExporter",
    None,
    "class Net(torch.nn.Module):\n    pass  # tpkg: ignore[TPK301]",
    "x = '😀'\nwith PackageExporter('x.pt') as exporter:\n"
    "    exporter.extern('torch.**')\n    exporter.save_pickle('a', 'b.pkl', Net())\n",
]


class NotebookEditor:
    """An editor that shows one notebook."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.uri = (editor.root / NAME).as_uri()
        self.version = 1

    def cell(self, number: int) -> str:
        """Return the URI of a cell, as VS Code makes it."""
        return f"vscode-notebook-cell:{self.editor.root / NAME}#W{number}"

    def items(self, *sources: str | None) -> tuple[list[lsp.NotebookCell], list[lsp.TextDocumentItem]]:
        """Return cells, those without a source are of prose, and the texts of the others."""
        code, prose = lsp.NotebookCellKind.Code, lsp.NotebookCellKind.Markup
        cells = [
            lsp.NotebookCell(prose if source is None else code, self.cell(number))
            for number, source in enumerate(sources, start=1)
        ]
        texts = [
            lsp.TextDocumentItem(self.cell(number), "python", 1, source)
            for number, source in enumerate(sources, start=1)
            if source is not None
        ]
        return cells, texts

    def open(self, *sources: str | None) -> None:
        """Open the notebook."""
        cells, texts = self.items(*sources)
        document = lsp.NotebookDocument(self.uri, "jupyter-notebook", self.version, cells)
        self.editor.client.notebook_document_did_open(lsp.DidOpenNotebookDocumentParams(document, texts))

    def change(self, changes: lsp.NotebookDocumentCellChanges) -> None:
        """Change cells."""
        self.version += 1
        identifier = lsp.VersionedNotebookDocumentIdentifier(version=self.version, uri=self.uri)
        event = lsp.NotebookDocumentChangeEvent(cells=changes)
        self.editor.client.notebook_document_did_change(lsp.DidChangeNotebookDocumentParams(identifier, event))

    def replace(self, number: int, where: lsp.Range, text: str) -> None:
        """Type in a cell; editors send the range."""
        document = lsp.VersionedTextDocumentIdentifier(version=self.version + 1, uri=self.cell(number))
        edit = lsp.TextDocumentContentChangePartial(range=where, text=text)
        content = lsp.NotebookDocumentCellContentChanges(document, [edit])
        self.change(lsp.NotebookDocumentCellChanges(text_content=[content]))

    def codes(self, number: int) -> list[tuple[str, int, int]]:
        """Return what was pushed last for a cell, with line and column."""
        found = self.editor.diagnostics(self.cell(number))
        return [(str(item.code), item.range.start.line, item.range.start.character) for item in found]

    def close(self) -> None:
        """Close the notebook."""
        texts = [lsp.TextDocumentIdentifier(self.cell(number)) for number in (1, 3, 4)]
        params = lsp.DidCloseNotebookDocumentParams(lsp.NotebookDocumentIdentifier(self.uri), texts)
        self.editor.client.notebook_document_did_close(params)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def editor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    """A client that knows notebooks."""
    root = tmp_path_factory.mktemp("notebooks")
    (root / "tpkg-lint.toml").write_text('select = ["TPK501", "TPK003", "TPK301", "TPK001"]\n')
    (root / NAME).write_bytes(notebook(*CELLS))
    options = {"python": sys.executable, "debounce": 10, "delay": 20, "diagnosticMode": "workspace"}
    known = lsp.NotebookDocumentClientCapabilities(lsp.NotebookDocumentSyncClientCapabilities())
    async with connect(root, options=options, notebook_document=known) as connected:
        yield connected


@pytest_asyncio.fixture(loop_scope="module")
async def shown(editor: Editor) -> AsyncIterator[NotebookEditor]:
    """The notebook, open."""
    opened = NotebookEditor(editor)
    opened.open(*CELLS)
    await editor.until(lambda: opened.codes(4) == [("TPK501", 3, 39)] and opened.codes(3) == [("TPK003", 1, 10)])
    yield opened
    opened.close()
    await editor.until(lambda: not (opened.codes(3) or opened.codes(4)))


async def test_closed_notebook_is_said_at_its_top(editor: Editor) -> None:
    """Its lines are those of no text that the client has."""
    assert editor.answer.capabilities.notebook_document_sync is not None
    await editor.until(lambda: len(editor.diagnostics(NAME)) == 2)
    places = {item.message.partition(": ")[0] for item in editor.diagnostics(NAME)}
    assert places == {"cell 3, line 2", "cell 4, line 4"}
    assert all(item.range.end == lsp.Position(0, 0) for item in editor.diagnostics(NAME))


async def test_findings_are_in_the_cells(shown: NotebookEditor) -> None:
    """Typing in one cell moves what is in it; a cell above that comes or goes leaves the rest where it is."""
    await shown.editor.until(lambda: shown.editor.diagnostics(NAME) == [])
    # In UTF-16 the emoji takes two units: what follows it is replaced, and it stays.
    shown.replace(4, lsp.Range(lsp.Position(0, 7), lsp.Position(0, 8)), "'\n\n")
    await shown.editor.until(lambda: shown.codes(4) == [("TPK501", 5, 39)])
    new = lsp.NotebookCell(lsp.NotebookCellKind.Code, shown.cell(9))
    item = lsp.TextDocumentItem(shown.cell(9), "python", 1, "y = 1  # tpkg: ignore[TPK301]\n")
    added = lsp.NotebookDocumentCellChangeStructure(lsp.NotebookCellArrayChange(0, 0, [new]), did_open=[item])
    shown.change(lsp.NotebookDocumentCellChanges(structure=added))
    await shown.editor.until(lambda: shown.codes(9) == [("TPK003", 0, 7)])
    assert shown.codes(4) == [("TPK501", 5, 39)]
    removed = lsp.NotebookDocumentCellChangeStructure(
        lsp.NotebookCellArrayChange(0, 1), did_close=[lsp.TextDocumentIdentifier(shown.cell(9))]
    )
    shown.change(lsp.NotebookDocumentCellChanges(structure=removed))
    await shown.editor.until(lambda: shown.codes(9) == [])
    assert shown.codes(4) == [("TPK501", 5, 39)]


async def test_half_typed_cell(shown: NotebookEditor) -> None:
    """The findings of other cells stay while one does not parse."""
    shown.replace(1, lsp.Range(lsp.Position(1, 0), lsp.Position(1, 0)), "def (\n")
    await shown.editor.until(lambda: [code for code, _, _ in shown.codes(1)] == ["TPK001"])
    assert shown.codes(1)[0][1] == 1
    assert shown.codes(3) == [("TPK003", 1, 10)]
    shown.replace(1, lsp.Range(lsp.Position(1, 0), lsp.Position(2, 0)), "")
    await shown.editor.until(lambda: shown.codes(1) == [])


async def test_code_actions_edit_the_cell(shown: NotebookEditor) -> None:
    """A fix is an edit of its cell; what belongs at the top of the file goes into the first cell."""
    client = shown.editor.client
    [finding] = shown.editor.diagnostics(shown.cell(3))
    params = lsp.CodeActionParams(
        lsp.TextDocumentIdentifier(shown.cell(3)), finding.range, lsp.CodeActionContext(diagnostics=[finding])
    )
    actions = {item.title: item for item in await client.text_document_code_action_async(params)}
    fix = next(item for item in actions.values() if item.is_preferred)
    [(uri, [edit])] = fix.edit.changes.items()
    assert (uri, edit.range.start, edit.new_text) == (shown.cell(3), lsp.Position(1, 8), "")
    assert "Fix all safe findings of tpkg-lint" in actions
    [(uri, [edit])] = actions["Ignore TPK003 in this file"].edit.changes.items()
    assert (uri, edit.range.start) == (shown.cell(1), lsp.Position(0, 0))


async def test_hover_and_symbols(shown: NotebookEditor) -> None:
    """What is asked in a cell is answered in its lines."""
    client, cell = shown.editor.client, lsp.TextDocumentIdentifier(shown.cell(4))

    async def settled() -> lsp.Hover:
        while (found := await client.text_document_hover_async(lsp.HoverParams(cell, lsp.Position(2, 22)))) is None:
            await asyncio.sleep(0.01)
        return found

    hover = await asyncio.wait_for(settled(), PATIENCE)
    assert "extern torch.** takes" in hover.contents.value
    assert hover.range == lsp.Range(lsp.Position(2, 21), lsp.Position(2, 29))
    [symbol] = await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(cell))
    assert symbol.name == "x"
    other = lsp.TextDocumentIdentifier(shown.cell(3))
    assert not await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(other))


async def test_notebook_opened_as_text(editor: Editor) -> None:
    """JSON is no Python, whatever the editor calls it; nothing is said of it that it does not show."""
    await editor.until(lambda: len(editor.diagnostics(NAME)) == 2)
    said = len(editor.published)
    editor.open(NAME, language="python")
    editor.open("demo.py", "def (\n")
    await editor.until(lambda: editor.codes("demo.py") == ["TPK001"])
    editor.type(NAME, "{")
    editor.close(NAME)
    editor.close("demo.py")
    await editor.until(lambda: editor.codes("demo.py") == [])
    assert [item.uri for item in editor.published[said:] if item.uri == editor.uri(NAME)] == []


async def test_cells_are_pulled(tmp_path: Path) -> None:
    """A client that pulls asks for each cell, and has a result of each."""
    (tmp_path / "tpkg-lint.toml").write_text('select = ["TPK501", "TPK003", "TPK301", "TPK001"]\n')
    known = lsp.NotebookDocumentClientCapabilities(lsp.NotebookDocumentSyncClientCapabilities())
    pull = lsp.TextDocumentClientCapabilities(diagnostic=lsp.DiagnosticClientCapabilities())
    options = {"python": sys.executable, "debounce": 10, "delay": 20}
    async with connect(tmp_path, options=options, notebook_document=known, text_document=pull) as editor:
        opened = NotebookEditor(editor)
        opened.open(*CELLS)
        first = await editor.pull(opened.cell(3))
        assert [(item.code, item.range.start.line) for item in first.items] == [("TPK003", 1)]
        assert (await editor.pull(opened.cell(1))).items == ()
        assert (await editor.pull(opened.cell(3), first.result_id)).kind == "unchanged"
