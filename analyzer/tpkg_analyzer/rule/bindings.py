"""What gives names, attributes and parameters their values: assignments, arguments, returns, loops."""

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import Scope

IMPORTERS = frozenset(
    {
        "torch.package.PackageImporter",
        "torch.package.package_importer.PackageImporter",
        "tpkg_runtime.PackageImporter",
        "tpkg_runtime.importer.PackageImporter",
        "tpkg_runtime.importer.importer.PackageImporter",
    }
)


class Unpacked(NamedTuple):
    """What a name is taken from: the expression, and whether the name is one of its elements or the whole."""

    value: cst.BaseExpression
    is_element: bool


def scope_of(module: AnalyzedModule, node: cst.CSTNode) -> Scope | None:
    """Return the scope that a node is evaluated in."""
    return next((scope for found, scope in module.sites(type(node)) if found is node), None)


def attribute_values(module: AnalyzedModule, name: str) -> Iterator[tuple[cst.BaseExpression, Scope]]:
    """Yield the values that are assigned to an attribute of this name, of any object, with their scopes."""
    for node, scope in module.sites(cst.Assign):
        for item in node.targets:
            if isinstance(item.target, cst.Attribute) and item.target.attr.value == name:
                yield node.value, scope
    for annotated, scope in module.sites(cst.AnnAssign):
        target = annotated.target
        if isinstance(target, cst.Attribute) and target.attr.value == name and annotated.value is not None:
            yield annotated.value, scope


def returned_values(module: AnalyzedModule, function: cst.FunctionDef) -> list[tuple[cst.BaseExpression, Scope]]:
    """Return what a plain function returns; nothing for one that is decorated, asynchronous or a generator."""
    plain = ("staticmethod", "lru_cache", "cache", "no_grad", "inference_mode")
    for item in function.decorators:
        name = item.decorator.func if isinstance(item.decorator, cst.Call) else item.decorator
        last = name.attr.value if isinstance(name, cst.Attribute) else getattr(name, "value", "")
        if last not in plain:
            return []
    if any(scope.function is not None and scope.function.node is function for _, scope in module.sites(cst.Yield)):
        return []
    return [
        (node.value, scope)
        for node, scope in module.sites(cst.Return)
        if scope.function is not None and scope.function.node is function and node.value is not None
    ]


def bound_arguments(
    function: cst.FunctionDef, call: cst.Call, skipped: int
) -> Iterator[tuple[cst.Param, cst.BaseExpression | None]]:
    """Yield each parameter with the argument that a call gives it, None where that is not known."""
    parameters = [*function.params.posonly_params, *function.params.params]
    if skipped and any(
        isinstance(item.decorator, cst.Name) and item.decorator.value == "staticmethod" for item in function.decorators
    ):
        skipped = 0
    is_known = not any(item.star for item in call.args)
    positional = [item.value for item in call.args if item.keyword is None]
    named = {item.keyword.value: item.value for item in call.args if item.keyword is not None}
    for index, parameter in enumerate([*parameters[skipped:], *function.params.kwonly_params]):
        value = named.get(parameter.name.value)
        if value is None and index < len(positional) and index < len(parameters) - skipped:
            value = positional[index]
        yield parameter, (value or parameter.default) if is_known else None


def calls_of(module: AnalyzedModule, function: cst.FunctionDef, inner: Scope) -> list[tuple[cst.Call, Scope]]:
    """Return the calls of a function in its module; nothing where it is used in any other way, or is a method."""
    name = function.name.value
    if function.decorators or inner.parent is None or inner.parent.enclosing_class is inner.parent:
        return []
    calls = []
    for node, scope in module.sites(cst.Name):
        if node.value != name or node is function.name:
            continue
        found = scope.lookup(name)
        if found is None or [item.node for item in found[1]] != [function]:
            continue
        around = module.parent(node)
        if not isinstance(around, cst.Call) or around.func is not node:
            return []
        calls.append((around, scope))
    return calls


def added_elements(module: AnalyzedModule, name: str, owner: Scope) -> Iterator[tuple[cst.BaseExpression, Scope]]:
    """Yield what is put into the container that a name stands for: `name.append(x)`, `name[k] = x` and the like."""
    for call, scope in module.sites(cst.Call):
        match call.func:
            case cst.Attribute(value=cst.Name(value=found), attr=cst.Name(value="append" | "add" | "appendleft")):
                if found == name and call.args and _is_of(scope, name, owner):
                    yield call.args[0].value, scope
            case cst.Attribute(value=cst.Name(value=found), attr=cst.Name(value="insert" | "setdefault")):
                if found == name and len(call.args) == 2 and _is_of(scope, name, owner):
                    yield call.args[1].value, scope
    for node, scope in module.sites(cst.Assign):
        for item in node.targets:
            match item.target:
                case cst.Subscript(value=cst.Name(value=found)) if found == name and _is_of(scope, name, owner):
                    yield node.value, scope


def unpacked_from(name: str, node: cst.CSTNode) -> Unpacked | None:
    """Return what a name is taken from by a loop or by an assignment to several names."""
    match node:
        case cst.For(target=cst.Name(), iter=iterated) | cst.CompFor(target=cst.Name(), iter=iterated):
            return Unpacked(iterated, True)
        case cst.For(target=target, iter=iterated) | cst.CompFor(target=target, iter=iterated):
            return _of_pairs(name, target, iterated)
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Tuple(elements=names) | cst.List(elements=names))]):
            return _of_several(name, [item.value for item in names], node.value)
        case _:
            return None


def _of_pairs(name: str, target: cst.BaseExpression, iterated: cst.BaseExpression) -> Unpacked | None:
    """Return the value of a pair of `items()`, and the element that `enumerate` counts."""
    if not isinstance(target, cst.Tuple) or len(target.elements) != 2:
        return None
    second = target.elements[1].value
    if not isinstance(second, cst.Name) or second.value != name:
        return None
    match iterated:
        case cst.Call(func=cst.Attribute(value=container, attr=cst.Name(value="items")), args=[]):
            return Unpacked(container, True)
        case cst.Call(func=cst.Name(value="enumerate"), args=[first, *_]):
            return Unpacked(first.value, True)
        case _:
            return None


def _of_several(name: str, targets: list[cst.BaseExpression], value: cst.BaseExpression) -> Unpacked | None:
    position = next((i for i, item in enumerate(targets) if isinstance(item, cst.Name) and item.value == name), None)
    if position is None or any(isinstance(item, cst.StarredElement) for item in targets):
        return None
    if isinstance(value, (cst.Tuple, cst.List)) and len(value.elements) == len(targets):
        return Unpacked(value.elements[position].value, False)
    return Unpacked(value, True)


def _is_of(scope: Scope, name: str, owner: Scope) -> bool:
    found = scope.lookup(name)
    return found is not None and found[0] is owner
