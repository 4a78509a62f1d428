"""textDocument/documentLink (LSP 3.17): from the code of a rule to its page, from a module's name to its file."""

from collections.abc import Iterator

from lsprotocol import types as lsp

from tpkg_analyzer.config.load import FILE_NAMES
from tpkg_analyzer.model.links import rule_url
from tpkg_analyzer.model.package import Root
from tpkg_runtime.spec.source import Span
from tpkg_server.cursor import CODE
from tpkg_server.documents import Document
from tpkg_server.server import TpkgServer


def register(server: TpkgServer) -> None:
    """Answer from what is known already."""

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_LINK, lsp.DocumentLinkOptions(resolve_provider=False))
    async def document_link(params: lsp.DocumentLinkParams) -> list[lsp.DocumentLink]:
        sheet = server.documents.sheet(params.text_document.uri)
        if sheet is None:
            return []
        text_document = server.client_capabilities.text_document
        can = text_document.document_link if text_document else None
        has_tips = bool(can and can.tooltip_support)
        return [
            lsp.DocumentLink(where, target, tip if has_tips else None)
            for span, target, tip in (*_codes(server, sheet.document), *_modules(server, sheet.document))
            if (where := server.converter.range_in(sheet, span)) is not None
        ]


def _codes(server: TpkgServer, document: Document) -> Iterator[tuple[Span, str, str]]:
    names = {card.code: card for card in server.analysis.rules}
    is_config = document.path.name in FILE_NAMES
    for number, line in enumerate(document.lines, start=1):
        if "TPK" not in line or not (is_config or "#" in line):
            continue
        for found in CODE.finditer(line, 0 if is_config else line.index("#")):
            card = names.get(found[0])
            if card is not None and (page := rule_url(card.name)) is not None:
                yield Span(number, found.start() + 1, number, found.end() + 1), page, card.summary


def _modules(server: TpkgServer, document: Document) -> Iterator[tuple[Span, str, str]]:
    for closure in server.analysis.board.closures():
        for step in closure.package.steps:
            node = closure.modules.get(step.module) if isinstance(step, Root) else None
            if step.place.path == document.path and node is not None and node.path is not None:
                yield step.place.span, server.documents.uri(node.path), f"the file of {node.name}"
