"""textDocument/diagnostic (LSP 3.17, Pull Diagnostics)."""

import asyncio

from lsprotocol import types as lsp

from tpkg_server.server import TpkgServer, result_of

Report = lsp.RelatedFullDocumentDiagnosticReport | lsp.RelatedUnchangedDocumentDiagnosticReport


def register(server: TpkgServer) -> None:
    """Answer a client that asks for the diagnostics of a document."""
    options = lsp.DiagnosticOptions(identifier="tpkg-lint", inter_file_dependencies=True, workspace_diagnostics=False)

    server.on_initialized(server.announce_diagnostics)

    @server.feature(lsp.TEXT_DOCUMENT_DIAGNOSTIC, options)
    async def diagnostic(params: lsp.DocumentDiagnosticParams) -> Report:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            return lsp.RelatedFullDocumentDiagnosticReport(items=[])
        uri = params.text_document.uri
        server.pulling[uri] += 1
        try:
            # The client cancels a pull that the next keystroke has made useless, most of them here.
            await asyncio.sleep(server.settings.debounce / 1000)
            while (document := server.documents.get(uri)) is not None:
                if await server.analysis.look(document) is None:
                    continue
                while not (server.can_refresh_diagnostics or server.analysis.is_settled):
                    await server.wait_for_news()
                if server.documents.get(uri) is document:
                    break
            else:
                return lsp.RelatedFullDocumentDiagnosticReport(items=[])
        finally:
            server.pulling[uri] -= 1
        _, found = server.diagnostics(document.path).get(uri, (None, []))
        result = server.answered[uri] = result_of(found)
        if result == params.previous_result_id:
            return lsp.RelatedUnchangedDocumentDiagnosticReport(result_id=result)
        return lsp.RelatedFullDocumentDiagnosticReport(items=found, result_id=result)
