"""Places in source text."""

import ast
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LINE_END = re.compile(r"\r\n|\r|\n")
"""Where Python and LSP end a line: not at form feeds or U+2028."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of a source: lines and columns count from 1, columns in code points, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    def is_within(self, other: "Span") -> bool:
        """Tell whether the range lies in another one."""
        begins = (other.line, other.column) <= (self.line, self.column)
        return begins and (self.end_line, self.end_column) <= (other.end_line, other.end_column)


START = Span(1, 1, 1, 1)
"""The place to name where no better one is known."""


def split_lines(source: str) -> list[str]:
    """Split into lines as Python and LSP count them: at LF, CRLF and CR, not at form feeds or U+2028."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def line_starts(source: str) -> list[int]:
    """Return where each line begins, the last one too where nothing is on it."""
    return [0, *(found.end() for found in LINE_END.finditer(source))]


def first_line(node: ast.stmt) -> int:
    """Return the number of the line on which a statement begins, with its decorators."""
    first = node.lineno
    for decorator in getattr(node, "decorator_list", ()):
        first = min(first, decorator.lineno)
    return first


def lines_with(source: str, words: Iterable[str]) -> list[int]:
    """Return the numbers of the lines on which one of `words` stands, in order, as a parser counts them."""
    text = source.replace("\r\n", "\n").replace("\r", "\n") if "\r" in source else source
    found: set[int] = set()
    for word in words:
        line, counted = 1, 0
        position = text.find(word)
        while position >= 0:
            line += text.count("\n", counted, position)
            counted = position
            found.add(line)
            end = text.find("\n", position)
            position = text.find(word, end) if end >= 0 else -1
    return sorted(found)


def is_on(node: ast.AST, lines: Sequence[int]) -> bool:
    """Tell whether one of `lines`, in order, is one of a statement's, its decorators and what is below it included.

    Whatever is no statement may be on any of them: Pythons before 3.12 misplace what stands in f-strings.
    """
    if not isinstance(node, ast.stmt):
        return True
    first = first_line(node)
    index = bisect_left(lines, first)
    return index < len(lines) and lines[index] <= (node.end_lineno or first)
