"""textDocument/codeLens (LSP 3.17): each package in numbers, with what one may want to do with it."""

from lsprotocol import types as lsp

from tpkg_server.fates import declared_in, numbers
from tpkg_server.server import TpkgServer


def register(server: TpkgServer) -> None:
    """Answer from what is known already."""

    @server.feature(lsp.TEXT_DOCUMENT_CODE_LENS, lsp.CodeLensOptions(resolve_provider=False))
    async def code_lens(params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        known = await server.analysis.view(params.text_document.uri)
        if known is None or not server.settings.code_lens:
            return []
        document, _ = known
        lenses = []
        for closure, package in declared_in(server.analysis.board.closures(), document.path):
            where = server.converter.positions.range_of(document.lines, package.declared.span)
            arguments = [document.uri, package.name]
            outcome = "" if closure.outcome == "ok" else f", raises {closure.outcome}"
            offered = [(numbers(closure) + outcome, "tpkg-lint.showClosure")]
            offered += [("confirm", "tpkg-lint.confirm")] if server.settings.can_confirm else []
            for title, command in offered:
                lenses.append(lsp.CodeLens(where, lsp.Command(title, command, arguments=arguments)))
        return lenses
