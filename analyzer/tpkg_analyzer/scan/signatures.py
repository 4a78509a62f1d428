"""What the definition of a function looks up, read from the text of its first lines.

Signatures are most of what is left of a source without its bodies, and nearly all of them are names, constants and
subscripts, whose names tell all that `toplevel.uses` would find in their trees. What else they hold, and decorators,
of which there are few and always the same, are parsed apart.
"""

import ast
import re
from functools import lru_cache
from keyword import kwlist
from typing import NamedTuple

from tpkg_analyzer.scan.toplevel.uses import (
    Chain,
    Use,
    annotations_of,
    calls_in,
    defaults_of,
    uses_in,
)

Uses = tuple[Use, ...]


class Signature(NamedTuple):
    """Each name that must be found, with the attribute that is asked of it: in order, as `toplevel.uses` tells them."""

    defaults: Uses = ()
    annotations: Uses = ()
    calls: tuple[Chain, ...] = ()
    """What evaluating the defaults may call."""
    annotated_calls: tuple[Chain, ...] = ()
    """What evaluating the annotations may call."""


class _Parameter(NamedTuple):
    is_starred: bool
    annotations: Uses
    defaults: Uses


class Decoration(NamedTuple):
    """The decorators of a function, and the length of the text from the first of them to the `def`."""

    decorators: tuple[ast.expr, ...] = ()
    length: int = 0


_STRING = r"""(?<!\w)"[^"\\\n]*"|(?<!\w)'[^'\\\n]*'"""
_SIGNS = r"[\w\s.|\-]*"
_LISTED = r"[\w\s.|\-,]*"
# An empty tuple is no call, which a name or a bracket comes before.
_EMPTY = r"(?<![\w\])\s])\(\)|(?<=[=,|]\s)\(\)"
_INSIDE = rf"{_LISTED}(?:(?:{_STRING}){_LISTED})*"
for _ in range(4):
    _INSIDE = rf"{_LISTED}(?:(?:{_STRING}|\[{_INSIDE}\]){_LISTED})*"
_EXPRESSION = rf"{_SIGNS}(?:(?:{_STRING}|\[{_INSIDE}\]|\{{\}}|{_EMPTY}){_SIGNS})*"
_PARAMETER = re.compile(rf"\s*(?:(\*{{0,2}})[^\W\d]\w*\s*(?::({_EXPRESSION}))?(?:=({_EXPRESSION}))?|\*\s*|/\s*|)")
_NAMES = re.compile(r"[\w\s,*/]*\)\s*:\s*\Z")
_RESULT = re.compile(rf"\s*(?:->({_EXPRESSION}))?:\s*(?:#.*\s*)?")
_TOKEN = re.compile(rf"{_STRING}|(?<![\w.])(?:\.?\d[\w.]*|([^\W\d]\w*)(?:\.([^\W\d]\w*))?)")
# Attributes are told from names by the dot that comes directly before them.
_UNCERTAIN = re.compile(r"[\w\])]\s+\.|\.\s+\w|[\])\"']\.|\d\.?_*[^\W\d_]\w*\.|\d(?:and|or)\b")
_CONSTANTS = frozenset({"None", "True", "False"})
_OPERATORS = frozenset(kwlist) - _CONSTANTS
_NOTHING = Signature()
_UNDECORATED = Decoration()
# The same ones stand near each other, so that remembering all of them would save nothing more.
_SIGNATURES = 4_000
_PARTS = 20_000
_DECORATIONS = 500


@lru_cache(_SIGNATURES)
def signature_of(text: str) -> Signature | None:
    """Read a signature, from behind its opening parenthesis to the end of its last line; None for one that is odd."""
    if _NAMES.match(text) is not None:
        return _NOTHING
    return _read(text) or _parsed(text)


@lru_cache(_DECORATIONS)
def decoration_of(text: str, column: int) -> Decoration | None:
    """Read the decorators that end a text directly above a `def` in this column; None where it cannot be parsed."""
    if not text:
        return _UNDECORATED
    indented = " " * column
    above = "if 1:\n" if column else ""
    try:
        tree = ast.parse(f"{above}{text}{indented}def f(): 0")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    outer = tree.body[-1]
    last = outer.body[-1] if isinstance(outer, ast.If) and column else outer
    lines = f"{above}{text}".split("\n")
    if not isinstance(last, ast.FunctionDef) or (last.lineno, last.col_offset) != (len(lines), column):
        return None  # another one, of which only the parser knows
    first = min((decorator.lineno for decorator in last.decorator_list), default=last.lineno)
    return Decoration(tuple(last.decorator_list), sum(len(line) + 1 for line in lines[first - 1 : -1]))


def _parsed(text: str) -> Signature | None:
    try:
        tree = ast.parse(f"def f({text} 0")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef) or len(tree.body) > 1:
        return None
    defaults, annotations = defaults_of(function.args), annotations_of(function.args, function.returns)
    return Signature(
        tuple(uses_in(defaults)), tuple(uses_in(annotations)), tuple(calls_in(defaults)), tuple(calls_in(annotations))
    )


def _read(text: str) -> Signature | None:
    if not text.isascii():
        return None
    listed, _, tail = text.rpartition(")")
    last = _result_of(tail)
    if last is None:
        return None
    defaults: list[Use] = []
    annotations: list[Use] = []
    starred: list[Use] = []
    part = ""
    for piece in listed.split(","):
        part += piece
        if "[" in part and part.count("[") != part.count("]"):
            part += ","
            continue
        parameter = _parameter_of(part.strip())
        if parameter is None:
            return None
        is_starred, annotated, default = parameter
        if annotated:
            (starred if is_starred else annotations).extend(annotated)
        if default:
            defaults.extend(default)
        part = ""
    return None if part else Signature(tuple(defaults), (*annotations, *starred, *last))


@lru_cache(_PARTS)
def _parameter_of(text: str) -> _Parameter | None:
    """Read what stands between two commas of a signature."""
    found = _PARAMETER.fullmatch(text)
    if found is None:
        return None
    stars, annotation, default = found.groups("")
    annotations, defaults = _uses_in(annotation), _uses_in(default)
    if annotations is None or defaults is None:
        return None
    return _Parameter(bool(stars), annotations, defaults)


@lru_cache(_PARTS)
def _result_of(tail: str) -> Uses | None:
    """Read what follows the last parenthesis of a signature."""
    found = _RESULT.fullmatch(tail)
    return None if found is None else _uses_in(found[1] or "")


@lru_cache(_PARTS)
def _uses_in(expression: str) -> Uses | None:
    if _UNCERTAIN.search(expression):
        return None
    found = [(name, attribute or None) for name, attribute in _TOKEN.findall(expression) if name]
    if any(name in _OPERATORS for name, _ in found):
        return None
    return tuple(use for use in found if use[0] not in _CONSTANTS)
