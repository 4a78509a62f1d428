"""Where a place of one text is in a later text: lines above an edit stay, lines below it move along."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_runtime.spec.source import Span, split_lines


class Drift:
    """The way from the spans of one text to those of another."""

    def __init__(self, before: str, after: str) -> None:
        old, new = split_lines(before), split_lines(after)
        self._new = new
        self._head = _common(old, new)
        tail = _common(old[self._head :][::-1], new[self._head :][::-1])
        self._tail_starts = len(old) - tail
        self._shift = len(new) - len(old)
        self._changed = range(self._head, len(new) - tail)

    def span(self, span: Span) -> Span | None:
        """Return where the span is now, None where its lines are gone."""
        start, end = self._line(span.line), self._line(span.end_line)
        if start is None or end is None:
            return None
        line, column = start, self._column(start, span.column)
        end_line, end_column = end, self._column(end, span.end_column)
        if (end_line, end_column) < (line, column):
            return Span(line, column, line, column)
        return Span(line, column, end_line, end_column)

    def touches(self, span: Span) -> bool:
        """Tell whether a line of the span was edited."""
        return span.end_line > self._head and span.line <= self._tail_starts

    def diagnostic(self, found: Diagnostic, path: Path) -> Diagnostic | None:
        """Return a finding with its places in `path` moved; its fix is for the earlier text and goes."""
        related = tuple(
            item if item.path != path else replace(item, span=moved)
            for item in found.related
            if (moved := self.span(item.span) if item.path == path else item.span)
        )
        stale = found.fix is not None and any(edit.path == path for edit in found.fix.edits)
        fix = None if stale else found.fix
        if found.path != path:
            return replace(found, related=related, fix=fix)
        span = self.span(found.span)
        return replace(found, span=span, related=related, fix=fix) if span else None

    def _line(self, line: int) -> int | None:
        if line <= self._head:
            return line
        if line > self._tail_starts:
            return line + self._shift
        if line - 1 in self._changed:
            return line
        return self._changed[-1] + 1 if self._changed else None

    def _column(self, line: int, column: int) -> int:
        longest = len(self._new[line - 1]) + 1 if line <= len(self._new) else 1
        return min(column, longest)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines both start with."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
