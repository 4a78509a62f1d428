"""A source without the function bodies that decide nothing about its imports and its top level.

Parsing is most of the cost of a scan, and most of a source are function bodies. One that holds no import, binds no name
of the module and no deep expression leaves no trace in the facts of its file. It is replaced by blank lines and a
constant on its last line, so that every other node keeps its place.

The bodies are found by their indentation. Whatever makes that uncertain (tabs, odd line ends, quotes that cannot be
told apart line by line) keeps the body, or the file, as it is. A bracket that is still open where a body seems to end
leaves an unmatched one behind, which no parser takes. That what is left out has no syntax error must be known from
elsewhere.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache

from tpkg_analyzer.scan.signatures import Signature, signature_of


class Part(Enum):
    """What is wanted of a source."""

    ALL = "all"
    """All facts of the file."""
    TOP_LEVEL = "top-level"
    """What importing it does: what functions import, and how deep they are nested, decides nothing."""


# What the facts of a file look for in a function's body: imports, and names that are bound from there.
_BINDING = ("global", "setattr", "__dict__")
_IMPORTS = re.compile(r"\bimport\b|__import__")
# The exporter's scan bears a depth of 490; up to 200 can be statements, with two levels for each indentation. All
# others take an operator or a word each.
_MOST_LEVELS = 250
_SIGNS = b"+-*/%@&|^~<>.(["
_WORDS = ("and", "or", "not", "if", "lambda", "await", "yield")
_WORD_LEVEL = re.compile(r"\b(?:and|or|not|if|elif|lambda|await|yield)\b")
_SHORTEST_BODY = 16
_ODD = "\t\r\f\v\0"
_TRIPLE = ('"""', "'''")
# Begins with what is rare, so that the search passes over the rest at the speed of a memory search.
_DEF = re.compile(r"def +\w+ *\(")
_BEFORE_DEF = frozenset({"", "async"})
_CODE = re.compile(r"""(?:[^"'#\\]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')*""")
_STRING = re.compile(r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*\"""")
_LONGEST_SIGNATURE = 200
_NO_PARAMETERS = "):\n"

_Spans = tuple[list[int], list[int]]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What is left of a source, and the signatures that were left out, by the line of their `def`."""

    text: str
    signatures: Mapping[int, Signature]


def skeleton_of(source: str, part: Part = Part.ALL) -> Skeleton | None:
    """Return the source without what cannot matter to a part, None where nothing can be left out safely."""
    matters = _matters if part is Part.ALL else _binds
    if any(character in source for character in _ODD):
        return None
    strings = _triple_quoted(source)
    if strings is None:
        return None
    parts: list[str] = []
    signatures: dict[int, Signature] = {}
    line = 1
    done = position = counted = 0
    while (found := _DEF.search(source, position)) is not None:
        start = source.rfind("\n", 0, found.start()) + 1
        before = source[start : found.start()]
        opened = position = found.end()
        if before.strip(" ") not in _BEFORE_DEF or before.endswith("async"):
            continue
        if (inside := _end_of_string(strings, start)) is not None:
            position = inside
            continue
        indent = len(before) - len(before.lstrip(" "))
        begin = _end_of_signature(source, opened)
        if begin is None:
            continue
        written = source[opened:begin]
        signature = signature_of(written) if part is Part.TOP_LEVEL or not may_be_deep(written) else None
        if signature is not None and written != _NO_PARAMETERS:
            line += source.count("\n", counted, start)
            counted = start
            signatures[line] = signature
            parts += (source[done:opened], "\n" * (written.count("\n") - 1), _NO_PARAMETERS)
            done = begin
        end = _end_of_body(source, begin, indent, strings)
        position = end
        if end - begin < _SHORTEST_BODY or matters(source[_after_docstring(source, begin, strings) : end]):
            continue
        blank = _blank(source[begin:end], begin, indent, strings)
        if blank is not None:
            parts += (source[done:begin], blank)
            done = end
    if not parts:
        return None
    parts.append(source[done:])
    return Skeleton("".join(parts), signatures)


def _triple_quoted(source: str) -> _Spans | None:
    """Return where the triple-quoted strings begin and end, None where that cannot be told."""
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    places = {quotes: source.find(quotes) for quotes in _TRIPLE if quotes in source}
    while places:
        quotes = min(places, key=lambda kind: places[kind])
        start = places[quotes]
        if start < position:
            places[quotes] = source.find(quotes, position)
            if places[quotes] < 0:
                del places[quotes]
            continue
        prefix = source[max(source.rfind("\n", 0, start) + 1, position) : start]
        if '"' in prefix or "'" in prefix or "#" in prefix or "\\" in prefix:
            lexed = _CODE.match(prefix)
            upto = lexed.end() if lexed is not None else 0
            if upto < len(prefix):
                if prefix[upto] != "#":
                    return None
                position = source.find("\n", start)
                if position < 0:
                    break
                continue
        end = _closing(source, quotes, start + 3)
        if end is None:
            return None
        starts.append(start)
        ends.append(end)
        position = end
    return starts, ends


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


def _end_of_string(strings: _Spans, position: int) -> int | None:
    """Return the end of the triple-quoted string in which `position` lies, None outside of all."""
    starts, ends = strings
    index = bisect_left(starts, position) - 1
    return ends[index] if index >= 0 and position < ends[index] else None


def _end_of_signature(source: str, position: int) -> int | None:
    """Return where the body's first line begins, None for a body on the line of its signature and for odd ones."""
    n_open = 1
    for _ in range(_LONGEST_SIGNATURE):
        end = source.find("\n", position)
        if end < 0:
            return None
        line = source[position:end]
        if '"' in line or "'" in line:
            if '"""' in line or "'''" in line:
                return None
            line = _STRING.sub("", line)
            if '"' in line.partition("#")[0] or "'" in line.partition("#")[0]:
                return None
        line = line.partition("#")[0].rstrip()
        if line.endswith("\\"):
            return None
        n_open += line.count("(") - line.count(")") + line.count("[") - line.count("]")
        if "{" in line or "}" in line:
            n_open += line.count("{") - line.count("}")
        position = end + 1
        if n_open <= 0:
            return position if line.endswith(":") and not n_open else None
    return None


def _end_of_body(source: str, begin: int, indent: int, strings: _Spans) -> int:
    """Return where the first line begins that is indented no deeper than the `def` and is more than a comment."""
    position = begin - 1
    outdented = _outdented(indent)
    while (found := outdented.search(source, position)) is not None:
        inside = _end_of_string(strings, found.start() + 1)
        if inside is None:
            return found.start() + 1
        position = inside
    return len(source)


@cache
def _outdented(indent: int) -> re.Pattern[str]:
    return re.compile(rf"\n {{0,{indent}}}[^ \n#]")


def _after_docstring(source: str, begin: int, strings: _Spans) -> int:
    """Return where a body goes on after a triple-quoted docstring that begins it."""
    starts, ends = strings
    index = bisect_left(starts, begin)
    if index == len(starts) or source[begin : starts[index]].strip(" \n") not in {"", "r"}:
        return begin
    return ends[index]


def _matters(body: str) -> bool:
    """Tell whether a body must stay, by its text without its docstring."""
    return ("import" in body and _IMPORTS.search(body) is not None) or _binds(body) or may_be_deep(body)


def _binds(body: str) -> bool:
    """Tell whether a body may bind names of its module."""
    return any(word in body for word in _BINDING)


def may_be_deep(text: str) -> bool:
    """Tell whether a text may hold an expression too deep for the exporter's scan; most texts certainly do not."""
    if len(text) < 2 * _MOST_LEVELS:
        return False
    data = text.encode("utf-8", "surrogatepass")
    n_signs = len(data) - len(data.translate(None, _SIGNS))
    if n_signs > _MOST_LEVELS:
        return True
    # Letters are counted much faster than words, and are mostly few enough already.
    n_letters = sum(map(text.count, _WORDS))
    return n_signs + n_letters > _MOST_LEVELS and n_signs + len(_WORD_LEVEL.findall(text)) > _MOST_LEVELS


def _blank(body: str, begin: int, indent: int, strings: _Spans) -> str | None:
    """Return as many blank lines, with a statement where the body's last one ends; None where that is not certain."""
    code = body.rstrip()
    while True:
        last = code.rfind("\n") + 1
        line = code[last:].lstrip(" ")
        if not line.startswith("#"):
            break
        if _end_of_string(strings, begin + last) is not None:
            return None
        code = code[:last].rstrip()
    if not line or line.endswith("\\"):
        return None
    n_before = code.count("\n")
    return "\n" * n_before + " " * (indent + 1) + "0" + body[len(code) :].count("\n") * "\n"
