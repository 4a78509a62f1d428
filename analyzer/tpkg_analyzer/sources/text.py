"""From the bytes of a Python file to its text, as the exporter gets it."""

import io
import tokenize


def decode_source(data: bytes) -> str:
    """Decode by byte order mark and coding cookie (PEP 263), make all line ends LF, end the last line.

    Follows linecache, from which torch.package takes sources. Raises SyntaxError for an unknown coding and
    UnicodeDecodeError for bytes that it does not have.
    """
    text = data.decode(_encoding_of(data))
    if "\r" in text:  # a search for one letter is many times as fast as one for two
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if not text or text.endswith("\n") else text + "\n"


def decode_exactly(data: bytes) -> tuple[str, str]:
    """Decode as it is, line ends and all, and return the text with the encoding that gives the same bytes back.

    Raises SyntaxError and UnicodeDecodeError as `decode_source` does.
    """
    encoding = _encoding_of(data)
    return data.decode(encoding), encoding


def declared_coding(text: str) -> str:
    """Return the coding that the text of a Python file declares (PEP 263), else UTF-8. Raises SyntaxError."""
    if "coding" not in text[:400]:
        return "utf-8"
    return tokenize.detect_encoding(io.BytesIO(text.encode(errors="replace")).readline)[0]


def _encoding_of(data: bytes) -> str:
    # Most files begin with two lines that declare nothing, and asking the library takes longer than decoding them.
    beginning = data[: data.find(b"\n", data.find(b"\n") + 1) + 1] or data
    if b"coding" not in beginning and beginning.isascii():
        return "utf-8"
    return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
