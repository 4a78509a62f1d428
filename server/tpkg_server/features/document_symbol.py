"""textDocument/documentSymbol (LSP 3.17): the packages that a file declares, with their actions and roots."""

from lsprotocol import types as lsp

from tpkg_analyzer.model.package import ActionCall, Root
from tpkg_server.fates import declared_in, numbers, shown
from tpkg_server.server import TpkgServer


def register(server: TpkgServer) -> None:
    """Answer from what is known already."""

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def document_symbol(
        params: lsp.DocumentSymbolParams,
    ) -> list[lsp.DocumentSymbol] | list[lsp.SymbolInformation]:
        sheet = await server.sheet(params.text_document.uri)
        if sheet is None:
            return []
        path = sheet.document.path
        symbols = []
        for closure, package in declared_in(server.analysis.board.closures(), path):
            own = server.converter.range_in(sheet, package.declared.span)
            if own is None:
                continue
            children = [
                _child(step, where)
                for step in package.steps
                if step.place.path == path and (where := server.converter.range_in(sheet, step.place.span)) is not None
            ]
            # A parent has to enclose its children.
            whole = lsp.Range(
                min((own.start, *(item.range.start for item in children)), key=_key),
                max((own.end, *(item.range.end for item in children)), key=_key),
            )
            symbols.append(
                lsp.DocumentSymbol(
                    package.name, lsp.SymbolKind.Package, whole, own, numbers(closure), children=children
                )
            )
        if _is_hierarchical(server):
            return symbols
        return [lsp.SymbolInformation(lsp.Location(sheet.uri, item.range), item.name, item.kind) for item in symbols]


def _child(step: ActionCall | Root, where: lsp.Range) -> lsp.DocumentSymbol:
    if isinstance(step, ActionCall):
        return lsp.DocumentSymbol(shown(step), lsp.SymbolKind.Function, where, where)
    name = f"{step.module}:{step.cls}" if step.cls else step.module
    return lsp.DocumentSymbol(name, lsp.SymbolKind.Module, where, where, step.kind.value)


def _is_hierarchical(server: TpkgServer) -> bool:
    text_document = server.client_capabilities.text_document
    can = text_document.document_symbol if text_document else None
    return bool(can and can.hierarchical_document_symbol_support)


def _key(position: lsp.Position) -> tuple[int, int]:
    return position.line, position.character
