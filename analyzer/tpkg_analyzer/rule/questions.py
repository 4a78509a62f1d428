"""What code that asks whether it is in a package is told there: expressions that have one value in every package."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from tpkg_analyzer.rule.names import Names
from tpkg_runtime.spec.guards import is_type_checking

MARK = "__torch_package__"
IMPORTER = "torch_package_importer"
"""The module by which code in a package reaches its importer; no other code can import it."""
_ASKING = frozenset({"is_from_package", "is_mangled"})
NAMES = (MARK, IMPORTER, *sorted(_ASKING))
"""The names by which code asks for the package."""
WORDS = (*NAMES, "<torch_package")
"""In a source without one of these no code asks for the package."""

_LISTING = frozenset({"dir", "vars", "locals"})


class Known(Enum):
    """A value of which enough is known to answer a question."""

    TRUE = "True"
    FALSE = "False"
    NOTHING = "None"
    THING = "an object that is true"


Value: TypeAlias = Known | ast.FunctionDef | None
"""What is known of a value, or the function that it is; None where nothing is."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where an expression stands: the names it sees, the values of variables, and what calls of functions give."""

    names: Names
    variable: Callable[[str], Value]
    result: Callable[[ast.FunctionDef], Value]
    is_comprehension: bool = False


def truth(value: Value) -> bool | None:
    """Return whether a value counts as true, None where it is not known."""
    return None if value is None else value not in (Known.FALSE, Known.NOTHING)


def value_inside(node: ast.expr, around: Surroundings) -> Value:
    """Return the value of an expression in a package."""
    match node:
        case ast.Constant(value=constant):
            if isinstance(constant, bool):
                return _known(constant)
            return Known.NOTHING if constant is None else Known.THING if constant else None
        case ast.Name(id=name) if name == MARK and not around.names.binds(MARK):
            return Known.TRUE
        case ast.Name(id=name) if (value := around.variable(name)) is not None:
            return value
        case ast.Name() | ast.Attribute() if is_type_checking(node):
            return Known.FALSE
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            said = truth(value_inside(inner, around))
            return None if said is None else _known(not said)
        case ast.BoolOp(op=sign, values=parts):
            return _joined(isinstance(sign, ast.Or), [value_inside(part, around) for part in parts])
        case ast.IfExp(test=test, body=body, orelse=other):
            said = truth(value_inside(test, around))
            return None if said is None else value_inside(body if said else other, around)
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            return _compared(left, sign, right, around)
        case ast.Subscript(value=table, slice=ast.Constant(value=key)) if key == MARK:
            return Known.TRUE if ast.unparse(table) == "globals()" else None
        case ast.Call():
            return _called(node, around)
        case _:
            return None


def _called(node: ast.Call, around: Surroundings) -> Value:
    match node:
        case ast.Call(func=ast.Name(id="getattr" | "hasattr"), args=[of, ast.Constant(value=name), *_]) if name == MARK:
            return Known.TRUE if _is_own_module(of, around) else None
        case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[ast.Constant(value=key), *_]) if key == MARK:
            return Known.TRUE if ast.unparse(table) == "globals()" else None
        case ast.Call(func=ast.Attribute(value=base, attr="startswith"), args=[ast.Constant(value=str(text))]):
            return Known.TRUE if _is_own_name(base, around) and text.startswith("<torch_package") else None
        case ast.Call(func=ast.Name(id="bool"), args=[inner]):
            said = truth(value_inside(inner, around))
            return None if said is None else _known(said)
    name = around.names.resolve(node.func) or ""
    if name.startswith(("torch.package.", "tpkg_runtime.")) and name.rpartition(".")[2] in _ASKING:
        return Known.TRUE if len(node.args) == 1 and _is_own(node.args[0], around) else None
    called = value_inside(node.func, around)
    return around.result(called) if isinstance(called, ast.FunctionDef) else None


def _compared(left: ast.expr, sign: ast.cmpop, right: ast.expr, around: Surroundings) -> Value:
    match left, sign, right:
        case ast.Constant(value=text), ast.In() | ast.NotIn(), _ if text == MARK:
            found = _is_listed(right, around)
            return None if found is None else _known(found == isinstance(sign, ast.In))
        case ast.Constant(value=str(text)), ast.In() | ast.NotIn(), ast.Name():
            asks = "torch_package" in text and _is_own_name(right, around)
            return _known(isinstance(sign, ast.In)) if asks else None
        case ast.Name(), ast.Eq() | ast.NotEq(), ast.Constant(value=str()) if _is_own_name(left, around):
            return _known(isinstance(sign, ast.NotEq))
        case _, ast.Is() | ast.IsNot() | ast.Eq() | ast.NotEq(), ast.Constant(value=None | True | False as other):
            value = value_inside(left, around)
            same = None if value is None else value is _CONSTANTS[other]
            return None if same is None else _known(same == isinstance(sign, (ast.Is, ast.Eq)))
        case _:
            return None


_CONSTANTS = {None: Known.NOTHING, True: Known.TRUE, False: Known.FALSE}


def _is_listed(table: ast.expr, around: Surroundings) -> bool | None:
    """Tell whether a table of names has the mark in a package: `dir()` lists those of the function that asks."""
    match table:
        case ast.Call(func=ast.Name(id="globals"), args=[]):
            return True
        case ast.Call(func=ast.Name(id=name), args=[]) if name in _LISTING:
            return None if around.is_comprehension else around.names.parent is None
        case ast.Call(func=ast.Name(id=name), args=[of]) if name in _LISTING:
            return True if _is_own_module(of, around) else None
        case ast.Attribute(value=of, attr="__dict__"):
            return True if _is_own_module(of, around) else None
        case _:
            return None


def _is_own_module(node: ast.expr, around: Surroundings) -> bool:
    """Tell whether an expression is the module that asks."""
    match node:
        case ast.Subscript(value=table, slice=key):
            return around.names.resolve(table) == "sys.modules" and _is_own_name(key, around)
    return False


def _is_own(node: ast.expr, around: Surroundings) -> bool:
    """Tell whether an expression is the module, its name, or an object whose method asks."""
    is_self = isinstance(node, ast.Name) and node.id in around.names.own_around
    return is_self or _is_own_name(node, around) or _is_own_module(node, around)


def _is_own_name(node: ast.expr, around: Surroundings) -> bool:
    return isinstance(node, ast.Name) and node.id == "__name__" and not around.names.binds("__name__")


def _joined(is_or: bool, values: list[Value]) -> Value:
    said = [truth(value) for value in values]
    if is_or in said:
        return next(value for value, answer in zip(values, said, strict=True) if answer is is_or)
    return values[-1] if None not in said else None


def _known(answer: bool) -> Known:
    return Known.TRUE if answer else Known.FALSE
