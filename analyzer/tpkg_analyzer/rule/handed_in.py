"""What callers hand to a function: its parameters and their elements, as long as nothing else is bound to the name."""

import libcst as cst

from tpkg_analyzer.rule.bindings import unpacked_from
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import Binding, BindingKind, Scope

_DEPTH = 4
_LOOPS = (cst.For, cst.While)
_EVALUATED_FIRST = (cst.Assign, cst.AnnAssign, cst.AugAssign, cst.NamedExpr)


def receiver(module: AnalyzedModule, value: cst.BaseExpression, scope: Scope) -> Scope | None:
    """Return the function that gets a value from its caller, unchanged; not for the object or class of a method."""
    return _receiver(module, value, scope, is_element=False, depth=_DEPTH)


def is_only_handed_on(module: AnalyzedModule, function: Scope) -> bool:
    """Tell whether all that a module does with a function of its own is to hand it to others, which then call it."""
    node, around = function.node, function.parent
    if not isinstance(node, cst.FunctionDef) or around is None:
        return False
    name = node.name.value
    uses: list[cst.CSTNode] = []
    if isinstance(around.node, cst.ClassDef):
        uses += [item for item, _ in module.sites(cst.Attribute) if item.attr.value == name]
    else:
        for item, scope in module.sites(cst.Name):
            found = scope.lookup(name) if item.value == name and item is not node.name else None
            uses += [item] if found is not None and found[0] is around else []
    return bool(uses) and all(isinstance(module.parent(use), cst.Arg) for use in uses)


def _receiver(
    module: AnalyzedModule, value: cst.BaseExpression, scope: Scope, *, is_element: bool, depth: int
) -> Scope | None:
    found = scope.lookup(value.value) if isinstance(value, cst.Name) else None
    if found is None or not isinstance(value, cst.Name) or depth == 0:
        return None
    owner, bindings = found
    sources = [item for item in bindings if item.kind is BindingKind.PARAMETER]
    sources = sources or [item for item in bindings if isinstance(item.node, (cst.For, cst.CompFor))]
    if len(sources) != 1 or not all(
        item is sources[0] or _comes_later(module, item, value, scope, owner, sources[0].node) for item in bindings
    ):
        return None
    source = sources[0]
    if isinstance(source.node, cst.Param):
        return owner if _is_handed_in(source.node, owner, is_element) else None
    taken = unpacked_from(value.value, source.node)
    if taken is None or not taken.is_element or scope.function is not owner.function:
        return None
    if isinstance(source.node, cst.For) and not _is_around(module, source.node.body, value):
        return None  # the last element, or what was there before
    return _receiver(module, taken.value, owner, is_element=True, depth=depth - 1)


def _is_handed_in(parameter: cst.Param, owner: Scope, is_element: bool) -> bool:
    if not isinstance(owner.node, cst.FunctionDef):
        return False
    named = [*owner.node.params.posonly_params, *owner.node.params.params]
    is_method = owner.parent is not None and isinstance(owner.parent.node, cst.ClassDef)
    if parameter is owner.node.params.star_kwarg:
        return False
    if parameter is owner.node.params.star_arg:
        return is_element and (bool(named) or not is_method)
    return not (is_method and parameter is next(iter(named), None))


def _comes_later(
    module: AnalyzedModule, binding: Binding, use: cst.CSTNode, scope: Scope, owner: Scope, source: cst.CSTNode
) -> bool:
    """Tell whether a name is bound again only after a use of it, until its source binds it anew."""
    if scope.function is not owner.function:
        return False
    around = module.parent(use)
    while around is not None and around is not owner.node and around is not source:
        if isinstance(around, _LOOPS) and _is_around(module, around, binding.node):
            return False
        if around is binding.node:
            return isinstance(around, _EVALUATED_FIRST)
        around = module.parent(around)
    there, here = module.span(binding.node), module.span(use)
    return (there.line, there.column) > (here.line, here.column)


def _is_around(module: AnalyzedModule, outer: cst.CSTNode, inner: cst.CSTNode) -> bool:
    node: cst.CSTNode | None = inner
    while node is not None and node is not outer:
        node = module.parent(node)
    return node is outer
