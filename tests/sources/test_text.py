"""A source is decoded as `tokenize` says."""

import io
import tokenize

import pytest

from tpkg_analyzer.sources.text import decode_exactly

BEGINNINGS = [
    b"",
    b"x",
    b"x\n",
    b"\n\n",
    b"x\n# coding: latin-1",
    b"# coding: latin-1\ny = '\xe9'\n",
    b"#!/bin/sh\n# -*- coding: cp1252 -*-\n'\x80'\n",
    b"x = 1\ny = 2\n# coding: latin-1\n",
    b"x = 1\r# coding: latin-1\n",
    b"\xef\xbb\xbfx = 1\n",
    b"\xef\xbb\xbf# coding: latin-1\n",
    b"'\xe9'\nx\n",
    b"x\n'\xe9'\n",
    b"x\ny\n'\xe9'\n",
    b"# coding: none\n",
    b"\0\n",
    "é = 1\n".encode(),
    "x = 1\nx = 1\né = 1".encode(),
]


@pytest.mark.parametrize("data", BEGINNINGS)
def test_text_and_encoding_are_those_of_tokenize(data: bytes) -> None:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        expected: object = data.decode(encoding), encoding
    except (SyntaxError, UnicodeDecodeError) as error:
        expected = type(error), str(error)
    found: object
    try:
        found = decode_exactly(data)
    except (SyntaxError, UnicodeDecodeError) as error:
        found = type(error), str(error)
    assert found == expected
