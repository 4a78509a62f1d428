"""Operators over values."""

import ast
import operator
import posixpath
from collections.abc import Callable
from typing import Any

from tpkg_analyzer.model.package import Unknown
from tpkg_analyzer.scan.exports.enums import is_member_of, plain
from tpkg_analyzer.scan.exports.imports import is_loaded
from tpkg_analyzer.scan.exports.limits import MOST_ITEMS, fits, fits_formatting
from tpkg_analyzer.scan.exports.scalars import is_scalar, scalar
from tpkg_analyzer.scan.exports.sequences import items_of, unique
from tpkg_analyzer.scan.exports.state import Arguments, Machine, Site
from tpkg_analyzer.scan.exports.text import text_method
from tpkg_analyzer.scan.exports.values import (
    NONE,
    ClassValue,
    Either,
    External,
    FunctionValue,
    Instance,
    Items,
    Known,
    ModuleValue,
    Opaque,
    Table,
    Tensor,
    Value,
    doubt_of,
)

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_SETS = ("set", "frozenset")


def binary(machine: Machine, operation: ast.operator, left: Value, right: Value, site: Site) -> Value:
    """Return `left operation right`."""
    match left, right:
        case Known(value=first), Known(value=second):
            return _constants(operation, first, second, left, right, site)
        case Known(value=str() as template), _ if isinstance(operation, ast.Mod) and fits_formatting(template):
            return _formatted(machine, left, right, site)
        case Items(), Known(value=int(times)) if isinstance(operation, ast.Mult) and _is_short(left, times):
            return Items(left.kind, left.items * times, machine.level, left.doubt)
        case (Items() | Table(), _) | (_, Items() | Table()):
            return _collections(machine, operation, left, right, site)
        case (Tensor(), _) | (_, Tensor()):
            return Tensor()
        case Instance(cls=External(name=name)), Known(value=str()) if name.startswith("pathlib."):
            return left
        case _:
            # A path that is known is kept as its text, and only a path is divided by one.
            is_text = any(isinstance(item, Known) and isinstance(item.value, str) for item in (left, right))
            is_path = is_text and isinstance(operation, ast.Div)
            is_one = is_scalar(left) and is_scalar(right) and not is_path
            return Opaque(doubt_of(left) or doubt_of(right) or site.unknown, is_one)


def _is_short(items: Items, times: int) -> bool:
    return abs(times) <= MOST_ITEMS and times * len(items.items) <= MOST_ITEMS


def _constants(operation: ast.operator, first: Any, second: Any, left: Known, right: Known, site: Site) -> Value:
    if isinstance(operation, ast.Div) and isinstance(first, str) and isinstance(second, str):
        return Known(posixpath.join(first, second), left.place or right.place)  # paths are kept as their text
    function = _BINARY.get(type(operation))
    if function is None or not fits(operation, first, second):
        return site.opaque
    try:
        return Known(function(first, second), left.place or right.place)
    except (TypeError, ValueError, ArithmeticError):
        return site.opaque


def _formatted(machine: Machine, left: Known, right: Value, site: Site) -> Value:
    if isinstance(right, Table):
        return text_method(machine, left, "__mod__", Arguments((right,)), site)
    parts, doubt = items_of(machine, right, site) if isinstance(right, Items) else ([right], None)
    if doubt is None and all(isinstance(part, Known) for part in parts):
        try:
            return Known(left.value % tuple(part.value for part in parts if isinstance(part, Known)), left.place)
        except (TypeError, ValueError):
            return site.opaque
    return Opaque(doubt or next((cause for part in parts if (cause := doubt_of(part))), None) or site.unknown)


def _collections(machine: Machine, operation: ast.operator, left: Value, right: Value, site: Site) -> Value:
    if isinstance(left, Table) and isinstance(right, Table) and isinstance(operation, ast.BitOr):
        merged = Table(left.kind, list(left.pairs), machine.level, left.doubt)
        merged.put_all(right)
        return merged
    first, doubt = items_of(machine, left, site)
    second, other = items_of(machine, right, site)
    kind = left.kind if isinstance(left, Items) else right.kind if isinstance(right, Items) else "list"
    cause = doubt or other
    match operation:
        case ast.Add():
            items = first + second
        case ast.BitOr():
            items = unique(first + second)
        case ast.Sub() | ast.BitAnd():
            wanted = isinstance(operation, ast.BitAnd)
            values = {item.value for item in second if isinstance(item, Known)}
            items = [item for item in first if (isinstance(item, Known) and item.value in values) is wanted]
        case _:
            return Opaque(cause or site.unknown)
    if len(items) > MOST_ITEMS:
        return site.opaque
    return Items(kind, items, machine.level, cause)


