"""textDocument/documentSymbol (LSP 3.17): the packages that a file declares, with their actions and roots."""

from lsprotocol import types as lsp

from tpkg_analyzer.model.package import ActionCall, Root
from tpkg_server.documents import Document
from tpkg_server.fates import declared_in, numbers, shown
from tpkg_server.server import TpkgServer


def register(server: TpkgServer) -> None:
    """Answer from what is known already."""

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def document_symbol(
        params: lsp.DocumentSymbolParams,
    ) -> list[lsp.DocumentSymbol] | list[lsp.SymbolInformation]:
        known = await server.analysis.view(params.text_document.uri)
        if known is None:
            return []
        document, _ = known
        symbols = []
        for closure, package in declared_in(server.analysis.board.closures(), document.path):
            children = [_child(server, document, step) for step in package.steps if step.place.path == document.path]
            own = server.converter.positions.range_of(document.lines, package.declared.span)
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
        return [lsp.SymbolInformation(lsp.Location(document.uri, item.range), item.name, item.kind) for item in symbols]


def _child(server: TpkgServer, document: Document, step: ActionCall | Root) -> lsp.DocumentSymbol:
    where = server.converter.positions.range_of(document.lines, step.place.span)
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
