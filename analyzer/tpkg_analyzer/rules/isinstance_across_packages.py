"""TPK401 isinstance-across-packages."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.origins import Origin, origin_of
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_runtime.wire.messages import ExperimentKind

_CHECKS = {"builtins.isinstance": "isinstance", "builtins.issubclass": "issubclass"}


class IsinstanceAcrossPackages(Rule):
    """An object from a package is compared with a class of the host, or the other way round.

    ## What it does
    Reports `isinstance` and `issubclass` where the first argument is known to come from a PackageImporter and the
    class is the host's copy of one that a package interns, or where the class comes from one importer and the object
    from another or from the host.

    ## Why is this bad?
    A package runs its modules again, so that its classes are other objects than the host's classes of the same name.
    The check is False for every object that the package holds.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["model"]
    actions = [{ intern = "model" }]
    ```
    ```python model.py
    class Net:
        pass
    ```
    ```python serve.py
    from torch.package import PackageImporter

    from model import Net

    net = PackageImporter("net.pt").load_pickle("model", "net.pkl")
    assert isinstance(net, Net)
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["model"]
    actions = [{ intern = "model" }]
    ```
    ```python model.py
    class Net:
        pass
    ```
    ```python serve.py
    from torch.package import PackageImporter

    importer = PackageImporter("net.pt")
    net = importer.load_pickle("model", "net.pkl")
    assert isinstance(net, importer.import_module("model").Net)
    ```

    ## How it is confirmed
    The class is imported in the host and from the package. The finding is confirmed if they are different classes and
    neither is a subclass of the other.
    """

    code = "TPK401"
    name = "isinstance-across-packages"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.OWN_CLASS
    words = frozenset({"PackageImporter"})

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each check whose sides are known to differ."""
        module = context.module
        for call, scope in module.sites(cst.Call):
            check = _CHECKS.get(module.qualified(call.func, scope) or "")
            if check is None or len(call.args) != 2 or any(item.star or item.keyword for item in call.args):
                continue
            value, classes = call.args[0].value, call.args[1].value
            for cls in _members(classes):
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
        made, owner = origin_of(module, value, scope), origin_of(module, cls, scope)
        if made is None or made.is_importer or owner is not None:
            return
        home = _home(context, module.qualified(cls, scope))
        package = _interning_package(context, home[0]) if home else None
        if home is None or package is None:
            return
        class_name = ".".join(home)
        shown = module.tree.code_for_node(value)
        yield context.finding(
            self,
            module.span(call),
            f"`{check}({shown}, {home[1]})` is always False: `{shown}` comes from a package, "
            f"and package `{package}` has its own `{class_name}`",
            symbol=class_name,
            help="ask for what the object can do, for a marker attribute, or for the class of the same importer",
            related=_loads(context, made),
            package=package,
        )


def _members(classes: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """Yield the class of a check, or each of a tuple or union of classes if all of them are names."""
    match classes:
        case cst.Tuple(elements=elements):
            for element in elements:
                yield from _members(element.value)
        case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
            yield from _members(left)
            yield from _members(right)
        case cst.Name() | cst.Attribute():
            yield classes


def _interning_package(context: ModuleContext, module: str) -> str | None:
    """Return the package that interns the module of a class."""
    return next((closure.package.name for closure in context.project.interning(module)), None)


def _home(context: ModuleContext, class_name: str | None, depth: int = 8) -> tuple[str, str] | None:
    """Return module and name of a class where it is defined, following re-exports; None where that is not certain."""
    module_name, _, name = (class_name or "").rpartition(".")
    module = context.project.module(module_name) if module_name else None
    if module is None or depth == 0:
        return None
    bindings = module.index.top.bindings.get(name, [])
    if len(bindings) != 1:
        return None
    if isinstance(bindings[0].node, cst.ClassDef):
        return module_name, name
    return _home(context, bindings[0].target, depth - 1)


def _loads(context: ModuleContext, origin: Origin) -> tuple[Related, ...]:
    span = context.module.span(origin.source)
    return (Related(context.path, span, "the package's object is loaded here"),)
