"""The text after changes is exactly what the editor shows, in every encoding that LSP knows."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as lsp

from tpkg_server.changes import changed
from tpkg_server.positions import Positions

WIDTHS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
LINE_END = re.compile("\r\n|\r|\n")
letters = st.characters(exclude_categories=("Cs",)) | st.sampled_from("\n\r\x0c\x0b\x1c\x85\u2028\u2029😀é中 ")
texts = st.text(letters, max_size=30)


def position(text: str, offset: int, encoding: str) -> lsp.Position:
    """Return a place as a client says it: the number of line ends before it, and the units after the last one."""
    codec, width = WIDTHS[encoding]
    ends = [found.end() for found in LINE_END.finditer(text) if found.end() <= offset]
    return lsp.Position(len(ends), len(text[max(ends, default=0) : offset].encode(codec)) // width)


@pytest.mark.parametrize("encoding", WIDTHS)
@given(text=texts, data=st.data())
def test_ranges_and_whole_texts(encoding: str, text: str, data: st.DataObject) -> None:
    """Several changes in one message, each about what the one before has left."""
    changes: list[lsp.TextDocumentContentChangeEvent] = []
    wanted = text
    for _ in range(data.draw(st.integers(1, 4))):
        put = data.draw(texts)
        if data.draw(st.integers(0, 4)) == 0:
            changes.append(lsp.TextDocumentContentChangeWholeDocument(text=put))
            wanted = put
            continue
        # No position is between the two halves of a line end.
        places = [at for at in range(len(wanted) + 1) if wanted[at - 1 : at + 1] != "\r\n" or at == 0]
        start, end = sorted((data.draw(st.sampled_from(places)), data.draw(st.sampled_from(places))))
        where = lsp.Range(position(wanted, start, encoding), position(wanted, end, encoding))
        changes.append(lsp.TextDocumentContentChangePartial(range=where, text=put))
        wanted = wanted[:start] + put + wanted[end:]
    assert changed(text, changes, Positions(encoding)) == wanted


def test_beyond_the_end() -> None:
    """A range beyond a line ends with it, one beyond the text is at its end."""

    def after(first: tuple[int, int], last: tuple[int, int]) -> str:
        where = lsp.Range(lsp.Position(*first), lsp.Position(*last))
        change = lsp.TextDocumentContentChangePartial(range=where, text="X")
        return changed("ab\r\ncd\n", [change], Positions())

    assert after((0, 1), (0, 99)) == "aX\r\ncd\n"
    assert after((1, 0), (99, 0)) == "ab\r\nX"
    assert after((99, 5), (99, 7)) == "ab\r\ncd\nX"
