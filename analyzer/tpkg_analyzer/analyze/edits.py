"""Applies edits to one text. Lines are counted as everywhere; the text keeps the line ends that it has."""

from collections.abc import Iterable

from tpkg_analyzer.model.diagnostic import Edit
from tpkg_runtime.spec.source import LINE_END, Span, line_starts


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return `text` with all edits made; they must not overlap. New lines end as the first line of the text does."""
    starts = line_starts(text)
    first = LINE_END.search(text)
    newline = first.group() if first else "\n"
    pieces: list[str] = []
    done = 0
    for begin, end, new in sorted((*_offsets(starts, len(text), edit.span), edit.text) for edit in edits):
        if begin < done:
            raise ValueError("edits overlap")
        pieces += [text[done:begin], new.replace("\n", newline)]
        done = end
    return "".join([*pieces, text[done:]])


def overlaps(one: Edit, other: Edit) -> bool:
    """Tell whether two edits cannot both be made: they share text, or both insert at one place."""
    if one.path != other.path:
        return False
    (begin, end), (other_begin, other_end) = _ends(one.span), _ends(other.span)
    if begin == other_begin:
        return True
    return begin < other_end and other_begin < end


def _ends(span: Span) -> tuple[tuple[int, int], tuple[int, int]]:
    return (span.line, span.column), (span.end_line, span.end_column)


def _offsets(starts: list[int], size: int, span: Span) -> tuple[int, int]:
    return _offset(starts, size, span.line, span.column), _offset(starts, size, span.end_line, span.end_column)


def _offset(starts: list[int], size: int, line: int, column: int) -> int:
    """Return where a position is; behind the last line is the end, for texts whose last line is not ended."""
    return min(starts[line - 1] + column - 1, size) if line <= len(starts) else size
