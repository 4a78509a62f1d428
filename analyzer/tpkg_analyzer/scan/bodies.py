"""What the body of a function binds in its module when somebody calls it, read from the text of the body.

That is what `toplevel.late` finds in its tree: names that are declared `global`, and ways to bind any name. The words
that may be such a way are mostly none by what is directly around them.
"""

import re
from collections.abc import Iterable

from tpkg_analyzer.scan.strings import Spans, end_of_code, end_of_string

_GLOBAL = "global"
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
    _GLOBAL: re.compile(
        r"globals(?<![\w.]globals)(?=\s*(?:[(\\#]|\)[\s)\\]*[(\\#]))(?!\(\)\.(?:get|keys|items|values|copy)\b)"
    ),
}
_STATEMENT = re.compile(r"global(?<!\wglobal)(?!\w)")
_LONGEST_LINE = 1_000
_DECLARATION = re.compile(r" *global +([a-zA-Z_]\w*(?: *, *[a-zA-Z_]\w*)*) *(?:#.*)?$", re.ASCII | re.MULTILINE)


def binding_words(source: str) -> tuple[str, ...]:
    """Return the words of a source without which no body of it binds a name of the module."""
    return tuple(word for word in _BINDING if word in source)


def bound_by_function(source: str, begin: int, end: int, strings: Spans, words: Iterable[str]) -> list[str] | None:
    """Return the names that a body declares `global`; None where it may bind any, which its tree must tell.

    `words` are the binding words of the source.
    """
    if any(_BINDING[word].search(source, begin, end) is not None for word in words):
        return None
    names: list[str] = []
    for found in _STATEMENT.finditer(source, begin, end) if _GLOBAL in words else ():
        position = found.start()
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
