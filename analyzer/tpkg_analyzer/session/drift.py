"""Where a place of one text is in a later text: lines above an edit stay, lines below it move along."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_runtime.spec.source import Span, split_lines

_MOST_PAIRS = 25_000_000
"""Where more was replaced at once, lines are not compared one by one."""
_MOST_REPLACED = 500
"""More lines than these that are all others are another text."""


class Drift:
    """The way from the spans of one text to those of another."""

    def __init__(self, before: str, after: str) -> None:
        old, new = split_lines(before), split_lines(after)
        self._new = new
        self._head = _common(old, new)
        tail = _common(old[self._head :][::-1], new[self._head :][::-1])
        self._tail_starts = len(old) - tail
        self._shift = len(new) - len(old)
        self._same: dict[int, int] = {}
        self._edited: dict[int, int] = {}
        self._compare(old[self._head : self._tail_starts], new[self._head : len(new) - tail])

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
        return any(
            self._head < line <= self._tail_starts and line not in self._same
            for line in range(span.line, span.end_line + 1)
        )

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
        return self._same.get(line, self._edited.get(line))

    def _compare(self, old: Sequence[str], new: Sequence[str]) -> None:
        """Match the lines between the first and the last difference."""
        if len(old) * len(new) > _MOST_PAIRS:
            return
        first = self._head + 1
        # Of many lines, those that occur everywhere, as empty ones, are matched with their neighbours only.
        for kind, start, end, new_start, new_end in SequenceMatcher(None, old, new).get_opcodes():
            if kind == "replace" and end - start > _MOST_REPLACED:
                continue
            found = self._same if kind == "equal" else self._edited
            for offset in range(end - start if new_end > new_start else 0):
                found[first + start + offset] = first + min(new_start + offset, new_end - 1)

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
