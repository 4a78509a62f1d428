"""textDocument/codeLens (LSP 3.17): each package in numbers, with what one may want to do with it."""

from lsprotocol import types as lsp

from tpkg_server.fates import declared_in, numbers
from tpkg_server.server import TpkgServer


def register(server: TpkgServer) -> None:
    """Answer from what is known already."""

    @server.feature(lsp.TEXT_DOCUMENT_CODE_LENS, lsp.CodeLensOptions(resolve_provider=False))
    async def code_lens(params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        sheet = await server.sheet(params.text_document.uri)
        if sheet is None or not server.settings.code_lens:
            return []
        lenses = []
        for closure, package in declared_in(server.analysis.board.closures(), sheet.document.path):
            where = server.converter.range_in(sheet, package.declared.span)
            if where is None:
                continue
            arguments = [sheet.uri, package.name]
            outcome = "" if closure.outcome == "ok" else f", raises {closure.outcome}"
            offered = [(numbers(closure) + outcome, "tpkg-lint.showClosure")]
            offered += [("confirm", "tpkg-lint.confirm")] if server.settings.can_confirm else []
            for title, command in offered:
                lenses.append(lsp.CodeLens(where, lsp.Command(title, command, arguments=arguments)))
        return lenses
