"""TPK405 type-dispatch."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.classes import definition
from tpkg_analyzer.rule.context import FileContext, ModuleContext
from tpkg_analyzer.rule.excerpts import excerpt
from tpkg_analyzer.rule.flow import Flow
from tpkg_analyzer.rule.loading import may_hold_packaged
from tpkg_analyzer.rule.origins import Origin
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import BindingKind, Scope
from tpkg_analyzer.rule.sides import Mismatch, alternatives, instance_in, loaded_here, mismatch
from tpkg_runtime.wire.messages import ExperimentKind

Found = tuple[cst.CSTNode, str, Mismatch]


class TypeDispatch(Rule):
    """Code chooses by the class of an object from the other side of a package.

    ## What it does
    Reports a call of a `functools.singledispatch` function, a `match` statement with a class pattern, and a lookup of
    `type(x)` in a table, where the object is known to come from a package and the class is the host's copy of one that
    the package interns, or the other way round.

    ## Why is this bad?
    The classes of a package are other objects than the host's classes of the same names. The registered function, the
    case and the entry of the table are not found; the default runs, or KeyError is raised.

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

    HANDLERS = {Net: print}
    net = PackageImporter("net.pt").load_pickle("model", "net.pkl")
    HANDLERS[type(net)](net)
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

    HANDLERS = {"Net": print}
    net = PackageImporter("net.pt").load_pickle("model", "net.pkl")
    HANDLERS[type(net).__name__](net)
    ```

    ## How it is confirmed
    The class is imported in the host and from the package. The finding is confirmed if they are different classes and
    neither is a subclass of the other.
    """

    code = "TPK405"
    name = "type-dispatch"
    severity = Severity.WARNING
    since = "0.1"
    confirmed_by = ExperimentKind.OWN_CLASS

    def concerns(self, context: FileContext) -> bool:
        """Look only where an object of a package can be."""
        return super().concerns(context) and may_hold_packaged(context)

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each choice that misses what it is meant for."""
        flow = Flow(context.project)
        for find in (_dispatched, _matched, _looked_up):
            for node, message, found in find(context, flow):
                yield context.finding(
                    self,
                    context.module.span(node),
                    f"{message}: the value {found.reason}",
                    symbol=found.class_name,
                    help="choose by a name or by what the object can do",
                    related=loaded_here(found.origin),
                    package=found.package,
                )


def _dispatched(context: ModuleContext, flow: Flow) -> Iterator[Found]:
    """Yield calls of singledispatch functions of this module on a value of the other side."""
    module = context.module
    for call, scope in module.sites(cst.Call):
        if not call.args or call.args[0].star or not isinstance(call.func, cst.Name):
            continue
        function = definition(context.project, module.qualified(call.func, scope))
        if function is None or function.module is not module or not isinstance(function.node, cst.FunctionDef):
            continue
        decorators = [module.qualified(item.decorator, module.index.top) for item in function.node.decorators]
        if "functools.singledispatch" not in decorators:
            continue
        value = flow.origin(module, call.args[0].value, scope)
        for cls, inner in _registered(context, call.func.value) if value is not None else ():
            found = mismatch(context, flow, value, cls, inner)
            if found is not None:
                shown = excerpt(module, cls)
                yield call, f"`{call.func.value}` does not take the function that is registered for `{shown}`", found
                break


def _registered(context: ModuleContext, name: str) -> Iterator[tuple[cst.BaseExpression, Scope]]:
    """Yield the classes that `name.register` is used with, as an argument or by annotation."""
    for function, scope in context.module.sites(cst.FunctionDef):
        for item in function.decorators:
            match item.decorator:
                case cst.Call(
                    func=cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value="register")), args=[first]
                ) if owner == name:
                    yield first.value, scope
                case cst.Attribute(value=cst.Name(value=owner), attr=cst.Name(value="register")) if owner == name:
                    parameters = [*function.params.posonly_params, *function.params.params]
                    if parameters and parameters[0].annotation is not None:
                        yield parameters[0].annotation.annotation, scope


def _matched(context: ModuleContext, flow: Flow) -> Iterator[Found]:
    """Yield the class patterns of match statements on a value of the other side."""
    for node, scope in context.module.sites(cst.Match):
        value = flow.origin(context.module, node.subject, scope)
        for case in node.cases if value is not None else ():
            for pattern in alternatives(case.pattern):
                if not isinstance(pattern, cst.MatchClass):
                    continue
                found = mismatch(context, flow, value, pattern.cls, scope)
                if found is not None:
                    shown = excerpt(context.module, pattern)
                    yield pattern, f"`case {shown}` is never taken", found


def _looked_up(context: ModuleContext, flow: Flow) -> Iterator[Found]:
    """Yield lookups of the type of a value of the other side in a table of classes."""
    module = context.module
    sites: list[tuple[cst.CSTNode, cst.BaseExpression, cst.BaseExpression, Scope]] = []
    for node, scope in module.sites(cst.Subscript):
        match node.slice:
            case [cst.SubscriptElement(slice=cst.Index(value=key))]:
                sites.append((node, node.value, key, scope))
    for call, scope in module.sites(cst.Call):
        match call:
            case cst.Call(func=cst.Attribute(value=table, attr=cst.Name(value="get")), args=[first, *_]):
                sites.append((call, table, first.value, scope))
    for site, table, key, scope in sites:
        value = _typed(context, flow, key, scope)
        for cls, inner in _keys(table, scope) if value is not None else ():
            found = mismatch(context, flow, value, cls, inner)
            if found is not None:
                yield site, f"`{excerpt(module, site)}` does not find the entry of `{excerpt(module, cls)}`", found
                break


def _typed(context: ModuleContext, flow: Flow, key: cst.BaseExpression, scope: Scope) -> Origin | None:
    """Return the origin of x in `type(x)` and `x.__class__`."""
    instance = instance_in(context.module, key, scope)
    return flow.origin(context.module, instance, scope) if instance is not None else None


def _keys(table: cst.BaseExpression, scope: Scope) -> Iterator[tuple[cst.BaseExpression, Scope]]:
    """Yield the keys of a dict display, or of the one that a name is bound to."""
    if isinstance(table, cst.Name) and (found := scope.lookup(table.value)) is not None and len(found[1]) == 1:
        scope, binding = found[0], found[1][0]
        if binding.kind is BindingKind.ASSIGNMENT and binding.value is not None:
            table = binding.value
    if isinstance(table, cst.Dict):
        for item in table.elements:
            if isinstance(item, cst.DictElement):
                yield item.key, scope
