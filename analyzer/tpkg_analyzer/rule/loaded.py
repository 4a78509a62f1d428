"""The classes of what a package gives: of an object that an export of the project saves, and of its attributes."""

from typing import NamedTuple

import libcst as cst

from tpkg_analyzer.model.package import RootKind
from tpkg_analyzer.rule.bindings import attribute_values
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.classes import Definition, ancestry, class_definition, class_scope, methods
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import Project, action_in
from tpkg_analyzer.rule.enums import enum_of
from tpkg_analyzer.rule.holdings import archive_of, held_by, may_write, record_of
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.origins import Origin
from tpkg_analyzer.rule.scopes import Scope
from tpkg_runtime.spec.actions import Action

_OWN_WAYS = frozenset(
    {
        *("__new__", "__reduce__", "__reduce_ex__", "__reduce_package__", "__getnewargs__", "__getnewargs_ex__"),
        *("__getstate__", "__setstate__", "__setattr__", "__getattribute__", "__getattr__"),
    }
)
"""Methods by which an object may come back as something else, or with other attributes."""
_PLAIN_BASES = frozenset({"torch.nn.Module", "torch.nn.modules.module.Module", "builtins.object", "abc.ABC"})


class Given(NamedTuple):
    """A value that code gives to an attribute."""

    module: AnalyzedModule
    value: cst.BaseExpression
    scope: Scope


def loaded_class(
    project: Project, importer: Origin, module: AnalyzedModule, call: cst.Call, scope: Scope
) -> str | None:
    """Return the full name of the interned class of what a call of load_pickle gives, where every export agrees."""
    names = [
        constant_string(module, item, scope) if item is not None else None
        for item in (argument(call, 0, "package"), argument(call, 1, "resource"))
    ]
    path = archive_of(project, importer)
    if path is None or names[0] is None or names[1] is None:
        return None
    found: set[str] = set()
    for closure in project.closures:
        if not may_write(closure.package, path):
            continue
        if held_by(closure) is None:
            return None
        for root in closure.package.roots:
            if root.kind not in (RootKind.PICKLE, RootKind.RESOURCE) or root.resource is None:
                continue
            if record_of(root.module, root.resource) != record_of(names[0], names[1]):
                continue
            homes = [home for home, name in root.globals if name == root.cls]
            if len(homes) != 1 or action_in(closure, homes[0]) is not Action.INTERN:
                return None
            found.add(f"{homes[0]}.{root.cls}")
    return found.pop() if len(found) == 1 and plain_class(project, next(iter(found))) is not None else None


def attribute_class(project: Project, owner: str | None, name: str) -> str | None:
    """Return the full name of the class of an attribute, as every assignment to it in the class's modules has it.

    Only where an object of that class certainly is in each pickle: whoever saves may have set the attribute before.
    """
    found = {_class_of(project, given) for given in given_to(project, owner, name)}
    made = found.pop() if len(found) == 1 else None
    return made if made is not None and is_saved_with(project, owner or "", made) else None


def given_to(project: Project, owner: str | None, name: str) -> list[Given]:
    """Return what the modules of an interned class assign to an attribute; nothing where that may not be all."""
    cls = plain_class(project, owner)
    if cls is None:
        return []
    known, foreign = ancestry(project, cls)
    if foreign - _PLAIN_BASES or any(name in inside.bindings for item in known if (inside := class_scope(item))):
        return []
    homes = {item.module.name: item.module for item in known}.values()
    if any(_is_bound_otherwise(home, name) for home in homes):
        return []
    return [Given(home, value, scope) for home in homes for value, scope in attribute_values(home, name)]


def is_saved_with(project: Project, owner: str, name: str) -> bool:
    """Tell whether each pickle of an object of one class certainly refers to another class too."""
    cls = class_definition(project, owner)
    pickles = [
        root
        for closure in project.interning(cls.module.name if cls is not None else "")
        for root in closure.package.roots
        if root.kind is RootKind.PICKLE and _split(owner) in root.globals
    ]
    return bool(pickles) and all(_split(name) in root.certain_globals for root in pickles)


def plain_class(project: Project, name: str | None) -> Definition | None:
    """Return an interned class of the project whose objects come back from a pickle as they were."""
    found = class_definition(project, name)
    if found is None or found.name != name or not project.interning(found.module.name):
        return None
    known = ancestry(project, found)[0]
    return None if any(method.name.value in _OWN_WAYS for item in known for method in methods(item)) else found


def _class_of(project: Project, given: Given) -> str | None:
    """Return the class of a new object, or of the member of an enum."""
    member = enum_of(project, given.module, given.value, given.scope)
    if member is not None:
        return member.name
    made = given.module.qualified(given.value.func, given.scope) if isinstance(given.value, cst.Call) else None
    found = class_definition(project, made)
    return found.name if found is not None and plain_class(project, found.name) is not None else None


def _split(name: str) -> tuple[str, str]:
    module, _, last = name.rpartition(".")
    return module, last


def _is_bound_otherwise(module: AnalyzedModule, name: str) -> bool:
    """Tell whether something else than a plain assignment binds, changes or deletes an attribute of that name."""
    for node, _ in module.sites(cst.Attribute):
        if node.attr.value != name:
            continue
        around = module.parent(node)
        is_several = isinstance(around, (cst.Element, cst.StarredElement))
        inner: cst.CSTNode = node
        while isinstance(around, (cst.Element, cst.StarredElement, cst.Tuple, cst.List)):
            inner, around = around, module.parent(around)
        match around:
            case cst.AssignTarget() if is_several:
                return True
            case cst.AsName() | cst.Del():
                return True
            case cst.AugAssign(target=target) | cst.For(target=target) | cst.CompFor(target=target):
                if target is inner:
                    return True
    return any(
        isinstance(call.func, cst.Name) and call.func.value in ("setattr", "delattr")
        for call, _ in module.sites(cst.Call)
    )
