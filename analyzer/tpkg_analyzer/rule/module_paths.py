"""What in the code of a module gives the file or the folders of a module that is in its package."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.rule.context import ModuleContext, action_in
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_runtime.spec.actions import Action

NAMES = ("__file__", "__path__")


def paths_of_modules(context: ModuleContext) -> Iterator[tuple[cst.BaseExpression, Scope]]:
    """Yield what gives the file or the path of the module itself, or of one that its packages intern."""
    module = context.module
    for name, scope in module.sites(cst.Name):
        if name.value in NAMES and _is_own(module, name, scope):
            yield name, scope
    for node, scope in module.sites(cst.Attribute):
        match node:
            case cst.Attribute(value=inner, attr=cst.Name(value=attr)) if attr in NAMES:
                if _is_interned(context, inner, scope):
                    yield node, scope
            case cst.Attribute(value=cst.Name(value="__spec__") as own, attr=cst.Name(value="origin")):
                if scope.lookup(own.value) is None:
                    yield node, scope
            case cst.Attribute(
                value=cst.Attribute(value=inner, attr=cst.Name(value="__spec__")), attr=cst.Name(value="origin")
            ) if _is_interned(context, inner, scope):
                yield node, scope
    for item, scope in module.sites(cst.Subscript):
        match item.slice:
            case [cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]:
                if key.evaluated_value in NAMES and _is_namespace(module, item.value, scope):
                    yield item, scope
    for call, scope in module.sites(cst.Call):
        match call:
            case cst.Call(
                func=cst.Attribute(value=table, attr=cst.Name(value="get")),
                args=[cst.Arg(value=cst.SimpleString() as asked), *_],
            ) if asked.evaluated_value in NAMES and _is_namespace(module, table, scope):
                yield call, scope


def _is_namespace(module: AnalyzedModule, node: cst.BaseExpression, scope: Scope) -> bool:
    return isinstance(node, cst.Call) and module.qualified(node.func, scope) == "builtins.globals"


def _is_interned(context: ModuleContext, node: cst.BaseExpression, scope: Scope) -> bool:
    """Tell whether an expression is a module that each package of this one interns."""
    name = context.module.qualified(node, scope)
    closures = context.closures
    return bool(name and closures) and all(action_in(closure, name or "") is Action.INTERN for closure in closures)


def _is_own(module: AnalyzedModule, node: cst.Name, scope: Scope) -> bool:
    """Tell whether a name is the module's own attribute, and is read."""
    around = module.parent(node)
    if isinstance(around, cst.Attribute) and around.attr is node:
        return False
    if isinstance(around, (cst.AssignTarget, cst.Arg, cst.Param)) and getattr(around, "value", None) is not node:
        return False
    return scope.lookup(node.value) is None
