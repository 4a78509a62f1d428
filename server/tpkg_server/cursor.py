"""What stands under a cursor: an import, a string, a call of a package, a rule's code, a comment that suppresses."""

import re
from dataclasses import dataclass

from tpkg_analyzer.model.package import ActionCall, Root
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.imports import Reference
from tpkg_runtime.spec.source import Span
from tpkg_server.board import Board
from tpkg_server.documents import Document, Sheet
from tpkg_server.positions import contains

_IMPORT = re.compile(r"\s*(?:from|import)\b")
_STRING = re.compile(r'"([^"\\\n]*)"|\'([^\'\\\n]*)\'')
_OPEN_STRING = re.compile(r"""(?:^|[^\w"'])(["'])([^"'\\\n]*)$""")
CODE = re.compile(r"\bTPK\d{3}\b")
SUPPRESSION = re.compile(r"#\s*(?:tpkg:\s*ignore(?:-file)?\[|noqa:\s*)(?P<codes>[^\]#]*)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in an open document, by the lines of the whole document where it is a notebook."""

    sheet: Sheet
    line: int
    column: int

    @property
    def document(self) -> Document:
        """The document."""
        return self.sheet.document

    @property
    def text(self) -> str:
        """The line."""
        lines = self.document.lines
        return lines[self.line - 1] if self.line <= len(lines) else ""

    @property
    def before(self) -> str:
        """The line up to the cursor."""
        return self.text[: self.column - 1]

    def reference(self, board: Board) -> Reference | None:
        """Return the import under the cursor; on the words before a name, that of the first name."""
        references = board.references(self.document.path, self.document.text)
        for item in references:
            if contains(item.origin.span, self.line, self.column):
                return item
        if not _IMPORT.match(self.text):
            return None
        after = (
            item for item in references if (item.origin.span.line, item.origin.span.column) > (self.line, self.column)
        )
        return min(after, key=lambda item: item.origin.span, default=None)

    def string(self) -> tuple[str, Span] | None:
        """Return the string under the cursor, with the place of its content."""
        for found in _STRING.finditer(self.text):
            group = 1 if found[1] is not None else 2
            if found.start(group) < self.column <= found.end(group) + 1:
                start, end = found.span(group)
                return found[group], Span(self.line, start + 1, self.line, end + 1)
        return None

    def typed(self) -> str | None:
        """Return what is typed so far of the string that the cursor stands in."""
        found = _OPEN_STRING.search(_without_strings(self.before))
        return found[2] if found else None

    def span_before(self, length: int) -> Span:
        """Return the place of so many characters before the cursor."""
        return Span(self.line, self.column - length, self.line, self.column)

    def code(self) -> tuple[str, Span] | None:
        """Return the code of a rule under the cursor."""
        for found in CODE.finditer(self.text):
            if found.start() < self.column <= found.end() + 1:
                return found[0], Span(self.line, found.start() + 1, self.line, found.end() + 1)
        return None

    def step(self, board: Board) -> tuple[Closure, ActionCall | Root] | None:
        """Return the call of a package that is declared under the cursor."""
        for closure in board.closures():
            for step in closure.package.steps:
                if step.place.path == self.document.path and contains(step.place.span, self.line, self.column):
                    return closure, step
        return None


def _without_strings(text: str) -> str:
    """Blank the strings that are closed, so that the last quote is one that opens."""
    return _STRING.sub(lambda found: " " * len(found[0]), text)
