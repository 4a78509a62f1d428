"""Holds a value against a class: whether they are known to belong to different sides of a package's boundary."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from tpkg_analyzer.model.diagnostic import Related
from tpkg_analyzer.rule.classes import class_definition, has_custom_check
from tpkg_analyzer.rule.context import ModuleContext, Project, action_in
from tpkg_analyzer.rule.enums import enum_of, equals_by_identity
from tpkg_analyzer.rule.flow import Flow
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.origins import Kind, Origin
from tpkg_analyzer.rule.scopes import Scope
from tpkg_runtime.spec.actions import Action

IMPORTER_WORDS = frozenset({"PackageImporter", "torch_package_importer"})


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A value and a class of different sides: the class's full name, the package that has its own, and why."""

    class_name: str
    package: str
    reason: str
    origin: Origin
    """The origin of the side that comes from a package."""


def mismatch(
    context: ModuleContext, flow: Flow, value: Origin | None, cls: cst.BaseExpression, scope: Scope
) -> Mismatch | None:
    """Return why a value cannot be an object of a class, None where that is not certain.

    Not where the class decides itself what its objects are.
    """
    if value is None or value.kind not in (Kind.OBJECT, Kind.CLASS, Kind.HOST_OBJECT):
        return None
    owner = flow.origin(context.module, cls, scope)
    if owner is None:
        return _against_host(context, value, context.module.qualified(cls, scope))
    if owner.kind is not Kind.CLASS or owner.name is None:
        return None
    package = interning_package(context.project, owner.name.rpartition(".")[0])
    found = class_definition(context.project, owner.name)
    if package is None or found is None or has_custom_check(context.project, found):
        return None
    if value.kind is Kind.HOST_OBJECT:
        return Mismatch(
            owner.name, package, f"is made by the host, and the class is that of package `{package}`", owner
        )
    if value.importer is None or owner.importer is None or value.importer is owner.importer:
        return None
    return Mismatch(owner.name, package, "and the class come from different importers", owner)


def _against_host(context: ModuleContext, value: Origin, name: str | None) -> Mismatch | None:
    found = class_definition(context.project, name)
    if not value.is_packaged or found is None or has_custom_check(context.project, found):
        return None
    package = interning_package(context.project, found.module.name)
    if package is None:
        return None
    return Mismatch(found.name, package, own_copy(package, found.name), value)


def interning_package(project: Project, module: str) -> str | None:
    """Return the package that has its own copy of a module, None where one of the packages shares the host's."""
    actions = {action_in(closure, module) for closure in project.closures} - {None}
    if actions != {Action.INTERN}:
        return None
    return next(closure.package.name for closure in project.interning(module))


def twins(project: Project, one: Origin | None, other: Origin | None) -> Mismatch | None:
    """Return why two objects cannot be of one class: the host made one of them, or each has its own importer."""
    for packaged, made in ((one, other), (other, one)):
        if packaged is None or made is None or packaged.kind is not Kind.OBJECT or made.name is None:
            continue
        package = interning_package(project, made.name.rpartition(".")[0])
        if package is None:
            continue
        if made.kind is Kind.HOST_OBJECT:
            return Mismatch(made.name, package, own_copy(package, made.name), packaged)
        if made.kind is Kind.OBJECT and packaged.importer and made.importer and packaged.importer is not made.importer:
            return Mismatch(made.name, package, "comes from another importer than the other", packaged)
    return None


def with_member(
    context: ModuleContext, value: Origin | None, other: cst.BaseExpression, scope: Scope
) -> Mismatch | None:
    """Return why a value of a package is not the very object that an expression names: a member of the host's enum."""
    member = enum_of(context.project, context.module, other, scope)
    if value is None or value.kind is not Kind.OBJECT or member is None:
        return None
    package = interning_package(context.project, member.module.name)
    return Mismatch(member.name, package, own_copy(package, member.name), value) if package is not None else None


def with_equal_member(
    context: ModuleContext, value: Origin | None, other: cst.BaseExpression, scope: Scope
) -> Mismatch | None:
    """Return why a value of a package does not equal what an expression names: a member of the host's enum."""
    member = enum_of(context.project, context.module, other, scope)
    is_unlike = member is not None and equals_by_identity(context.project, member)
    return with_member(context, value, other, scope) if is_unlike else None


def own_copy(package: str, name: str) -> str:
    """Return in words that a value and the host's class of that name do not belong together."""
    return f"comes from a package, and package `{package}` has its own `{name}`"


def members(classes: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """Yield the class of a check, or each class of a tuple or union that is a name or the class of an object."""
    match classes:
        case cst.Tuple(elements=elements):
            for element in elements:
                yield from members(element.value)
        case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
            yield from members(left)
            yield from members(right)
        case cst.Name() | cst.Attribute() | cst.Call(func=cst.Name(value="type"), args=[_]):
            yield classes


def alternatives(pattern: cst.MatchPattern) -> Iterator[cst.MatchPattern]:
    """Yield the patterns of a case of which one has to match, without the names that they are bound to."""
    match pattern:
        case cst.MatchOr(patterns=patterns):
            for item in patterns:
                yield from alternatives(item.pattern)
        case cst.MatchAs(pattern=cst.MatchPattern() as inner):
            yield from alternatives(inner)
        case _:
            yield pattern


def instance_in(module: AnalyzedModule, node: cst.BaseExpression, scope: Scope) -> cst.BaseExpression | None:
    """Return x of `type(x)` and `x.__class__`."""
    match node:
        case cst.Call(func=function, args=[cst.Arg(value=value)]):
            return value if module.qualified(function, scope) == "builtins.type" else None
        case cst.Attribute(value=value, attr=cst.Name(value="__class__")):
            return value
        case _:
            return None


def loaded_here(origin: Origin) -> tuple[Related, ...]:
    """Return the place where a value of a package comes in, for a finding about it."""
    span = origin.module.span(origin.source)
    return (Related(origin.module.path, span, "comes from the package here"),)
