"""One pass over a module's tree: scopes with their bindings, and the nodes that rules ask for, each with its scope."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import NamedTuple

import libcst as cst

from tpkg_analyzer.rule.scopes import Binding, BindingKind, Scope, ScopeKind, identifier
from tpkg_runtime.spec.imports import absolute_name

# The types of nodes are compared by identity: nodes are abstract base classes, which makes isinstance slow.
_LAYOUT = frozenset(
    {
        *(cst.SimpleWhitespace, cst.ParenthesizedWhitespace, cst.EmptyLine, cst.TrailingWhitespace),
        *(cst.Comma, cst.Semicolon, cst.MaybeSentinel, type(None), str, bool, int),
    }
)
_PLAIN = frozenset({cst.Name, cst.SimpleString, cst.Integer, cst.Float, cst.Imaginary, cst.Ellipsis, cst.Dot, cst.Pass})
_WITH_BODY = frozenset({cst.FunctionDef, cst.Lambda, cst.ClassDef})
_BINDING = _WITH_BODY | {
    *(cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp, cst.Import, cst.ImportFrom),
    *(cst.Assign, cst.AnnAssign, cst.NamedExpr, cst.AugAssign, cst.For, cst.CompFor, cst.WithItem),
    *(cst.ExceptHandler, cst.ExceptStarHandler, cst.MatchAs, cst.MatchStar, cst.Del),
}
_LAYOUT_FIELDS = (
    "whitespace",
    "leading_lines",
    "lines_after",
    "lpar",
    "rpar",
    "lbracket",
    "rbracket",
    "lbrace",
    "rbrace",
    "comma",
    "semicolon",
    "header",
    "footer",
    "operator",
    "equal",
    "dot",
    "indent",
    "newline",
)


class Site(NamedTuple):
    """A node and the scope that it is evaluated in."""

    node: cst.CSTNode
    scope: Scope


class Index:
    """The scopes and sites of one module. `package` is what its relative imports start from."""

    def __init__(self, tree: cst.Module, module: str, package: str) -> None:
        self.module = module
        self.package = package
        self.top = Scope(ScopeKind.MODULE, tree, None, "")
        self.sites: dict[type[cst.CSTNode], list[Site]] = defaultdict(list)
        self.parents: dict[cst.CSTNode, cst.CSTNode] = {}
        stack: list[Site] = [Site(tree, self.top)]
        while stack:
            node, scope = stack.pop()
            kind = type(node)
            self.sites[kind].append(Site(node, scope))
            if kind in _PLAIN:
                continue
            inner = self._enter(node, scope) if kind in _BINDING else scope
            below = list(children_of(node))
            for child in below:
                self.parents[child] = node
            below.reverse()
            if inner is scope or kind not in _WITH_BODY:
                stack += [Site(child, inner) for child in below]
            else:
                body = getattr(node, "body", None)
                stack += [Site(child, inner if child is body else scope) for child in below]

    def _enter(self, node: cst.CSTNode, scope: Scope) -> Scope:
        match node:
            case cst.FunctionDef():
                scope.bind(node.name.value, Binding(BindingKind.DEFINITION, node))
                inner = Scope(ScopeKind.FUNCTION, node, scope, f"{scope.qualname}.{node.name.value}".lstrip("."))
                self._declare(node, inner)
                return inner
            case cst.Lambda():
                inner = Scope(ScopeKind.FUNCTION, node, scope, f"{scope.qualname}.<lambda>".lstrip("."))
                _bind_parameters(node.params, inner)
                return inner
            case cst.ClassDef():
                scope.bind(node.name.value, Binding(BindingKind.DEFINITION, node))
                return Scope(ScopeKind.CLASS, node, scope, f"{scope.qualname}.{node.name.value}".lstrip("."))
            case cst.ListComp() | cst.SetComp() | cst.DictComp() | cst.GeneratorExp():
                return Scope(ScopeKind.COMPREHENSION, node, scope, scope.qualname)
            case cst.Import() | cst.ImportFrom():
                self._bind_import(node, scope)
            case _:
                _bind_other(node, scope)
        return scope

    def _declare(self, node: cst.FunctionDef, inner: Scope) -> None:
        for statement in _simple_statements(node.body):
            if isinstance(statement, cst.Global):
                inner.globals.update(item.name.value for item in statement.names)
            elif isinstance(statement, cst.Nonlocal):
                inner.nonlocals.update(item.name.value for item in statement.names)
        _bind_parameters(node.params, inner)

    def _bind_import(self, node: cst.Import | cst.ImportFrom, scope: Scope) -> None:
        if isinstance(node, cst.Import):
            for alias in node.names:
                dotted = dotted_name(alias.name) or ""
                if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                    scope.bind(alias.asname.name.value, Binding(BindingKind.IMPORT, alias, dotted))
                else:
                    first = dotted.partition(".")[0]
                    scope.bind(first, Binding(BindingKind.IMPORT, alias, first))
            return
        if isinstance(node.names, cst.ImportStar):
            return
        try:
            base = absolute_name(
                dotted_name(node.module) or "" if node.module else "", self.package, len(node.relative)
            )
        except ValueError:
            return
        for alias in node.names:
            name = dotted_name(alias.name) or ""
            bound = alias.asname.name.value if alias.asname and isinstance(alias.asname.name, cst.Name) else name
            scope.bind(bound, Binding(BindingKind.IMPORT, alias, f"{base}.{name}"))


def children_of(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the parts of `node` that are code, in the order of the text; layout is left out."""
    for name in _code_fields(type(node)):
        value = getattr(node, name)
        kind = type(value)
        if kind is list or kind is tuple:
            for item in value:
                if type(item) not in _LAYOUT:
                    yield item
        elif kind not in _LAYOUT:
            yield value


