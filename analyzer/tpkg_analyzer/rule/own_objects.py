"""Objects that packaged code has of its package's own classes, which pickle cannot name."""

import libcst as cst

from tpkg_analyzer.rule.atimport import is_never_entered, surroundings
from tpkg_analyzer.rule.bindings import calls_of
from tpkg_analyzer.rule.classes import Definition, ancestry, class_definition, methods
from tpkg_analyzer.rule.context import ModuleContext, action_in
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.origins import Kind, Origin
from tpkg_analyzer.rule.scopes import BindingKind, Scope
from tpkg_runtime.spec.actions import Action

_OWN_WAYS = frozenset({"__reduce__", "__reduce_ex__", "__getnewargs_ex__"})
_OTHERWISE = frozenset(
    {
        *("torch.nn.Parameter", "torch.nn.parameter.Parameter", "torch.nn.Buffer", "torch.nn.parameter.Buffer"),
        *("typing.TypedDict", "typing_extensions.TypedDict"),
    }
)
"""Classes whose objects, or those of classes that inherit from them, are pickled as something else."""
_DEPTH = 8


def is_self(context: ModuleContext, value: cst.BaseExpression, scope: Scope) -> bool:
    """Tell whether a value is `self` in a method of a top-level class of an interned module."""
    if not isinstance(value, cst.Name) or not context.closures:
        return False
    found = scope.lookup(value.value)
    if found is None or len(found[1]) != 1 or found[1][0].kind is not BindingKind.PARAMETER:
        return False
    owner = found[0]
    around = owner.parent
    if not isinstance(owner.node, cst.FunctionDef) or around is None or not isinstance(around.node, cst.ClassDef):
        return False
    parameters = [*owner.node.params.posonly_params, *owner.node.params.params]
    if owner.node.decorators or not parameters or parameters[0] is not found[1][0].node:
        return False
    return _is_named(context, Definition(context.module, around.node))


def is_made_here(context: ModuleContext, origin: Origin) -> bool:
    """Tell whether a value is what code of the package makes by calling a class that the package interns."""
    if origin.kind is Kind.CONTAINER and origin.element is not None:
        return is_made_here(context, origin.element)
    found = class_definition(context.project, origin.name) if origin.kind is Kind.HOST_OBJECT else None
    if found is None or not context.closures:
        return False
    homes = (origin.module.name, found.module.name)  # what an extern module makes is of the host
    is_interned = all(action_in(closure, home) is Action.INTERN for closure in context.closures for home in homes)
    return is_interned and _is_named(context, found, _OWN_WAYS | {"__new__"})


def is_for_script(module: AnalyzedModule, node: cst.CSTNode, scope: Scope, depth: int = _DEPTH) -> bool:
    """Tell whether a node runs only where its module is the script, which a module of a package never is."""
    inner = node
    for around in surroundings(module, node):
        if is_never_entered(module, around, inner):
            return True
        inner = around
    function = scope.function
    if depth == 0 or function is None or not isinstance(function.node, cst.FunctionDef):
        return False
    calls = calls_of(module, function.node, function)
    return bool(calls) and all(is_for_script(module, call, around, depth - 1) for call, around in calls)


def _is_named(context: ModuleContext, found: Definition, own_ways: frozenset[str] = _OWN_WAYS) -> bool:
    """Tell whether a pickle of an object names its class, as far as the class and those it inherits from tell."""
    known, foreign = ancestry(context.project, found)
    if foreign & _OTHERWISE:
        return False
    return not any(method.name.value in own_ways for cls in known for method in methods(cls))
