"""Positions: code points from 1 inside, code units of the negotiated encoding from 0 on the wire.

LSP 3.17, Position and PositionEncodingKind. Nothing else in the project counts UTF-16. Lines end at LF, CRLF and CR
only, as in Python; `str.splitlines` would also split at form feeds and U+2028.
"""

from bisect import bisect_right
from collections.abc import Sequence

from lsprotocol import types as lsp

from tpkg_runtime.spec.source import Span

_UNITS = {
    lsp.PositionEncodingKind.Utf8: ("utf-8", 1),
    lsp.PositionEncodingKind.Utf16: ("utf-16-le", 2),
    lsp.PositionEncodingKind.Utf32: ("utf-32-le", 4),
}


class Positions:
    """Converts between the two for one client."""

    def __init__(self, encoding: str = "utf-16") -> None:
        self.encoding = encoding
        self._codec, self._width = _UNITS[lsp.PositionEncodingKind(encoding)]

    def units(self, text: str) -> int:
        """Return how many code units a text has."""
        if text.isascii():
            return len(text)
        return len(text.encode(self._codec, "surrogatepass")) // self._width

    def range_of(self, lines: Sequence[str], span: Span) -> lsp.Range:
        """Return the range of a span in a text."""
        return lsp.Range(
            self._position(lines, span.line, span.column), self._position(lines, span.end_line, span.end_column)
        )

    def column_of(self, lines: Sequence[str], position: lsp.Position) -> tuple[int, int]:
        """Return line and column of a position; beyond the end of a line is its end, as LSP says."""
        if position.line >= len(lines):
            return max(len(lines), 1), len(lines[-1]) + 1 if lines else 1
        line = lines[position.line]
        if line.isascii():
            return position.line + 1, min(position.character, len(line)) + 1
        starts, at = [], 0
        for letter in line:
            starts.append(at)
            at += self.units(letter)
        # In the middle of a character is before it.
        column = bisect_right(starts, position.character) if position.character < at else len(line) + 1
        return position.line + 1, column

    def span_of(self, lines: Sequence[str], given: lsp.Range) -> Span:
        """Return the span of a range in a text."""
        line, column = self.column_of(lines, given.start)
        end_line, end_column = self.column_of(lines, given.end)
        return Span(line, column, end_line, end_column)

    def _position(self, lines: Sequence[str], line: int, column: int) -> lsp.Position:
        if line > len(lines):
            return lsp.Position(max(len(lines) - 1, 0), self.units(lines[-1]) if lines else 0)
        return lsp.Position(line - 1, self.units(lines[line - 1][: column - 1]))


def contains(span: Span, line: int, column: int) -> bool:
    """Tell whether a place lies in a span, its end included: that is where a cursor stands after a word."""
    return (span.line, span.column) <= (line, column) <= (span.end_line, span.end_column)