def dotted_name(node: cst.CSTNode | None) -> str | None:
    """Return `a.b.c` for a chain of names, None for any other expression."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return None
    return identifier(".".join([node.value, *reversed(parts)]))


@cache
def _code_fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    assert is_dataclass(kind)
    names = [item.name for item in fields(kind)]
    kept = [name for name in names if not name.startswith(_LAYOUT_FIELDS)]
    # In the text a comprehension's source is evaluated where its element is; its loop binds the names first.
    return tuple(sorted(kept, key=lambda name: name in {"elt", "key", "value"} and "for_in" in kept))


def _simple_statements(body: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the small statements of a function's own body, not those of functions and classes in it."""
    stack = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.SimpleStatementLine):
            yield from node.body
        elif not isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.BaseExpression)):
            stack.extend(node.children)


def _bind_parameters(parameters: cst.Parameters, scope: Scope) -> None:
    groups = (parameters.posonly_params, parameters.params, parameters.kwonly_params)
    for parameter in (item for group in groups for item in group):
        scope.bind(parameter.name.value, Binding(BindingKind.PARAMETER, parameter, value=parameter.default))
    for star in (parameters.star_arg, parameters.star_kwarg):
        if isinstance(star, cst.Param):
            scope.bind(star.name.value, Binding(BindingKind.PARAMETER, star))


def _bind_other(node: cst.CSTNode, scope: Scope) -> None:
    match node:
        case cst.Assign(value=value):
            for target in node.targets:
                _bind_target(target.target, node, value, scope)
        case cst.AnnAssign(target=target, value=value):
            if value is not None:
                _bind_target(target, node, value, scope)
        case cst.NamedExpr(target=target, value=value):
            owner = scope
            while owner.kind is ScopeKind.COMPREHENSION and owner.parent is not None:  # PEP 572
                owner = owner.parent
            _bind_target(target, node, value, owner)
        case cst.AugAssign(target=target) | cst.For(target=target) | cst.CompFor(target=target):
            _bind_target(target, node, None, scope)
        case cst.WithItem(asname=cst.AsName(name=name), item=item):
            _bind_target(name, node, item if isinstance(name, cst.Name) else None, scope)
        case cst.ExceptHandler(name=cst.AsName(name=name)) | cst.ExceptStarHandler(name=cst.AsName(name=name)):
            _bind_target(name, node, None, scope)
        case cst.MatchAs(name=cst.Name() as name) | cst.MatchStar(name=cst.Name() as name):
            _bind_target(name, node, None, scope)
        case cst.Del(target=target):
            _bind_target(target, node, None, scope)


def _bind_target(target: cst.CSTNode, node: cst.CSTNode, value: cst.BaseExpression | None, scope: Scope) -> None:
    match target:
        case cst.Name(value=name):
            kind = BindingKind.OTHER if value is None else BindingKind.ASSIGNMENT
            scope.bind(name, Binding(kind, node, value=value))
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for element in elements:
                _bind_target(element.value, node, None, scope)
        case cst.StarredElement(value=inner):
            _bind_target(inner, node, None, scope)
