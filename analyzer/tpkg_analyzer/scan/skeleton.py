"""A source without the functions that decide nothing about its imports and its top level.

Parsing is most of the cost of a scan, and most of a source are functions. One that holds no import and no deep
expression, and binds names of the module as `global` ones at most, leaves no trace in the facts of its file but these
names and what its definition looks up, which is read from its first lines. One that holds more keeps the statements of
its body that do (`statements`). What leaves no trace goes as a whole, with its neighbours of the same kind: one `pass`
is left where the last of them ends, and its line tells which they were. Blank lines stand for the rest, so that all
else keeps its place.

The bodies are found by their indentation. Whatever makes that uncertain (tabs, odd line ends, quotes that cannot be
told apart line by line) keeps the function, or the file, as it is. A bracket that is still open where a body seems to
end leaves an unmatched one behind, which no parser takes; nor does one take a `pass` inside of anything, or below a
decorator. That what is left out has no syntax error must be known from elsewhere.
"""

import ast
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from tpkg_analyzer.scan.bodies import between, binding_words, bound_by_function
from tpkg_analyzer.scan.definitions import Definition, definitions, end_of_last_statement
from tpkg_analyzer.scan.depth import may_be_deep
from tpkg_analyzer.scan.signatures import Signature, decoration_of, signature_of
from tpkg_analyzer.scan.statements import Cut, cuts_of
from tpkg_analyzer.scan.strings import Spans, after_docstring, triple_quoted


class Part(Enum):
    """What is wanted of a source."""

    ALL = "all"
    """All facts of the file."""
    TOP_LEVEL = "top-level"
    """What importing it does: what functions import, and how deep they are nested, decides nothing."""


_ODD = "\r\f\v\0"
_TABS = re.compile(r"^ *\t", re.MULTILINE)
# Begins with all letters of its word, so that the search passes over the rest at the speed of a memory search.
_IMPORT = re.compile(r"import(?:(?<!\wimport)(?!\w)|(?<=__import)__)")


class _Facts(NamedTuple):
    """What the body of a function may hold beyond the top level."""

    are_there: bool = False
    imports: Sequence[int] = ()
    """Where it may import; what else there may be is something deep."""


class Function(NamedTuple):
    """A function that was left out, with what defining it looks up."""

    name: str
    line: int
    end_line: int
    column: int
    is_async: bool
    decorators: Sequence[ast.expr]
    signature: Signature


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What is left of a source, and what was left out: functions by the line of the `pass` that stands for them."""

    text: str
    functions: Mapping[int, Sequence[Function]] = field(default_factory=dict)
    late: Set[str] = frozenset()
    """What they declare `global`."""
    whole: str = ""
    """The source, where something was left out."""


_NO_FACTS = _Facts()


def skeleton_of(source: str, part: Part = Part.ALL) -> Skeleton | None:
    """Return the source without what cannot matter to a part, None where nothing can be left out safely."""
    if any(character in source for character in _ODD) or ("\t" in source and _TABS.search(source) is not None):
        return None
    strings = triple_quoted(source)
    if strings is None:
        return None
    words = binding_words(source)
    imports = [found.start() for found in _IMPORT.finditer(source)] if part is Part.ALL else []
    late: set[str] = set()
    rest = _Rest(source, strings)
    for definition in definitions(source, strings):
        facts = _facts_in(source, definition, strings, imports) if part is Part.ALL else _NO_FACTS
        if facts is None:
            continue
        bound = () if words is None else bound_by_function(source, definition.before, definition.end, strings, words)
        end = end_of_last_statement(source, definition, strings)
        if bound is None or end is None:
            continue
        if facts.are_there:
            rest.cut(cuts_of(source, definition, end, facts.imports, strings))
        elif not rest.leave_out(definition, end):
            continue
        late.update(bound)
    return rest.skeleton(late)


def _facts_in(source: str, definition: Definition, strings: Spans, imports: list[int]) -> _Facts | None:
    """Return what the body of a function may hold, None where the function has to stay as it is.

    `imports` are where the source may import.
    """
    before, body, end = definition.before, definition.body, definition.end
    if between(imports, before, body) or may_be_deep(source[before:body]):
        return None
    code = after_docstring(source, body, strings)
    places = between(imports, code, end)
    if any(source.startswith("__", place - 2) for place in places):
        return None
    return _Facts(bool(places) or may_be_deep(source[code:end]), places)


class _Rest:
    """What is left of a source: functions are left out in their order."""

    def __init__(self, source: str, strings: Spans) -> None:
        self._source, self._strings = source, strings
        self._parts: list[str] = []
        self._done = 0
        self._line, self._counted = 1, 0
        self._functions: dict[int, Sequence[Function]] = {}
        self._run: list[Function] = []
        self._begin_of_run = self._line_of_run = self._end_of_code = self._end_of_run = 0

    def leave_out(self, definition: Definition, end_of_code: int) -> bool:
        """Leave out a function whose code ends at `end_of_code`, unless its first lines cannot be read."""
        source, column = self._source, definition.column
        signature = signature_of(source[definition.parameters : definition.body])
        decoration = decoration_of(source[definition.before : definition.start], column)
        if signature is None or decoration is None or not definition.name.isascii():
            return False
        begin = definition.start - decoration.length
        if not (self._run and begin == self._end_of_run and column == self._run[-1].column):
            self._close_run()
            self._begin_of_run, self._line_of_run = begin, self._line_at(begin)
        line, end_line = self._line_at(definition.start), self._line_at(end_of_code)
        self._run.append(
            Function(definition.name, line, end_line, column, definition.is_async, decoration.decorators, signature)
        )
        self._end_of_code, self._end_of_run = end_of_code, definition.end
        return True

    def cut(self, cuts: Iterable[Cut]) -> None:
        """Leave out ranges behind what was left out last."""
        self._close_run()
        for begin, end, left in cuts:
            self._parts += (self._source[self._done : begin], left)
            self._done = end

    def skeleton(self, late: Set[str]) -> Skeleton | None:
        """Return what is left, None where that is everything."""
        self._close_run()
        self._parts.append(self._source[self._done :])
        if len(self._parts) == 1:
            return None
        return Skeleton("".join(self._parts), self._functions, late, self._source)

    def _close_run(self) -> None:
        if self._run:
            last = self._run[-1]
            left = "\n" * (last.end_line - self._line_of_run) + " " * last.column + "pass"
            self._parts += (self._source[self._done : self._begin_of_run], left)
            self._done = self._end_of_code
            self._functions[last.end_line] = self._run
            self._run = []

    def _line_at(self, position: int) -> int:
        self._line += self._source.count("\n", self._counted, position)
        self._counted = position
        return self._line
