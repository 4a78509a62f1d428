"""Where the functions of a source are, by their text and by their indentation.

A bracket that is still open where a body seems to end leaves an unmatched one behind, which no parser takes.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from tpkg_analyzer.scan.strings import STRING, Spans, end_of_string

# Begins with what is rare, so that the search passes over the rest at the speed of a memory search. Most signatures
# hold no bracket of their kind, no string and no comment, and end where the pattern says.
_DEF = re.compile(r"def +(\w+) *\((?:([^()\"'#\\]*\)(?: *-> *[\w.|]*(?:\[[\w.|, ]*\])?)? *:\n))?")
_LONGEST_SIGNATURE = 200


class Definition(NamedTuple):
    """A function whose body begins below its signature, with positions in the source."""

    name: str
    column: int
    is_async: bool
    before: int
    """Where its decorators are, if there are any: from here on."""
    start: int
    """Where the line of its `def` begins."""
    parameters: int
    """Where its parameters begin, behind the parenthesis."""
    body: int
    """Where the first line of its body begins."""
    end: int
    """Where the next line of code begins that is indented no deeper than the `def`."""


def definitions(source: str, strings: Spans) -> Iterator[Definition]:
    """Yield the functions of a source with known triple-quoted strings, without those in bodies of yielded ones."""
    position = after = 0
    while (found := _DEF.search(source, position)) is not None:
        start = source.rfind("\n", 0, found.start()) + 1
        before = source[start : found.start()]
        is_told = found[2] is not None
        position = parameters = found.start(2) if is_told else found.end()
        word = before.strip(" ")
        if word and (word != "async" or before.endswith("async")):
            continue
        if (inside := end_of_string(strings, start)) is not None:
            position = inside
            continue
        body = found.end() if is_told else _end_of_signature(source, parameters)
        if body is None:
            after = parameters
            continue
        column = before.index(word) if word else len(before)
        before_it = _first_decorator(source, after, start, column, strings) if after < start else start
        position = after = _end_of_body(source, body, column, strings)
        yield Definition(found[1], column, bool(word), before_it, start, parameters, body, after)


def end_of_last_statement(source: str, definition: Definition, strings: Spans) -> int | None:
    """Return where the last statement of a function ends; None where that is not certain."""
    code = source[definition.body : definition.end].rstrip()
    while True:
        last = code.rfind("\n") + 1
        line = code[last:].lstrip()
        if not line.startswith("#"):
            break
        if end_of_string(strings, definition.body + last) is not None:
            return None
        code = code[:last].rstrip()
    return None if not line or line.endswith("\\") else definition.body + len(code)


def _first_decorator(source: str, after: int, start: int, column: int, strings: Spans) -> int:
    """Return where the first line begins that may be a decorator in this column, the line of the `def` if none does."""
    position = max(after - 1, 0)
    while (found := source.find(f"\n{' ' * column}@", position, start)) >= 0:
        inside = end_of_string(strings, found + 1)
        if inside is None and not source.endswith("\\", 0, found):  # no decorator begins on a continued line
            return found + 1
        position = inside or found + 1
    return start


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
            line = STRING.sub("", line)
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


def _end_of_body(source: str, begin: int, column: int, strings: Spans) -> int:
    """Return where the first line begins that is indented no deeper than `column` and is more than a comment."""
    position = begin - 1
    outdented = _outdented(column)
    while (found := outdented.search(source, position)) is not None:
        inside = end_of_string(strings, found.start() + 1)
        if inside is None:
            return found.start() + 1
        position = inside
    return len(source)


@cache
def _outdented(column: int) -> re.Pattern[str]:
    return re.compile(rf"\n {{0,{column}}}[^ \n#]")
