"""textDocument/inlayHint (LSP 3.17): the fate of each import beside it, the reach of each pattern beside it."""

from collections.abc import Iterator
from pathlib import Path

from lsprotocol import types as lsp

from tpkg_analyzer.model.package import ActionCall
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.source import Span
from tpkg_server.board import Board
from tpkg_server.documents import Document
from tpkg_server.fates import fates_of, shown, taken_by
from tpkg_server.server import TpkgServer


def register(server: TpkgServer) -> None:
    """Answer from what is known already."""

    @server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    async def inlay_hint(params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        sheet = await server.sheet(params.text_document.uri)
        if sheet is None or not server.settings.inlay_hints:
            return []
        document, board = sheet.document, server.analysis.board
        view = board.views[document.path]
        wanted = server.converter.span_of(sheet, params.range)
        hints = []
        for span, label, tip in (*_imports(board, document, view.module), *_patterns(board, document.path)):
            where = server.converter.range_in(sheet, span)
            if where is not None and wanted.line <= span.end_line <= wanted.end_line:
                hints.append(lsp.InlayHint(where.end, label, padding_left=True, tooltip=tip))
        return hints


def _imports(board: Board, document: Document, module: str) -> Iterator[tuple[Span, str, str]]:
    # Only where the exporter reads this file: elsewhere an import says nothing about a package.
    inside = [
        closure
        for closure in board.closures()
        if (node := closure.modules.get(module)) is not None and node.action is Action.INTERN
    ]
    for reference in board.references(document.path, document.text):
        fates = list(fates_of(reference, module, inside))
        words = list(dict.fromkeys(fate.word for fate in fates))
        if words:
            tip = "\n".join(f"{fate.closure.package.name}: {fate.module} {fate.because}" for fate in fates)
            yield reference.origin.span, "/".join(words), tip


def _patterns(board: Board, path: Path) -> Iterator[tuple[Span, str, str]]:
    for closure in board.closures():
        for step in closure.package.actions:
            if isinstance(step, ActionCall) and step.place.path == path:
                count = len(taken_by(closure, step))
                label = "1 module" if count == 1 else f"{count} modules"
                yield step.place.span, label, f"taken by {shown(step)} in package {closure.package.name}"
