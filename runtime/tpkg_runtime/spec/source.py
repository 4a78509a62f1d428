"""Places in source text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of a source: lines and columns count from 1, columns in code points, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


START = Span(1, 1, 1, 1)
"""The place to name where no better one is known."""


def split_lines(source: str) -> list[str]:
    """Split into lines as Python and LSP count them: at LF, CRLF and CR, not at form feeds or U+2028."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
