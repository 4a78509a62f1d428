"""notebookDocument/didOpen, didChange, didSave and didClose (LSP 3.17): the code cells of a notebook are one module."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lsprotocol import types as lsp

from tpkg_server.changes import changed
from tpkg_server.documents import Cell
from tpkg_server.server import TpkgServer


@dataclass(frozen=True)
class _Notebook:
    """The cells in their order, and the texts that the client has sent of some of them."""

    order: tuple[tuple[str, bool], ...]
    """URI of each cell, and whether it is code."""
    texts: dict[str, lsp.TextDocumentItem]

    def cells(self) -> list[Cell]:
        """Return the code cells in Python."""
        found = []
        for number, (uri, is_code) in enumerate(self.order, start=1):
            item = self.texts.get(uri)
            if is_code and item is not None and item.language_id == "python":
                found.append(Cell(uri, number, item.version, item.text))
        return found


def register(server: TpkgServer) -> None:
    """Follow the notebooks that are open in the editor."""
    documents, analysis = server.documents, server.analysis
    notebooks: dict[str, _Notebook] = {}

    def put(uri: str, version: int, *, wait: bool) -> None:
        document = documents.put_notebook(uri, version, notebooks[uri].cells())
        if server.settings.run == "onType" or not wait:
            analysis.edited(document, wait=wait)

    @server.feature(lsp.NOTEBOOK_DOCUMENT_DID_OPEN)
    async def did_open(params: lsp.DidOpenNotebookDocumentParams) -> None:
        notebook = params.notebook_document
        texts = {item.uri: item for item in params.cell_text_documents}
        notebooks[notebook.uri] = _Notebook(_order(notebook.cells), texts)
        put(notebook.uri, notebook.version, wait=False)

    @server.feature(lsp.NOTEBOOK_DOCUMENT_DID_CHANGE)
    async def did_change(params: lsp.DidChangeNotebookDocumentParams) -> None:
        uri, cells = params.notebook_document.uri, params.change.cells
        known = notebooks.get(uri)
        if known is None or cells is None:
            return
        order, texts = list(known.order), dict(known.texts)
        if (structure := cells.structure) is not None:
            spliced = structure.array
            order[spliced.start : spliced.start + spliced.delete_count] = _order(spliced.cells or ())
            texts |= {item.uri: item for item in structure.did_open or ()}
            for closed in structure.did_close or ():
                texts.pop(closed.uri, None)
        for cell in cells.data or ():
            order = [(cell.document, _is_code(cell)) if name == cell.document else (name, kind) for name, kind in order]
        for content in cells.text_content or ():
            if (item := texts.get(content.document.uri)) is not None:
                texts[item.uri] = _edited(item, content)
        notebooks[uri] = replace(known, order=tuple(order), texts=texts)
        put(uri, params.notebook_document.version, wait=cells.structure is None)

    def _edited(item: lsp.TextDocumentItem, content: lsp.NotebookDocumentCellContentChanges) -> lsp.TextDocumentItem:
        text = changed(item.text, content.changes, server.converter.positions)
        return lsp.TextDocumentItem(item.uri, item.language_id, content.document.version, text)

    @server.feature(lsp.NOTEBOOK_DOCUMENT_DID_SAVE)
    async def did_save(params: lsp.DidSaveNotebookDocumentParams) -> None:
        document = documents.get(params.notebook_document.uri)
        if document is not None:
            analysis.edited(document, wait=False)

    @server.feature(lsp.NOTEBOOK_DOCUMENT_DID_CLOSE)
    async def did_close(params: lsp.DidCloseNotebookDocumentParams) -> None:
        notebooks.pop(params.notebook_document.uri, None)
        document = documents.close(params.notebook_document.uri)
        if document is not None:
            analysis.closed(document)


def _order(cells: Iterable[lsp.NotebookCell]) -> tuple[tuple[str, bool], ...]:
    return tuple((cell.document, _is_code(cell)) for cell in cells)


def _is_code(cell: lsp.NotebookCell) -> bool:
    return cell.kind == lsp.NotebookCellKind.Code
