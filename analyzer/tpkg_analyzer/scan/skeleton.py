"""A source without the functions that decide nothing about its imports and its top level.

Parsing is most of the cost of a scan, and most of a source are functions. A body that holds no import, binds no name of
the module and no deep expression leaves no trace in the facts of its file. Where the signature can be read from its
text as well, all of the function goes, with its neighbours of the same kind: one `pass` is left where the last of them
ends, and the line of it tells which they were. Otherwise the body is replaced by a constant on its last line. Blank
lines stand for the rest, so that every other node keeps its place.

The bodies are found by their indentation. Whatever makes that uncertain (tabs, odd line ends, quotes that cannot be
told apart line by line) keeps the body, or the file, as it is. A bracket that is still open where a body seems to end
leaves an unmatched one behind, which no parser takes; nor does one take a `pass` inside of anything, or below a
decorator. That what is left out has no syntax error must be known from elsewhere.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import NamedTuple

from tpkg_analyzer.scan.depth import may_be_deep
from tpkg_analyzer.scan.signatures import Signature, signature_of
from tpkg_analyzer.scan.strings import Spans, after_docstring, end_of_string, triple_quoted


class Part(Enum):
    """What is wanted of a source."""

    ALL = "all"
    """All facts of the file."""
    TOP_LEVEL = "top-level"
    """What importing it does: what functions import, and how deep they are nested, decides nothing."""


# What the facts of a file look for in a function's body: imports, and names that are bound from there.
_BINDING = ("global", "setattr", "__dict__")
_IMPORTS = re.compile(r"\bimport\b|__import__")
_SHORTEST_BODY = 16
_ODD = "\t\r\f\v\0"
# Begins with what is rare, so that the search passes over the rest at the speed of a memory search. Most signatures
# hold no bracket of their kind, no string and no comment, and end where the pattern says.
_DEF = re.compile(r"def +(\w+) *\((?:([^()\"'#\\]*\)(?: *-> *[\w.|]*(?:\[[\w.|, ]*\])?)? *:\n))?")
_BEFORE_DEF = frozenset({"", "async"})
_STRING = re.compile(r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*\"""")
_LONGEST_SIGNATURE = 200
_NO_PARAMETERS = "):\n"


