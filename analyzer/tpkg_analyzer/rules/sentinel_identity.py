"""TPK308 sentinel-identity."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.rule.changes import own_state
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.flow import Flow
from tpkg_analyzer.rule.homes import home_of
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import BindingKind, Scope
from tpkg_analyzer.rule.sides import interning_package, loaded_here
from tpkg_analyzer.rule.state import ModuleState
from tpkg_runtime.wire.messages import Experiment, ExperimentKind

_MAKER = "builtins.object"
_IDENTITY = (cst.Is, cst.IsNot)


class SentinelIdentity(Rule):
    """A sentinel is looked for by identity where it is another object.

    ## What it does
    Reports `is` and `is not` with an `object()` of the top level of an interned module, where the other side is known
    to come from a package and the sentinel is the host's, and where the other side is an attribute in which a class of
    the package keeps the sentinel: it is pickled with the object.

    ## Why is this bad?
    The host and each loaded package have a sentinel of their own, and an `object()` in a pickle comes back as a new
    one. None of them is another: the comparison is always False.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    UNSET = object()


    class Classifier:
        def __init__(self):
            self.device = UNSET

        def is_ready(self):
            return self.device is not UNSET
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    class Classifier:
        def __init__(self):
            self.device = None

        def is_ready(self):
            return self.device is not None
    ```

    ## How it is confirmed

    The sentinel's module is imported in the host and twice from the package. The finding is confirmed if the
    sentinels are different objects.
    """

    code = "TPK308"
    name = "sentinel-identity"
    severity = Severity.WARNING
    since = "0.1"
    confirmed_by = ExperimentKind.OWN_STATE

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Compare the sentinels, wherever the comparison stands."""
        home, _, name = finding.symbol.rpartition(".")
        return Experiment(0, ExperimentKind.OWN_STATE, home, name)

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report each comparison whose sides cannot be one object."""
        has_own = context.is_packaged and any(item.made_by == _MAKER for item in own_state(context).holders)
        if not has_own and "PackageImporter" not in context.words:
            return
        module = context.project.module(context.name)
        if module is None:
            return
        flow = Flow(context.project)
        for node, scope in module.sites(cst.Comparison):
            if len(node.comparisons) != 1 or not isinstance(node.comparisons[0].operator, _IDENTITY):
                continue
            for value, other in (
                (node.left, node.comparisons[0].comparator),
                (node.comparisons[0].comparator, node.left),
            ):
                name = module.qualified(other, scope) if isinstance(other, (cst.Name, cst.Attribute)) else None
                home = _sentinel(context, name)
                if home is None:
                    continue
                sentinel = f"{home[0].module}.{home[1]}"
                found = _kept(context, module, value, sentinel, scope) or _loaded(
                    context, module, flow, value, home, scope
                )
                if found is not None:
                    reason, package, related = found
                    always = "True" if isinstance(node.comparisons[0].operator, cst.IsNot) else "False"
                    yield context.finding(
                        self,
                        module.span(node),
                        f"`{module.tree.code_for_node(node)}` is always {always} {reason}",
                        symbol=sentinel,
                        help="use None, a string or an enum member compared by its name",
                        related=related,
                        package=package,
                    )


def _kept(
    context: FileContext, module: AnalyzedModule, value: cst.BaseExpression, sentinel: str, scope: Scope
) -> tuple[str, str | None, tuple[Related, ...]] | None:
    """Return the reason where the value is an attribute in which the class keeps the sentinel."""
    match value:
        case cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value=attribute)) if context.is_packaged:
            kept = _assignment(module, scope, attribute, sentinel)
        case _:
            return None
    if kept is None:
        return None
    place = Related(context.path, module.span(kept), "the sentinel is kept here")
    return "for an object that was loaded: the sentinel that it kept is pickled as a new object", None, (place,)


def _loaded(
    context: FileContext,
    module: AnalyzedModule,
    flow: Flow,
    value: cst.BaseExpression,
    home: tuple[ModuleState, str],
    scope: Scope,
) -> tuple[str, str | None, tuple[Related, ...]] | None:
    """Return the reason where the value comes from a package and the sentinel is the host's."""
    package = interning_package(context.project, home[0].module)
    if package is None or "PackageImporter" not in context.words or context.closures:
        return None
    origin = flow.origin(module, value, scope)
    if origin is None or not origin.is_packaged:
        return None
    return f"because package `{package}` has its own `{home[1]}`", package, loaded_here(origin)


def _sentinel(context: FileContext, name: str | None) -> tuple[ModuleState, str] | None:
    home = home_of(context.project.state, name) if name is not None and not name.startswith("builtins.") else None
    if home is None:
        return None
    state, own = home
    if any(item.name == own and item.made_by == _MAKER and item.bindings == 1 for item in state.holders):
        return home
    return None


def _assignment(module: AnalyzedModule, scope: Scope, attribute: str, sentinel: str) -> cst.CSTNode | None:
    """Return where a method of the class assigns the sentinel, or a parameter with it as default, to the attribute."""
    around = scope.enclosing_class
    if around is None:
        return None
    for node, inner in module.sites(cst.Assign):
        if inner.enclosing_class is not around:
            continue
        for item in node.targets:
            match item.target:
                case cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value=name)) if name == attribute:
                    if _gives(module, node.value, inner, sentinel):
                        return node
    return None


def _gives(module: AnalyzedModule, value: cst.BaseExpression, scope: Scope, sentinel: str) -> bool:
    if isinstance(value, cst.Name) and (found := scope.lookup(value.value)) is not None:
        owner, bindings = found
        if len(bindings) == 1 and bindings[0].kind is BindingKind.PARAMETER and bindings[0].value is not None:
            return module.qualified(bindings[0].value, owner.parent or owner) == sentinel
    return module.qualified(value, scope) == sentinel
