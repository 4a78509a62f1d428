"""Columns in every encoding that LSP knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as lsp

from tpkg_runtime.spec.source import Span, split_lines
from tpkg_server.positions import Positions

ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
WIDTHS = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
texts = st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from("\n\r\x0c\u2028😀é中 "), max_size=40)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=texts, data=st.data())
def test_round_trip(encoding: str, text: str, data: st.DataObject) -> None:
    """A place in code points is the offset of its code units in the encoded line, and leads back."""
    lines = split_lines(text)
    line = data.draw(st.integers(1, len(lines)))
    column = data.draw(st.integers(1, len(lines[line - 1]) + 1))
    positions = Positions(encoding)
    found = positions.range_of(lines, Span(line, column, line, column)).start
    units = len(lines[line - 1][: column - 1].encode(ENCODINGS[encoding])) // WIDTHS[encoding]
    assert found == lsp.Position(line - 1, units)
    assert positions.column_of(lines, found) == (line, column)


def test_beyond_the_text() -> None:
    """A place beyond a line is its end, one beyond the text is the end of that; half a character is before it."""
    positions = Positions("utf-16")
    assert positions.column_of(["ab", "😀x"], lsp.Position(0, 99)) == (1, 3)
    assert positions.column_of(["ab", "😀x"], lsp.Position(9, 0)) == (2, 3)
    assert positions.column_of(["ab", "😀x"], lsp.Position(1, 1)) == (2, 1)
    assert positions.range_of(["ab"], Span(7, 1, 7, 1)).start == lsp.Position(0, 2)
