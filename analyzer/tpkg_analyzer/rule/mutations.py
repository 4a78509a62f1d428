"""Where the objects of a module's top level are changed after the module was imported."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import Scope

MUTATORS = frozenset(
    {
        *("add", "append", "appendleft", "clear", "discard", "extend", "extendleft", "insert", "pop", "popitem"),
        *("popleft", "remove", "reverse", "rotate", "setdefault", "sort", "subtract", "update", "move_to_end"),
        *("difference_update", "intersection_update", "symmetric_difference_update", "__setitem__", "__delitem__"),
    }
)


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change of the object `target` (its full dotted name): the node that makes it, and where that runs."""

    target: str
    node: cst.CSTNode
    scope: Scope


def mutations_in(module: AnalyzedModule) -> Iterator[Mutation]:
    """Yield the changes that this module makes to objects with a full name, its own and those that it imports."""
    for call, scope in module.sites(cst.Call):
        if isinstance(call.func, cst.Attribute) and call.func.attr.value in MUTATORS:
            yield from _named(module, call.func.value, call, scope)
    for assignment, scope in module.sites(cst.Assign):
        for item in assignment.targets:
            yield from _element(module, item.target, assignment, scope)
    for annotated, scope in module.sites(cst.AnnAssign):
        yield from _element(module, annotated.target, annotated, scope)
    for deletion, scope in module.sites(cst.Del):
        yield from _element(module, deletion.target, deletion, scope)
    for augmented, scope in module.sites(cst.AugAssign):
        yield from _element(module, augmented.target, augmented, scope)
        yield from _named(module, augmented.target, augmented, scope)


def runs_after_import(module: AnalyzedModule, mutation: Mutation) -> bool:
    """Tell whether a change can happen once the import of its module is over.

    Code at the top level builds the object up. So does a function that only the top level calls.
    """
    function = mutation.scope.function
    if function is None:
        return False
    if function.qualname == "" or "." in function.qualname or not isinstance(function.node, cst.FunctionDef):
        return True
    return not _only_called_at_import(module, function.qualname)


def _only_called_at_import(module: AnalyzedModule, name: str) -> bool:
    uses = [
        (node, scope)
        for node, scope in module.sites(cst.Name)
        if node.value == name and not isinstance(module.parent(node), (cst.FunctionDef, cst.Attribute))
    ]
    if not name.startswith("_") or not uses:
        return False
    for node, scope in uses:
        around = module.parent(node)
        if not scope.runs_at_import or not isinstance(around, cst.Call) or around.func is not node:
            return False
    return True


def _element(module: AnalyzedModule, target: cst.CSTNode, node: cst.CSTNode, scope: Scope) -> Iterator[Mutation]:
    """Yield a change of the container where `target` is one of its elements or slices."""
    if isinstance(target, cst.Subscript):
        yield from _named(module, target.value, node, scope)


def _named(module: AnalyzedModule, target: cst.CSTNode, node: cst.CSTNode, scope: Scope) -> Iterator[Mutation]:
    name = module.qualified(target, scope)
    if name is not None:
        yield Mutation(name, node, scope)
