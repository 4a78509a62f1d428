"""Places follow their lines through an edit."""

import pytest

from tpkg_analyzer.session.drift import Drift
from tpkg_runtime.spec.source import Span

BEFORE = "a\nbb\nccc\ndddd\n"


@pytest.mark.parametrize(
    ("after", "line", "wanted"),
    [
        (BEFORE, 3, Span(3, 1, 3, 4)),
        ("new\n" + BEFORE, 3, Span(4, 1, 4, 4)),
        ("a\nccc\ndddd\n", 3, Span(2, 1, 2, 4)),
        ("a\nbb\nc\ndddd\n", 3, Span(3, 1, 3, 2)),
        ("a\nbb\ndddd\n", 3, None),
        ("", 3, None),
        ("x\na\nbb\ny\nccc\nz\ndddd\n", 3, Span(5, 1, 5, 4)),
        ("a\nbb\nccc\ndddd\nmore\n", 3, Span(3, 1, 3, 4)),
        ("a\r\nbb\r\nccc\r\n", 3, Span(3, 1, 3, 4)),
        ("a\nbb\x0c\u2028\nccc\n", 3, Span(3, 1, 3, 4)),
    ],
)
def test_span_moves(after: str, line: int, wanted: Span | None) -> None:
    """With its line, shortened to it, or it is gone with it."""
    assert Drift(BEFORE, after).span(Span(line, 1, line, 4)) == wanted


def test_touches() -> None:
    """Only lines that were edited are touched; those that moved are not."""
    drift = Drift(BEFORE, "x\na\nbb\nc!c\ndddd\n")
    assert [line for line in range(1, 6) if drift.touches(Span(line, 1, line, 2))] == [3]


def test_large_replacement() -> None:
    """Lines of a text that was replaced as a whole have no place in the new one; the common ends keep theirs."""
    before = "first\n" + "".join(f"old {i}\n" for i in range(3000)) + "last\n"
    after = "first\n" + "".join(f"new {i}\n" for i in range(3000)) + "last\n"
    drift = Drift(before, after)
    assert drift.span(Span(1, 1, 1, 6)) == Span(1, 1, 1, 6)
    assert drift.span(Span(3002, 1, 3002, 5)) == Span(3002, 1, 3002, 5)
    assert drift.span(Span(1500, 1, 1500, 2)) is None
