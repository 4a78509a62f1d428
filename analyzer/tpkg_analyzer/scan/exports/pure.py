"""Functions of the standard library that only compute: over constants they are called as they are."""

import ast
import inspect
import itertools
import json
import operator
import posixpath
import re
import shlex
import textwrap
from collections.abc import Callable
from typing import Any

from tpkg_analyzer.scan.exports.builtin import Function
from tpkg_analyzer.scan.exports.limits import LONGEST_TEXT, MOST_ITEMS
from tpkg_analyzer.scan.exports.sequences import items_of
from tpkg_analyzer.scan.exports.state import Arguments, Machine, Site
from tpkg_analyzer.scan.exports.values import NONE, Items, Known, Opaque, Table, Value, doubt_of

_KINDS: dict[str, Callable[[list[Any]], Any]] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
_MOST_RESULTS = 2000


class NotConstantError(ValueError):
    """A value is not made of constants alone."""


def constant_of(machine: Machine, value: Value, site: Site) -> Any:
    """Return the Python object that a value stands for. Raises NotConstantError."""
    match value:
        case Known(value=plain):
            return plain
        case Items(kind=kind, items=items, doubt=None):
            try:
                return _KINDS.get(kind, list)([constant_of(machine, item, site) for item in items])
            except TypeError as error:  # a list in a set
                raise NotConstantError from error
        case Table(pairs=pairs, doubt=None, of=None):
            return {constant_of(machine, key, site): constant_of(machine, item, site) for key, item in pairs}
        case _:
            raise NotConstantError


def value_of(machine: Machine, result: Any, site: Site) -> Value:
    """Return the value of a Python object that is made of constants."""
    match result:
        case str() | bytes():
            return Known(result) if len(result) <= LONGEST_TEXT else site.opaque
        case None | bool() | int() | float() | complex():
            return Known(result)
        case dict() if len(result) <= MOST_ITEMS:
            pairs = [(value_of(machine, key, site), value_of(machine, item, site)) for key, item in result.items()]
            return Table("dict", pairs, machine.level)
        case list() | tuple() | set() | frozenset() if len(result) <= MOST_ITEMS:
            return Items(type(result).__name__, [value_of(machine, item, site) for item in result], machine.level)
        case _:
            return site.opaque


def _pure(function: Callable[..., Any]) -> Function:
    def fold(machine: Machine, arguments: Arguments, site: Site) -> Value:
        given = (*arguments.positional, *(value for _, value in arguments.keywords))
        try:
            positional = [constant_of(machine, value, site) for value in arguments.positional]
            named = {name: constant_of(machine, value, site) for name, value in arguments.keywords}
        except NotConstantError:
            return Opaque(next((cause for value in given if (cause := doubt_of(value))), site.unknown))
        if arguments.doubt is not None:
            return Opaque(arguments.doubt)
        try:
            result = value_of(machine, function(*positional, **named), site)
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, SyntaxError, RecursionError):
            return site.opaque
        place = next((value.place for value in given if isinstance(value, Known) and value.place), None)
        return Known(result.value, place) if isinstance(result, Known) else result

    return fold


def _arranged(function: Callable[..., Any]) -> Function:
    """Iterators that arrange the items of others, which need not be constants."""

    def fold(machine: Machine, arguments: Arguments, site: Site) -> Value:
        columns: list[Any] = []
        for value in arguments.positional:
            if isinstance(value, Known) and not isinstance(value.value, str):
                columns.append(value.value)
                continue
            items, doubt = items_of(machine, value, site)
            if doubt is not None:
                return Opaque(doubt)
            columns.append(items)
        named = {
            name: value.value if isinstance(value, Known) and name != "fillvalue" else value
            for name, value in arguments.keywords
        }
        try:
            rows = list(itertools.islice(function(*columns, **named), _MOST_RESULTS + 1))
        except (TypeError, ValueError):
            return site.opaque
        if len(rows) > _MOST_RESULTS or arguments.doubt is not None:
            return Opaque(arguments.doubt or site.unknown)
        made: list[Value] = [Items("tuple", list(row)) if isinstance(row, tuple) else row for row in rows]
        return Items("list", made, machine.level)

    return fold


def _zip_longest(*columns: list[Value], fillvalue: Value = NONE) -> Any:
    return itertools.zip_longest(*columns, fillvalue=fillvalue)


_OPERATORS = ("add", "sub", "and_", "or_", "xor", "eq", "ne", "lt", "le", "gt", "ge", "not_", "concat", "contains")

FUNCTIONS: dict[str, Function] = {
    "textwrap.dedent": _pure(textwrap.dedent),
    "textwrap.indent": _pure(textwrap.indent),
    "inspect.cleandoc": _pure(inspect.cleandoc),
    "json.loads": _pure(json.loads),
    "json.dumps": _pure(json.dumps),
    "ast.literal_eval": _pure(ast.literal_eval),
    "shlex.split": _pure(shlex.split),
    "re.escape": _pure(re.escape),
    "os.path.basename": _pure(posixpath.basename),
    "os.path.dirname": _pure(posixpath.dirname),
    "os.path.splitext": _pure(posixpath.splitext),
    "os.path.normpath": _pure(posixpath.normpath),
    "builtins.str.maketrans": _pure(str.maketrans),
    "builtins.ord": _pure(ord),
    "builtins.chr": _pure(chr),
    "builtins.hex": _pure(hex),
    "builtins.divmod": _pure(divmod),
    "itertools.product": _arranged(itertools.product),
    "itertools.combinations": _arranged(itertools.combinations),
    "itertools.permutations": _arranged(itertools.permutations),
    "itertools.islice": _arranged(itertools.islice),
    "itertools.pairwise": _arranged(itertools.pairwise),
    "itertools.zip_longest": _arranged(_zip_longest),
    **{f"operator.{name}": _pure(getattr(operator, name)) for name in _OPERATORS},
}
