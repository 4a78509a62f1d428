"""What the body of a function binds in its module when somebody calls it, read from the text of the body.

That is what `toplevel.late` finds in its tree: names that are declared `global`, and ways to bind any name. The words
that may be such a way are mostly none by what is directly around them.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from tpkg_analyzer.scan.strings import Spans, end_of_code, end_of_string

# Of a method that is called like a function, of what is done to `self` or to an attribute of something, and of an
# attribute that is named, `toplevel.late` does not think that it binds a name of the module. Each pattern begins with
# its word, so that the search passes over the rest at the speed of a memory search.
_BINDING = {
    "__dict__": re.compile(
        r"__dict__(?:(?<=\.__dict__)(?<!\w\.__dict__)(?<![\w(]\)\.__dict__)|(?<=[\s\\.][\s\\]__dict__))"
    ),
    "setattr": re.compile(
        r"setattr(?<![\w.]setattr)(?=\s*[()\\#])"
        r"(?!\((?:\s*(?:self|cls)\b|\s*[a-zA-Z_]\w*[.\[(]|\w+, (?:\"\w*\"|'\w*'),))"
    ),
}
_GLOBAL = "global"
# The word of a statement, or that of a call.
_GLOBALS = re.compile(
    r"global(?:(?<!\wglobal)(?!\w)"
    r"|s(?<![\w.]globals)(?=\s*(?:[(\\#]|\)[\s)\\]*[(\\#]))(?!\(\)\.(?:get|keys|items|values|copy)\b))"
)
_LONGEST_LINE = 1_000
_DECLARATION = re.compile(r" *global +([a-zA-Z_]\w*(?: *, *[a-zA-Z_]\w*)*) *(?:#.*)?$", re.ASCII | re.MULTILINE)


class BindingWords(NamedTuple):
    """Where a source may bind names of its module: positions in order."""

    any_name: list[int]
    """Of ways to bind any name."""
    declared: list[int]
    """Of words that look like the start of a `global` statement."""


def binding_words(source: str) -> BindingWords | None:
    """Return where the words of a source are without which no body of it binds a name; None where it has none."""
    words = [word for word in _BINDING if word in source]
    any_name = [found.start() for word in words for found in _BINDING[word].finditer(source)]
    declared: list[int] = []
    for found in _GLOBALS.finditer(source) if _GLOBAL in source else ():
        (declared if found[0] == _GLOBAL else any_name).append(found.start())
    return BindingWords(sorted(any_name), declared) if any_name or declared else None


def bound_by_function(source: str, begin: int, end: int, strings: Spans, words: BindingWords) -> list[str] | None:
    """Return the names that a body declares `global`; None where it may bind any, which its tree must tell.

    `words` are the binding words of the source.
    """
    if between(words.any_name, begin, end):
        return None
    names: list[str] = []
    for position in between(words.declared, begin, end):
        if end_of_string(strings, position) is not None:
            continue
        line = source.rfind("\n", 0, position) + 1
        if (
            source.endswith("\\\n", 0, line)
            or end_of_string(strings, line) is not None
            or position - line > _LONGEST_LINE
            or ";" in source[line:position]
        ):
            return None
        if source[end_of_code(source, line, position)] in "#'\"":
            continue
        declaration = _DECLARATION.match(source, line)
        if declaration is None:
            return None
        names += declaration[1].replace(" ", "").split(",")
    return names


def between(positions: Sequence[int], begin: int, end: int) -> Sequence[int]:
    """Return those of positions in order that lie between two places."""
    return positions[bisect_left(positions, begin) : bisect_left(positions, end)] if positions else positions
