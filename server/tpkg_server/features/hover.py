"""textDocument/hover (LSP 3.17): what happens to an import, what a pattern takes, what a code means."""

from lsprotocol import types as lsp

from tpkg_analyzer.model.package import ActionCall
from tpkg_runtime.spec.source import Span
from tpkg_server import prose
from tpkg_server.cursor import Cursor
from tpkg_server.fates import fate_of, fates_of
from tpkg_server.server import TpkgServer


def register(server: TpkgServer) -> None:
    """Answer from what is known already; nothing is analysed for a hover."""

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        cursor = await server.cursor(params.text_document.uri, params.position)
        found = _found(server, cursor) if cursor is not None else None
        if cursor is None or found is None:
            return None
        text, span = found
        where = server.converter.range_in(cursor.sheet, span)
        text_document = server.client_capabilities.text_document
        can = text_document.hover if text_document else None
        return lsp.Hover(server.markup(text, can.content_format if can else None), where)


def _found(server: TpkgServer, cursor: Cursor) -> tuple[str, Span] | None:
    board = server.analysis.board
    if (code := cursor.code()) is not None:
        card = next((item for item in server.analysis.rules if item.code == code[0]), None)
        return (prose.of_rule(card), code[1]) if card is not None else None
    if (reference := cursor.reference(board)) is not None:
        view = board.views[cursor.document.path]
        fates = list(fates_of(reference, view.module, board.closures()))
        return (prose.of_fates(fates, view.root), reference.origin.span) if fates else None
    if (declared := cursor.step(board)) is not None:
        closure, step = declared
        string = cursor.string()
        if isinstance(step, ActionCall):
            return prose.of_call(step, closure), string[1] if string else step.place.span
        fate = fate_of(step.module, closure)
        if fate is not None:
            return prose.of_fates([fate], cursor.document.path.parent), step.place.span
    return None
