"""TPK402 isinstance-at-boundary."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.model.package import RootKind
from tpkg_analyzer.rule.classes import Definition, ancestry, class_definition, has_custom_check
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import BindingKind, Scope
from tpkg_analyzer.rule.sides import interning_package, members
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.wire.messages import ExperimentKind

_CHECKS = {"builtins.isinstance": "isinstance", "builtins.issubclass": "issubclass"}
_ENTRANCES = frozenset({"__init__", "__call__", "__new__"})


class IsinstanceAtBoundary(Rule):
    """What callers outside a package hand in is checked against a class that the package interns.

    ## What it does
    Reports `isinstance` and `issubclass` on a parameter of a function that callers outside the package reach, with a
    class that the package interns. Reachable are the public functions and methods of the modules that are saved, and
    those of the classes of the objects that are saved, inherited ones too.

    ## Why is this bad?
    The caller has the host's copy of the class, the package its own. An object that the caller makes by importing the
    project is refused, or silently treated as something else, although it looks right.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    class Batch:
        pass


    def predict(batch):
        if not isinstance(batch, Batch):
            raise TypeError(batch)
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    class Batch:
        texts = ()


    def predict(batch):
        if not hasattr(batch, "texts"):
            raise TypeError(batch)
    ```

    ## How it is confirmed
    The class is imported in the host and from the package. The finding is confirmed if they are different classes and
    neither is a subclass of the other.
    """

    code = "TPK402"
    name = "isinstance-at-boundary"
    severity = Severity.WARNING
    since = "0.1"
    confirmed_by = ExperimentKind.OWN_CLASS
    words = frozenset({"isinstance", "issubclass"})

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each check of a parameter that comes from outside."""
        if not context.closures:
            return
        module = context.module
        exposed: dict[str, bool] = {}
        for call, scope in module.sites(cst.Call):
            check = _CHECKS.get(module.qualified(call.func, scope) or "")
            if check is None or len(call.args) != 2 or any(item.star or item.keyword for item in call.args):
                continue
            value, classes = call.args[0].value, call.args[1].value
            function = _parameter_of(value, scope)
            if function is None:
                continue
            if function.qualname not in exposed:
                exposed[function.qualname] = any(_exposes(context, closure, function) for closure in context.closures)
            if not exposed[function.qualname]:
                continue
            for cls in members(classes):
                yield from self._compare(context, call, value, cls, scope, check)

    def _compare(
        self,
        context: ModuleContext,
        call: cst.Call,
        value: cst.BaseExpression,
        cls: cst.BaseExpression,
        scope: Scope,
        check: str,
    ) -> Iterator[Diagnostic]:
        module = context.module
        found = class_definition(context.project, module.qualified(cls, scope))
        if found is None or found.node.name.value.startswith("_") or has_custom_check(context.project, found):
            return
        package = interning_package(context.project, found.module.name)
        if package is None:
            return
        code = module.tree.code_for_node
        yield context.finding(
            self,
            module.span(call),
            f"`{check}({code(value)}, {code(cls)})` is False for what a caller outside package `{package}` makes of "
            f"the host's `{found.name}`",
            symbol=found.name,
            help="ask for what the object can do, or for a marker attribute that both copies of the class have",
            related=(Related(found.module.path, found.module.span(found.node.name), "the class is defined here"),),
            package=package,
        )


def _parameter_of(value: cst.BaseExpression, scope: Scope) -> Scope | None:
    """Return the function whose parameter a value is, unchanged; not the object or class of a method itself."""
    found = scope.lookup(value.value) if isinstance(value, cst.Name) else None
    if found is None or len(found[1]) != 1 or found[1][0].kind is not BindingKind.PARAMETER:
        return None
    owner = found[0]
    if not isinstance(owner.node, cst.FunctionDef) or not isinstance(found[1][0].node, cst.Param):
        return None
    if found[1][0].node in (owner.node.params.star_arg, owner.node.params.star_kwarg):
        return None
    first = next(iter([*owner.node.params.posonly_params, *owner.node.params.params]), None)
    is_method = owner.parent is not None and isinstance(owner.parent.node, cst.ClassDef)
    return None if is_method and found[1][0].node is first else owner


def _exposes(context: ModuleContext, closure: Closure, function: Scope) -> bool:
    """Tell whether callers outside the package reach a function through what is saved."""
    cls, _, name = function.qualname.rpartition(".")
    if "." in cls or (name.startswith("_") and name not in _ENTRANCES):
        return False
    around = function.parent
    if around is None or (cls and not isinstance(around.node, cst.ClassDef)):
        return False
    for root in closure.package.roots:
        if root.kind is RootKind.MODULE and root.module == context.name and not cls.startswith("_"):
            return True
        if (
            root.kind is RootKind.OBJECT
            and root.cls
            and cls
            and _inherits(context, f"{root.module}.{root.cls}", around)
        ):
            return name not in ("__init__", "__new__")
    return False


def _inherits(context: ModuleContext, saved: str, around: Scope) -> bool:
    found = class_definition(context.project, saved)
    known: list[Definition] = ancestry(context.project, found)[0] if found is not None else []
    return any(item.node is around.node for item in known)