def added_in_place(machine: Machine, left: Value, right: Value, site: Site) -> bool:
    """Extend a list, set or dictionary by `+=` or `|=`, which changes the object that other names may stand for."""
    if isinstance(left, Table) and isinstance(right, Table):
        left.put_all(right)
        left.doubt = left.doubt or machine.doubt_since(left.level)
        return True
    if not isinstance(left, Items) or left.kind not in ("list", "set"):
        return False
    items, doubt = items_of(machine, right, site)
    if len(left.items) + len(items) > MOST_ITEMS:
        items, doubt = [], site.unknown
    left.items = unique(left.items + items) if left.kind == "set" else left.items + items
    left.doubt = left.doubt or doubt or machine.doubt_since(left.level)
    return True


def unary(operation: ast.unaryop, value: Value, site: Site) -> Value:
    """Return `operation value`, except for `not`."""
    if isinstance(value, Known):
        try:
            match operation:
                case ast.USub():
                    return Known(-value.value)
                case ast.UAdd():
                    return Known(+value.value)
                case ast.Invert():
                    return Known(~value.value)
                case _:
                    return site.opaque
        except TypeError:
            return site.opaque
    return value if isinstance(value, Tensor) else Opaque(doubt_of(value) or site.unknown, is_scalar(value))


def compare(machine: Machine, operation: ast.cmpop, left: Value, right: Value, site: Site) -> Value:
    """Return one comparison."""
    cause: Unknown | None = doubt_of(left) or doubt_of(right)
    match operation:
        case ast.Is() | ast.IsNot():
            answer = _identical(left, right)
            if answer is None:
                return scalar(cause or site.unknown)
            return Known(answer is isinstance(operation, ast.Is))
        case ast.In() | ast.NotIn():
            inside = _contains(machine, left, right, site)
            return scalar(cause or site.unknown) if inside is None else Known(inside is isinstance(operation, ast.In))
        case _:
            pass
    is_equality = isinstance(operation, ast.Eq | ast.NotEq)
    if is_equality and isinstance(left, Instance) and is_member_of(right, left.cls) and is_member_of(left, left.cls):
        return Known((left is right) is isinstance(operation, ast.Eq))
    left, right = plain(left), plain(right)
    if isinstance(left, Known) and isinstance(right, Known):
        try:
            return Known(_COMPARED[type(operation)](left.value, right.value))
        except TypeError:
            return site.opaque
    if is_equality and {type(left), type(right)} in ({Known, Items}, {Known, Table}):
        return Known(isinstance(operation, ast.NotEq))  # constants are no collections
    named = ClassValue | FunctionValue | External | ModuleValue
    if is_equality and isinstance(left, named) and type(left) is type(right):
        return Known((left == right) is isinstance(operation, ast.Eq))
    if isinstance(left, Instance) and left is right and isinstance(operation, ast.Eq | ast.NotEq):
        return Known(isinstance(operation, ast.Eq))
    if isinstance(operation, ast.Eq | ast.NotEq) and cause is None and {type(left), type(right)} & {Known}:
        return Known(isinstance(operation, ast.NotEq)) if NONE in (left, right) else Opaque(site.unknown)
    return Opaque(cause or site.unknown, is_scalar(left) and is_scalar(right))


def _identical(left: Value, right: Value) -> bool | None:
    if isinstance(left, Opaque | Either) or isinstance(right, Opaque | Either):
        return None
    if isinstance(left, Known) and isinstance(right, Known):
        return left.value is right.value or (left.value == right.value and type(left.value) is type(right.value))
    if isinstance(left, External) != isinstance(right, External):
        external = left if isinstance(left, External) else right
        return None if isinstance(external, External) and not external.name.startswith("builtins.") else False
    return left is right or left == right


def _contains(machine: Machine, left: Value, right: Value, site: Site) -> bool | None:
    if isinstance(left, Known) and isinstance(right, Known):
        try:
            return left.value in right.value
        except (TypeError, ValueError):  # of a number in bytes that is none of a byte
            return None
    if isinstance(right, External) and right.name == "sys.modules" and isinstance(left, Known):
        return is_loaded(machine, str(left.value), site) or None
    if not isinstance(right, Items | Table):
        return None
    items, doubt = items_of(machine, right, site)
    if isinstance(left, Known) and any(isinstance(item, Known) and item.value == left.value for item in items):
        return True
    if any(item is left for item in items):
        return True
    if doubt is not None or doubt_of(left) is not None or any(doubt_of(item) is not None for item in items):
        return None
    return False
