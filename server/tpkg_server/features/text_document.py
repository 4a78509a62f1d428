"""didOpen, didChange, didSave and didClose (LSP 3.17, Text Document Synchronization)."""

from lsprotocol import types as lsp

from tpkg_server.changes import changed
from tpkg_server.server import TpkgServer


def register(server: TpkgServer) -> None:
    """Follow what is open in the editor."""
    documents, analysis = server.documents, server.analysis

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def did_open(params: lsp.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        document = documents.open(item.uri, str(item.language_id), item.version, item.text)
        if document is not None:
            analysis.edited(document, wait=False)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(params: lsp.DidChangeTextDocumentParams) -> None:
        known = documents.get(params.text_document.uri)
        if known is None:
            return
        text = changed(known.text, params.content_changes, server.converter.positions)
        document = documents.change(params.text_document.uri, params.text_document.version, text)
        if document is not None and server.settings.run == "onType":
            analysis.edited(document, wait=True)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def did_save(params: lsp.DidSaveTextDocumentParams) -> None:
        document = documents.get(params.text_document.uri)
        if document is not None:
            analysis.edited(document, wait=False)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    async def did_close(params: lsp.DidCloseTextDocumentParams) -> None:
        document = documents.close(params.text_document.uri)
        if document is not None:
            analysis.closed(document)
