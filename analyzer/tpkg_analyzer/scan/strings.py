"""Where the triple-quoted strings of a source are: what looks like code on their lines is none."""

import re
import sys
from bisect import bisect_left

Spans = tuple[list[int], list[int]]
"""Where strings begin, and where they end, in order."""

_TRIPLE = ('"""', "'''")
STRING = re.compile(r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*\"""")
"""A string in single quotes, of either kind."""

# Since Python 3.12, strings in the braces of one may have its quotes: only a parser tells them from a comment.
_NESTS = sys.version_info >= (3, 12)
_NESTED = re.compile(r"""[fFtT][rR]?["'][^\n]*\{""")
_CODE = re.compile(r"""(?:[^"'#\\]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')*""")


def triple_quoted(source: str) -> Spans | None:
    """Return where the triple-quoted strings begin and end, None where that cannot be told."""
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    places = [(source.find(quotes), quotes) for quotes in _TRIPLE if quotes in source]
    while places:
        place = start, quotes = min(places)
        if start < position:
            places.remove(place)
            if (start := source.find(quotes, position)) >= 0:
                places.append((start, quotes))
            continue
        line = max(source.rfind("\n", 0, start) + 1, position)
        if _NESTS and _NESTED.search(source, line, start) is not None:
            return None
        upto = end_of_code(source, line, start)
        if upto == start:
            end = _closing(source, quotes, start + 3)
            if end is None:
                return None
            starts.append(start)
            ends.append(end)
            position = end
        elif source[upto] == "#":
            position = source.find("\n", start)
            if position < 0:
                break
        else:
            string = STRING.match(source, upto)
            if string is None:
                return None
            position = string.end()
    return starts, ends


def end_of_code(source: str, line: int, position: int) -> int:
    """Return where the comment or the string begins in which `position` lies, itself where it is in code.

    There are no triple quotes between the two, and `line`, where a line begins or a string has ended, is in code.
    """
    prefix = source[line:position]
    if not ('"' in prefix or "'" in prefix or "#" in prefix or "\\" in prefix):
        return position
    lexed = _CODE.match(prefix)
    return line + (lexed.end() if lexed is not None else 0)


def end_of_string(strings: Spans, position: int) -> int | None:
    """Return the end of the triple-quoted string in which `position` lies, None outside of all."""
    starts, ends = strings
    index = bisect_left(starts, position) - 1
    return ends[index] if index >= 0 and position < ends[index] else None


def after_docstring(source: str, begin: int, strings: Spans) -> int:
    """Return where a body goes on after a triple-quoted docstring that begins it."""
    starts, ends = strings
    index = bisect_left(starts, begin)
    if index == len(starts) or source[begin : starts[index]].strip(" \n") not in {"", "r"}:
        return begin
    return ends[index]


def _closing(source: str, quotes: str, position: int) -> int | None:
    """Return the end of a string that is closed by `quotes`."""
    while (found := source.find(quotes, position)) >= 0:
        before = found
        while source[before - 1] == "\\":
            before -= 1
        if (found - before) % 2 == 0 or before < position:
            return found + 3
        position = found + 1
    return None
