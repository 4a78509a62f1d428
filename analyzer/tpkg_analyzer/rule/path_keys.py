"""When two expressions of a module name the same file: the same text, or the same code about the same variables."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.index import children_of
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import BindingKind, Scope

_SAME = frozenset({"builtins.str", "pathlib.Path", "os.fspath"})
_SAME_METHODS = frozenset({"as_posix", "resolve", "absolute"})
_PURE = _SAME | {"os.path.join", "os.path.expanduser", "os.path.abspath"}
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class PathKey:
    """What names a file: equal for expressions that certainly give the same path."""

    text: str
    variables: tuple[tuple[str, Scope | None], ...] = ()
    is_constant: bool = False

    @property
    def parameter_of(self) -> cst.FunctionDef | None:
        """The function of which this is a parameter, as it was given."""
        if self.is_constant or len(self.variables) != 1 or self.variables[0][0] != self.text:
            return None
        scope = self.variables[0][1]
        if scope is None or not isinstance(scope.node, cst.FunctionDef):
            return None
        kinds = [item.kind for item in scope.bindings.get(self.text, ())]
        return scope.node if kinds == [BindingKind.PARAMETER] else None


def path_key(module: AnalyzedModule, node: cst.BaseExpression, scope: Scope, depth: int = _DEPTH) -> PathKey | None:
    """Return what tells a path from others, None for one that is another at each time."""
    while (inner := _same(module, node, scope)) is not None:
        node = inner
    text = constant_string(module, node, scope)
    if text is not None:
        return PathKey(text, is_constant=True)
    if not _is_pure(module, node, scope):
        return None
    if isinstance(node, cst.Name) and depth and (found := scope.lookup(node.value)) is not None:
        owner, bindings = found
        value = bindings[0].value if [item.kind for item in bindings] == [BindingKind.ASSIGNMENT] else None
        known = path_key(module, value, owner, depth - 1) if value is not None else None
        if known is not None:
            return known
    return PathKey(module.tree.code_for_node(node), tuple(_variables(node, scope)))


def _same(module: AnalyzedModule, node: cst.BaseExpression, scope: Scope) -> cst.BaseExpression | None:
    """Return the path that an expression only gives another form."""
    match node:
        case cst.Call(func=function, args=[cst.Arg(value=inner, keyword=None, star="")]):
            return inner if module.qualified(function, scope) in _SAME else None
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value=method)), args=[]):
            return inner if method in _SAME_METHODS else None
        case _:
            return None


def _is_pure(module: AnalyzedModule, node: cst.CSTNode, scope: Scope) -> bool:
    if isinstance(node, cst.Call) and module.qualified(node.func, scope) not in _PURE:
        return False
    return all(_is_pure(module, child, scope) for child in children_of(node))


def _variables(node: cst.CSTNode, scope: Scope) -> Iterator[tuple[str, Scope | None]]:
    """Yield the names in an expression, each with the scope that it is of; the methods of a class share `self`."""
    if isinstance(node, cst.Name):
        if node.value in ("self", "cls") and scope.enclosing_class is not None:
            yield node.value, scope.enclosing_class
        elif (found := scope.lookup(node.value)) is not None:
            yield node.value, found[0]
    elif isinstance(node, cst.Attribute):
        yield from _variables(node.value, scope)
    else:
        for child in children_of(node):
            yield from _variables(child, scope)
