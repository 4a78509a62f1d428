"""The checks of a module that ask which class a value is of, or which member of an enum it is."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from tpkg_analyzer.model.diagnostic import Fix
from tpkg_analyzer.rule.class_names import check_by_name
from tpkg_analyzer.rule.classes import Definition, class_definition
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.enums import enum_of, equals_by_identity
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_analyzer.rule.sides import alternatives, instance_in, members
from tpkg_analyzer.rule.tables import keys_of, lookups

_CHECKS = {"builtins.isinstance": False, "builtins.issubclass": True}
_POSITIVE = (cst.Is, cst.Equal, cst.In)
_NEGATIVE = (cst.IsNot, cst.NotEqual, cst.NotIn)
_IDENTITY = (cst.Is, cst.IsNot)
_MEMBERSHIP = (cst.In, cst.NotIn)


@dataclass(frozen=True, slots=True)
class Check:
    """A check of a value against classes of the project, and in words what comes of it for other copies of them."""

    node: cst.CSTNode
    value: cst.BaseExpression
    classes: tuple[Definition, ...]
    outcome: str
    scope: Scope
    fix: Fix | None = None


def checks_in(project: Project, module: AnalyzedModule) -> Iterator[Check]:
    """Yield the checks of a module."""
    yield from _calls(project, module)
    for node, scope in module.sites(cst.Comparison):
        if len(node.comparisons) == 1:
            yield from _compared(project, module, node, scope)
    for match, scope in module.sites(cst.Match):
        yield from _matched(project, module, match, scope)
    for site, table, key, scope in lookups(module):
        value = instance_in(module, key, scope) or key
        keys = list(keys_of(project, module, table, scope))
        if value is key:
            named = [enum_of(project, item.module, item.cls, item.scope) for item in keys]
            named = [found for found in named if found is not None and equals_by_identity(project, found)]
        else:
            named = [class_definition(project, item.module.qualified(item.cls, item.scope)) for item in keys]
        if found := _known(named):
            yield Check(site, value, found, "does not find", scope)


def _calls(project: Project, module: AnalyzedModule) -> Iterator[Check]:
    for call, scope in module.sites(cst.Call):
        is_of_class = _CHECKS.get(module.qualified(call.func, scope) or "")
        if is_of_class is None or len(call.args) != 2 or any(item.star or item.keyword for item in call.args):
            continue
        classes = _known(_named(project, module, call.args[1].value, scope))
        if classes:
            fix = check_by_name(project, module, call, scope, is_of_class=is_of_class)
            yield Check(call, call.args[0].value, classes, "is False for", scope, fix)


def _compared(project: Project, module: AnalyzedModule, node: cst.Comparison, scope: Scope) -> Iterator[Check]:
    operator, right = node.comparisons[0].operator, node.comparisons[0].comparator
    if not isinstance(operator, (*_POSITIVE, *_NEGATIVE)):
        return
    outcome = "is False for" if isinstance(operator, _POSITIVE) else "is True for"
    is_among = isinstance(operator, _MEMBERSHIP)
    if is_among and not isinstance(right, (cst.Tuple, cst.List, cst.Set)):
        return
    for value, other in ((node.left, right),) if is_among else ((node.left, right), (right, node.left)):
        options = (
            [item.value for item in other.elements] if isinstance(other, (cst.Tuple, cst.List, cst.Set)) else [other]
        )
        instance = instance_in(module, value, scope)
        if instance is not None:
            named = [found for option in options for found in _named(project, module, option, scope)]
            if classes := _known(named):
                yield Check(node, instance, classes, outcome, scope)
        elif isinstance(value, cst.Name):
            enums = [enum_of(project, module, option, scope) for option in options]
            if (classes := _known(enums)) and (
                isinstance(operator, _IDENTITY) or all(equals_by_identity(project, found) for found in classes)
            ):
                yield Check(node, value, classes, outcome, scope)


def _matched(project: Project, module: AnalyzedModule, node: cst.Match, scope: Scope) -> Iterator[Check]:
    for case in node.cases:
        for pattern in alternatives(case.pattern):
            found = None
            if isinstance(pattern, cst.MatchClass):
                found = class_definition(project, module.qualified(pattern.cls, scope))
            elif isinstance(pattern, cst.MatchValue):
                found = enum_of(project, module, pattern.value, scope)
                found = found if found is not None and equals_by_identity(project, found) else None
            if found is not None:
                yield Check(pattern, node.subject, (found,), "is never taken for", scope)


def _named(
    project: Project, module: AnalyzedModule, classes: cst.BaseExpression, scope: Scope
) -> list[Definition | None]:
    return [class_definition(project, module.qualified(cls, scope)) for cls in members(classes)]


def _known(found: list[Definition | None]) -> tuple[Definition, ...]:
    """Return what is known of these, each once."""
    return tuple({item.name: item for item in found if item is not None}.values())
