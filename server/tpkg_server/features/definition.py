"""textDocument/definition (LSP 3.17): from a pattern to what it takes, from a module's name to its file."""

from collections.abc import Iterator
from pathlib import Path

from lsprotocol import types as lsp

from tpkg_analyzer.model.package import ActionCall
from tpkg_runtime.spec.globs import GlobGroup
from tpkg_server.cursor import Cursor
from tpkg_server.fates import taken_by
from tpkg_server.server import TpkgServer

_START = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))


def register(server: TpkgServer) -> None:
    """Answer from what is known already."""

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    async def definition(params: lsp.DefinitionParams) -> list[lsp.Location]:
        cursor = await server.cursor(params.text_document.uri, params.position)
        if cursor is None:
            return []
        return [lsp.Location(server.documents.uri(path), _START) for path in dict.fromkeys(_targets(server, cursor))]


def _targets(server: TpkgServer, cursor: Cursor) -> Iterator[Path]:
    declared, string = cursor.step(server.analysis.board), cursor.string()
    if declared is None:
        return
    closure, step = declared
    if isinstance(step, ActionCall):
        names = taken_by(closure, step)
        if string is not None:
            try:
                pattern = GlobGroup(string[0])
            except ValueError:
                return
            names = [name for name in names if pattern.matches(name)]
    else:
        names = [step.module]
    for name in names:
        node = closure.modules.get(name)
        if node is not None and node.path is not None:
            yield node.path
