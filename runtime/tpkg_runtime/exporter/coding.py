"""The coding of sources: archives hold UTF-8, and a cookie that says otherwise would be believed at load."""

import re
import tokenize
from pathlib import Path

_COOKIE = re.compile(r"^([ \t\f]*#.*?coding[:=][ \t]*)([-\w.]+)", re.ASCII)
_BLANK = re.compile(r"^[ \t\f]*(?:#.*)?$", re.ASCII)


def read_source(path: Path) -> str:
    """Return the text of a source file, in the coding that it declares. Raises SyntaxError for an unknown one."""
    with tokenize.open(path) as file:
        return file.read()


def with_utf8_cookie(source: str) -> str:
    """Return the source with its coding cookie, if it has one (PEP 263), saying UTF-8."""
    lines = source.split("\n", 2)
    for index, line in enumerate(lines[:2]):
        cookie = _COOKIE.match(line)
        if cookie is not None:
            lines[index] = f"{cookie[1]}utf-8{line[cookie.end() :]}"
            return "\n".join(lines)
        if not _BLANK.match(line.rstrip("\r")):
            break
    return source