class Function(NamedTuple):
    """A function that was left out as a whole, with what defining it looks up."""

    name: str
    line: int
    end_line: int
    column: int
    is_async: bool
    signature: Signature


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What is left of a source, and what was left out: signatures by the line of their `def`, functions by a `pass`."""

    text: str
    signatures: Mapping[int, Signature] = field(default_factory=dict)
    functions: Mapping[int, Sequence[Function]] = field(default_factory=dict)


def skeleton_of(source: str, part: Part = Part.ALL) -> Skeleton | None:
    """Return the source without what cannot matter to a part, None where nothing can be left out safely."""
    if any(character in source for character in _ODD):
        return None
    strings = triple_quoted(source)
    if strings is None:
        return None
    binding = [word for word in _BINDING if word in source]
    rest = _Rest(source)
    position = after = 0
    while (found := _DEF.search(source, position)) is not None:
        start = source.rfind("\n", 0, found.start()) + 1
        before = source[start : found.start()]
        is_certain = found[2] is not None
        opened = position = found.start(2) if is_certain else found.end()
        if before.strip(" ") not in _BEFORE_DEF or before.endswith("async"):
            continue
        if (inside := end_of_string(strings, start)) is not None:
            position = inside
            continue
        begin = found.end() if is_certain else _end_of_signature(source, opened)
        if begin is None:
            after = opened
            continue
        written = source[opened:begin]
        signature = signature_of(written) if part is Part.TOP_LEVEL or not may_be_deep(written) else None
        indent = len(before) - len(before.lstrip(" "))
        end = position = _end_of_body(source, begin, indent, strings)
        matters = (binding or part is Part.ALL) and _matters(
            source[after_docstring(source, begin, strings) : end], part, binding
        )
        end_of_code = None if matters else _end_of_code(source[begin:end], begin, strings)
        is_decorated = start > after and source.rfind(f"\n{' ' * indent}@", max(after - 1, 0), start) >= 0
        after = end
        name = found[1]
        if signature is not None and end_of_code is not None and not is_decorated and name.isascii():
            rest.leave_out(start, end_of_code, end, name, indent, bool(before.strip(" ")), signature)
            continue
        if signature is not None and written != _NO_PARAMETERS:
            rest.leave_out_signature(start, opened, begin, signature)
        if end_of_code is not None and end_of_code - begin >= _SHORTEST_BODY:
            rest.leave_out_body(begin, end_of_code, indent)
    return rest.skeleton()


class _Rest:
    """What is left of a source: whoever leaves something out goes from its beginning to its end."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._parts: list[str] = []
        self._done = 0
        self._line, self._counted = 1, 0
        self._signatures: dict[int, Signature] = {}
        self._functions: dict[int, Sequence[Function]] = {}
        self._run: list[Function] = []
        self._begin_of_run = self._end_of_code = self._end_of_run = 0

    def leave_out(
        self, start: int, end_of_code: int, end: int, name: str, column: int, is_async: bool, signature: Signature
    ) -> None:
        """Leave out a function, up to where the next code begins."""
        if not (self._run and start == self._end_of_run and column == self._run[-1].column):
            self._close_run()
            self._begin_of_run = start
        line, end_line = self._line_at(start), self._line_at(end_of_code)
        self._run.append(Function(name, line, end_line, column, is_async, signature))
        self._end_of_code, self._end_of_run = end_of_code, end

    def leave_out_signature(self, start: int, opened: int, begin: int, signature: Signature) -> None:
        """Leave out the parameters of a function whose body begins at `begin`."""
        self._close_run()
        self._signatures[self._line_at(start)] = signature
        n_lines = self._source.count("\n", opened, begin)
        self._replace(opened, begin, "\n" * (n_lines - 1) + _NO_PARAMETERS)

    def leave_out_body(self, begin: int, end_of_code: int, column: int) -> None:
        """Leave out the body of a function whose `def` is at `column`."""
        self._close_run()
        self._replace(
            begin, end_of_code, "\n" * self._source.count("\n", begin, end_of_code) + " " * (column + 1) + "0"
        )

    def skeleton(self) -> Skeleton | None:
        """Return what is left, None where that is everything."""
        self._close_run()
        if not self._parts:
            return None
        return Skeleton("".join((*self._parts, self._source[self._done :])), self._signatures, self._functions)

    def _close_run(self) -> None:
        if not self._run:
            return
        first, last = self._run[0], self._run[-1]
        left = "\n" * (last.end_line - first.line) + " " * last.column + "pass"
        self._replace(self._begin_of_run, self._end_of_code, left)
        self._functions[last.end_line] = self._run
        self._run = []

    def _replace(self, start: int, end: int, left: str) -> None:
        self._parts += (self._source[self._done : start], left)
        self._done = end

    def _line_at(self, position: int) -> int:
        self._line += self._source.count("\n", self._counted, position)
        self._counted = position
        return self._line


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


def _end_of_body(source: str, begin: int, indent: int, strings: Spans) -> int:
    """Return where the first line begins that is indented no deeper than the `def` and is more than a comment."""
    position = begin - 1
    outdented = _outdented(indent)
    while (found := outdented.search(source, position)) is not None:
        inside = end_of_string(strings, found.start() + 1)
        if inside is None:
            return found.start() + 1
        position = inside
    return len(source)


@cache
def _outdented(indent: int) -> re.Pattern[str]:
    return re.compile(rf"\n {{0,{indent}}}[^ \n#]")


def _matters(body: str, part: Part, binding: Sequence[str]) -> bool:
    """Tell whether a body must stay, by its text without its docstring; `binding` are the words that bind names."""
    if any(word in body for word in binding):
        return True
    return part is Part.ALL and (("import" in body and _IMPORTS.search(body) is not None) or may_be_deep(body))


def _end_of_code(body: str, begin: int, strings: Spans) -> int | None:
    """Return where the last statement of a body that begins at `begin` ends; None where that is not certain."""
    code = body.rstrip()
    while True:
        last = code.rfind("\n") + 1
        line = code[last:].lstrip(" ")
        if not line.startswith("#"):
            break
        if end_of_string(strings, begin + last) is not None:
            return None
        code = code[:last].rstrip()
    return None if not line or line.endswith("\\") else begin + len(code)
