"""textDocument/references (LSP 3.17): who pulls a module into a package."""

from collections.abc import Iterator

from lsprotocol import types as lsp

from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.why import importers_of
from tpkg_server.cursor import Cursor
from tpkg_server.fates import fates_of
from tpkg_server.server import TpkgServer


def register(server: TpkgServer) -> None:
    """Answer from what is known already."""

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    async def references(params: lsp.ReferenceParams) -> list[lsp.Location]:
        cursor = await server.cursor(params.text_document.uri, params.position)
        if cursor is None:
            return []
        found = []
        for closure, module in _wanted(server, cursor):
            for link in importers_of(closure, module):
                path = closure.modules[link.importer].path
                if link.reference is not None and path is not None:
                    found.append(server.converter.location(path, link.reference.origin.span))
        return [item for index, item in enumerate(found) if item not in found[:index]]


def _wanted(server: TpkgServer, cursor: Cursor) -> Iterator[tuple[Closure, str]]:
    board = server.analysis.board
    if (reference := cursor.reference(board)) is not None:
        for fate in fates_of(reference, board.views[cursor.document.path].module, board.closures()):
            yield fate.closure, fate.module
    elif (declared := cursor.step(board)) is not None and (string := cursor.string()) is not None:
        module = string[0].partition(":")[0]
        if module in declared[0].modules:
            yield declared[0], module
