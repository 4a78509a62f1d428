"""Dicts by whose keys something is chosen, and the lookups in them."""

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from tpkg_analyzer.rule.bindings import added_elements
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.homes import home_of
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import BindingKind, Scope


class Key(NamedTuple):
    """What something is chosen by, as it is written in a module."""

    module: AnalyzedModule
    cls: cst.BaseExpression
    scope: Scope


class Lookup(NamedTuple):
    """A subscript or a call of `get`: the table, and the key that is asked for."""

    site: cst.BaseExpression
    table: cst.BaseExpression
    key: cst.BaseExpression
    scope: Scope


def lookups(module: AnalyzedModule) -> Iterator[Lookup]:
    """Yield all that may be a lookup in a dict."""
    for node, scope in module.sites(cst.Subscript):
        if isinstance(module.parent(node), (cst.AssignTarget, cst.AnnAssign, cst.Del)):
            continue
        match node.slice:
            case [cst.SubscriptElement(slice=cst.Index(value=key))]:
                yield Lookup(node, node.value, key, scope)
    for call, scope in module.sites(cst.Call):
        match call:
            case cst.Call(func=cst.Attribute(value=table, attr=cst.Name(value="get")), args=[first, *_]):
                yield Lookup(call, table, first.value, scope)


def keys_of(project: Project, module: AnalyzedModule, table: cst.BaseExpression, scope: Scope) -> Iterator[Key]:
    """Yield the keys of a dict display, or of the one that a name is bound to, here or in a module of the project."""
    if isinstance(table, cst.Name) and (found := scope.lookup(table.value)) is not None and len(found[1]) == 1:
        binding = found[1][0]
        if binding.kind is BindingKind.ASSIGNMENT and binding.value is not None:
            if any(added_elements(module, table.value, found[0])):
                return  # who knows which keys
            scope, table = found[0], binding.value
    if (
        isinstance(table, (cst.Name, cst.Attribute))
        and (imported := _imported(project, module, table, scope)) is not None
    ):
        module, table = imported
        scope = module.index.top
    if isinstance(table, cst.Dict):
        for item in table.elements:
            if isinstance(item, cst.DictElement):
                yield Key(module, item.key, scope)


def _imported(
    project: Project, importing: AnalyzedModule, table: cst.BaseExpression, scope: Scope
) -> tuple[AnalyzedModule, cst.BaseExpression] | None:
    """Return what the one assignment to a name gives it, at the top level of another module of the project."""
    name = importing.qualified(table, scope)
    home = home_of(project.state, name) if name is not None and not name.startswith("builtins.") else None
    module = project.module(home[0].module) if home is not None else None
    if home is None or module is None or not project.is_first_party(module.name):
        return None
    bindings = module.index.top.bindings.get(home[1], [])
    value = bindings[0].value if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT else None
    if any(added_elements(module, home[1], module.index.top)):
        return None
    return (module, value) if value is not None else None
