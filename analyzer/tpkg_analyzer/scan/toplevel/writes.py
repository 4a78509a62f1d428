"""What a function may change outside of itself: for functions that run where nobody follows them."""

import ast
from collections.abc import Iterator
from typing import Any, NamedTuple


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_READING = _words("get keys values items copy index count format join split startswith")
"""Methods that change nothing."""
_ASKING = _words(
    "all any bool dict enumerate filter frozenset getattr hasattr hash id isinstance issubclass iter len list map max "
    "min print range repr reversed set sorted str sum super tuple type zip"
)
"""Functions that change nothing of what they are given."""


class Writes(NamedTuple):
    """Names that are not its own: what they stand for may be changed, they may be bound anew, they may be called."""

    changed: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()
    changes_first: bool = False
    """Whether it may change its first parameter: the object of a method."""
    changes_given: bool = False
    """Whether it may change any of its parameters."""


def writes_of_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Writes:
    """Return what a function may change, with all functions that it makes."""
    changed: set[str] = set()
    bound: set[str] = set()
    called: set[str] = set()
    own: set[str] = set()
    for inner in ast.walk(node):
        match inner:
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                bound.update(names)
            case ast.arg(arg=name):
                own.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                own.add(name)
            case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
                changed.update(_roots(inner))
            case ast.Call(func=function, args=arguments, keywords=keywords):
                if isinstance(function, ast.Name):
                    called.add(function.id)
                elif isinstance(function, ast.Attribute) and function.attr not in _READING:
                    changed.update(_roots(function))
                if not (isinstance(function, ast.Name) and function.id in _ASKING):
                    given = (*arguments, *(keyword.value for keyword in keywords))
                    changed.update(name for value in given for name in _roots(value))
    positional = [parameter.arg for parameter in (*node.args.posonlyargs, *node.args.args)]
    others = (*node.args.kwonlyargs, node.args.vararg, node.args.kwarg)
    parameters = {*positional, *(parameter.arg for parameter in others if parameter is not None)}
    own -= bound
    return Writes(
        frozenset(changed - own),
        frozenset(bound),
        frozenset(called - own),
        changes_first=bool(positional) and positional[0] in changed,
        changes_given=not parameters.isdisjoint(changed),
    )


def names_in_term(term: Any) -> Iterator[str]:
    """Yield the names in an expression that is written down."""
    if isinstance(term, list):
        if len(term) == 2 and term[0] == "name":
            yield term[1]
        for part in term:
            yield from names_in_term(part)


def _roots(node: ast.expr) -> Iterator[str]:
    """Yield the name at which a chain of attributes and items begins."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
