"""What runs while a module is imported, and under which guards."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import Scope


def runs_when_imported(module: AnalyzedModule, node: cst.CSTNode, scope: Scope) -> bool:
    """Tell whether a node runs at import: not in a function, nor for type checkers or a script only."""
    if not scope.runs_at_import:
        return False
    inner: cst.CSTNode = node
    for around in surroundings(module, node):
        if isinstance(around, cst.Lambda):
            return False
        if is_never_entered(module, around, inner):
            return False
        inner = around
    return True


def may_be_skipped(module: AnalyzedModule, node: cst.CSTNode) -> bool:
    """Tell whether the code around a node may not come to it: a branch, a loop without turns, a handler."""
    inner: cst.CSTNode = node
    for around in surroundings(module, node):
        match around:
            case cst.If(test=always) | cst.While(test=always) | cst.IfExp(test=always):
                is_always = inner is always
            case cst.For(iter=always) | cst.BooleanOperation(left=always):
                is_always = inner is always
            case cst.ListComp() | cst.SetComp() | cst.DictComp() | cst.GeneratorExp():
                is_always = inner is around.for_in and _is_first_iterable(module, node, around.for_in)
            case cst.ExceptHandler() | cst.MatchCase():
                is_always = False
            case cst.Else():
                is_always = isinstance(module.parent(around), cst.Try)
            case _:
                is_always = True
        if not is_always:
            return True
        inner = around
    return False


def _is_first_iterable(module: AnalyzedModule, node: cst.CSTNode, loop: cst.CompFor) -> bool:
    return node is loop.iter or any(around is loop.iter for around in surroundings(module, node))


def is_guarded(module: AnalyzedModule, node: cst.CSTNode) -> bool:
    """Tell whether a try or with statement, or a question about membership or an attribute, stands around a node."""
    inner: cst.CSTNode = node
    for around in surroundings(module, node):
        if isinstance(around, cst.Try) and inner is around.body and around.handlers:
            return True
        if isinstance(around, cst.With):  # such as warnings.catch_warnings, which undoes what is in it
            return True
        if isinstance(around, cst.If) and inner is around.body and _asks(around.test):
            return True
        inner = around
    return False


def surroundings(module: AnalyzedModule, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the nodes around a node, from the inside."""
    around = module.parent(node)
    while around is not None:
        yield around
        around = module.parent(around)


def is_never_entered(module: AnalyzedModule, around: cst.CSTNode, inner: cst.CSTNode) -> bool:
    """Tell whether the node directly within another one is a block for type checkers or a script only."""
    return isinstance(around, cst.If) and inner is around.body and _is_never_true(module, around.test)


def _is_never_true(module: AnalyzedModule, test: cst.BaseExpression) -> bool:
    """Tell whether a condition is TYPE_CHECKING, or asks whether the module is the script."""
    match test:
        case cst.Comparison(left=cst.Name(value="__name__")):
            return True
        case cst.Name() | cst.Attribute():
            return (module.qualified(test, module.index.top) or "").endswith(".TYPE_CHECKING")
        case _:
            return False


def _asks(test: cst.CSTNode) -> bool:
    if isinstance(test, (cst.In, cst.NotIn)):
        return True
    if isinstance(test, cst.Call) and isinstance(test.func, cst.Name) and test.func.value in ("hasattr", "getattr"):
        return True
    return any(_asks(child) for child in test.children)
