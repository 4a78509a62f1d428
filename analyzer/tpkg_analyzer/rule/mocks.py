"""Uses of mocked names that raise: a mock can be imported, named and handed on, and nothing else.

What raises was tried with torch 2.13, operation by operation.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from tpkg_analyzer.rule.atimport import surroundings
from tpkg_analyzer.rule.context import FileContext, action_in
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import Binding, BindingKind, Scope
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.actions import Action

_CATCHING = frozenset({"builtins.Exception", "builtins.BaseException", "builtins.NotImplementedError"})
_ASKING = {"builtins.isinstance": 1, "builtins.issubclass": 1, "builtins.hasattr": 0, "builtins.getattr": 0}
_ASKING |= {f"builtins.{name}": 0 for name in ("len", "hash", "iter", "list", "tuple", "set", "sorted", "int", "float")}
_ASKING |= {f"builtins.{name}": 0 for name in ("abs", "dict", "enumerate", "zip", "sum", "max", "min", "any", "all")}
_OF_ANY_OBJECT = frozenset({*dir(object), "__dict__", "__module__", "__weakref__"})
"""What a mock has as every object has it."""
_TRUTH = (cst.If, cst.While, cst.IfExp, cst.Assert)


@dataclass(frozen=True, slots=True)
class MockedUse:
    """A use of `name` that raises NotImplementedError in packages; `how` is what is done with it."""

    node: cst.CSTNode
    scope: Scope
    name: str
    how: str
    closures: tuple[Closure, ...]
    """Those of the packages that mock the name."""


def imports_mocks(context: FileContext) -> bool:
    """Tell whether a package of the file mocks something that the file imports."""
    return any(
        action_in(closure, target) is Action.MOCK
        for closure in context.closures
        for target in closure.modules[context.name].depends_on
    )


def mocked_uses(context: FileContext, module: AnalyzedModule) -> Iterator[MockedUse]:
    """Yield the uses that raise, in the order of the text."""
    has_strings = "__future__" in context.words and "annotations" in context.words
    for node, scope in module.sites(cst.Name):
        target = _import_of(module, node.value, scope)
        if target is None:
            continue
        top, rest = _chain(module, node)
        full = ".".join([target, *rest])
        attributes, closures = _below_mock(context, full)
        if not closures or _is_caught(module, node, scope) or _names_what_is_caught(module, top):
            continue
        if _is_annotation(module, top) and (has_strings or not scope.runs_at_import):
            continue
        if attributes > 1:
            how = None if rest[1 - attributes] in _OF_ANY_OBJECT else "asked for an attribute"
        else:
            how = _operation(module, top, scope) if attributes == 1 else None
        if how is not None:
            yield MockedUse(top, scope, full, how, closures)


def _import_of(module: AnalyzedModule, name: str, scope: Scope) -> str | None:
    found = scope.lookup(name)
    if found is None:
        return None
    imports = [item for item in found[1] if item.kind is BindingKind.IMPORT]
    others = [item for item in found[1] if item.kind is not BindingKind.IMPORT]
    # Inside the package the import succeeds: what stands in for a failed one does not count.
    if not imports or not all(_is_fallback(module, item) for item in others):
        return None
    targets = {item.target for item in imports}
    return targets.pop() if len(targets) == 1 else None


def _is_fallback(module: AnalyzedModule, binding: Binding) -> bool:
    return any(isinstance(around, cst.ExceptHandler) for around in surroundings(module, binding.node))


def _chain(module: AnalyzedModule, node: cst.Name) -> tuple[cst.CSTNode, list[str]]:
    """Return the longest chain of attributes from a name, and what it adds to the name."""
    top: cst.CSTNode = node
    rest: list[str] = []
    while isinstance(around := module.parent(top), cst.Attribute) and around.value is top:
        top = around
        rest.append(around.attr.value)
    return top, rest


def _below_mock(context: FileContext, full: str) -> tuple[int, tuple[Closure, ...]]:
    """Return how many attributes a dotted name goes below a module that packages mock, with their closures."""
    parts = full.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if any(action_in(closure, name) for closure in context.closures):
            mocking = (closure for closure in context.closures if action_in(closure, name) is Action.MOCK)
            return len(parts) - length, tuple(mocking)
    return 0, ()


def _operation(module: AnalyzedModule, node: cst.CSTNode, scope: Scope) -> str | None:
    around = module.parent(node)
    match around:
        case cst.Call(func=function) if function is node:
            return "called"
        case cst.Decorator():
            return "used as a decorator"
        case cst.Arg():
            return _argument(module, around, scope)
        case cst.BinaryOperation() | cst.Subscript(value=_) if getattr(around, "value", None) is node or isinstance(
            around, cst.BinaryOperation
        ):
            return "used as an operand"
        case cst.Index():
            return _parameter_of_type(module, around, scope)
        case cst.Comparison(left=left) if left is node:
            return (
                None
                if isinstance(around.comparisons[0].operator, (cst.Is, cst.IsNot, cst.In, cst.NotIn))
                else "compared"
            )
        case cst.ComparisonTarget(operator=cst.Equal() | cst.NotEqual()):
            return "compared"
        case cst.ComparisonTarget(operator=cst.In() | cst.NotIn()):
            return "searched"
        case cst.For(iter=iterated) | cst.CompFor(iter=iterated) if iterated is node:
            return "iterated over"
        case cst.WithItem(item=entered) if entered is node:
            return "entered"
        case cst.StarredElement() | cst.StarredDictElement():
            return "unpacked"
        case cst.BooleanOperation(left=left) if left is node:
            return "tested for truth"
        case cst.UnaryOperation():
            return "used as an operand"
        case cst.DictElement(key=key) if key is node:
            return "used as a key"
    if isinstance(around, _TRUTH) and around.test is node:
        return "tested for truth"
    return None


def _argument(module: AnalyzedModule, argument: cst.Arg, scope: Scope) -> str | None:
    around = module.parent(argument)
    if argument.star:
        return "unpacked"
    if isinstance(around, cst.ClassDef):
        if argument.keyword is None:
            return "subclassed"
        return "used as a metaclass" if argument.keyword.value == "metaclass" else None
    if isinstance(around, cst.Call):
        function = module.qualified(around.func, scope) or ""
        position = _ASKING.get(function)
        if position is not None and len(around.args) > position and around.args[position] is argument:
            return f"used in {function.rpartition('.')[2]}"
    return None


def _parameter_of_type(module: AnalyzedModule, index: cst.Index, scope: Scope) -> str | None:
    """Tell of `Optional[X]` and its like, which need the hash of their parameters; `list[X]` does not."""
    around = module.parent(module.parent(index) or index)
    if isinstance(around, cst.Subscript) and (module.qualified(around.value, scope) or "").startswith("typing."):
        name = (module.qualified(around.value, scope) or "").rpartition(".")[2]
        return None if name in ("Annotated", "Literal") else f"used in {name}"
    return None


def _is_annotation(module: AnalyzedModule, node: cst.CSTNode) -> bool:
    for around in surroundings(module, node):
        if isinstance(around, cst.Annotation):
            return True
        if isinstance(around, (cst.BaseStatement, cst.BaseSmallStatement)):
            return False
    return False


def _names_what_is_caught(module: AnalyzedModule, node: cst.CSTNode) -> bool:
    """Tell whether a name stands in the head of an except clause, which is read when something is raised."""
    inner = node
    for around in surroundings(module, node):
        if isinstance(around, cst.ExceptHandler):
            return inner is around.type
        inner = around
    return False


def _is_caught(module: AnalyzedModule, node: cst.CSTNode, scope: Scope) -> bool:
    inner: cst.CSTNode = node
    for around in surroundings(module, node):
        if isinstance(around, cst.Try) and inner is around.body:
            for handler in around.handlers:
                kinds = {module.qualified(item, scope) for item in ([handler.type] if handler.type is not None else [])}
                if handler.type is None or kinds & _CATCHING or isinstance(handler.type, cst.Tuple):
                    return True
        inner = around
    return False
