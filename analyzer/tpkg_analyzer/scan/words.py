"""All names that occur in a file: what no rule looks for needs no closer look."""

import re
from string import ascii_letters, digits

WORDS_VERSION = 1
"""Raised whenever the same bytes have other words: it is part of the key under which they are kept."""

_WORD = re.compile(r"[A-Za-z_]\w*")
_BETWEEN_WORDS = bytes(
    code if code > 127 or chr(code) in f"{digits}{ascii_letters}_" else ord(" ") for code in range(256)
)


def words_of_ascii(source: str) -> frozenset[str]:
    """Return what the pattern finds in a source without letters beyond ASCII."""
    return frozenset(source.encode().translate(_BETWEEN_WORDS).decode().split())


def words_in(source: str) -> str:
    """Return what the pattern finds in a source, each once and apart by blanks, by ways that Python has in C.

    Letters beyond ASCII stay together with what is around them, and the pattern looks at these few pieces only. A
    number keeps the letters that follow it, which can be the end of a number or a keyword: no name follows one
    directly.
    """
    data = source.encode("utf-8", "surrogatepass")
    pieces = dict.fromkeys(data.translate(_BETWEEN_WORDS).split())
    if not data.isascii():
        odd = b" ".join(piece for piece in pieces if not piece.isascii()).decode("utf-8", "surrogatepass")
        words = [word.encode("utf-8", "surrogatepass") for word in _WORD.findall(odd)]
        pieces = dict.fromkeys([*filter(bytes.isascii, pieces), *words])
    return b" ".join(pieces).decode("utf-8", "surrogatepass")
