"""TPK405 type-dispatch."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.classes import Definition, definition
from tpkg_analyzer.rule.context import FileContext, ModuleContext
from tpkg_analyzer.rule.excerpts import excerpt
from tpkg_analyzer.rule.flow import Flow
from tpkg_analyzer.rule.homes import home_of
from tpkg_analyzer.rule.loading import may_hold_packaged
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.origins import Origin
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import BindingKind, Scope
from tpkg_analyzer.rule.sides import Mismatch, alternatives, instance_in, loaded_here, mismatch
from tpkg_runtime.wire.messages import ExperimentKind

Found = tuple[cst.CSTNode, str, Mismatch]


class _Key(NamedTuple):
    """A class by which something is chosen, as it is written in a module."""

    module: AnalyzedModule
    cls: cst.BaseExpression
    scope: Scope


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
    net = PackageImporter("net.pt").load_pickle("net", "net.pkl")
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
    net = PackageImporter("net.pt").load_pickle("net", "net.pkl")
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
    """Yield calls of the project's singledispatch functions on a value of the other side."""
    module = context.module
    for call, scope in module.sites(cst.Call):
        if not call.args or call.args[0].star or not isinstance(call.func, (cst.Name, cst.Attribute)):
            continue
        function = definition(context.project, module.qualified(call.func, scope))
        if function is None or not isinstance(function.node, cst.FunctionDef):
            continue
        home = function.module
        decorators = [home.qualified(item.decorator, home.index.top) for item in function.node.decorators]
        if "functools.singledispatch" not in decorators:
            continue
        value = flow.origin(module, call.args[0].value, scope)
        for key in _registered(context, function) if value is not None else ():
            found = _mismatch(context, flow, value, key)
            if found is not None:
                name, shown = excerpt(module, call.func), excerpt(key.module, key.cls)
                yield call, f"`{name}` does not take the function that is registered for `{shown}`", found
                break


def _registered(context: ModuleContext, function: Definition) -> Iterator[_Key]:
    """Yield the classes that `register` of a function is used with, where it is defined and here."""
    modules = {module.name: module for module in (function.module, context.module)}
    for module in modules.values():
        for registered, scope in module.sites(cst.FunctionDef):
            for item in registered.decorators:
                match item.decorator:
                    case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value="register")), args=[first]):
                        cls: cst.BaseExpression | None = first.value
                    case cst.Attribute(value=owner, attr=cst.Name(value="register")):
                        parameters = [*registered.params.posonly_params, *registered.params.params]
                        annotation = parameters[0].annotation if parameters else None
                        cls = annotation.annotation if annotation is not None else None
                    case _:
                        continue
                known = definition(context.project, module.qualified(owner, scope))
                if cls is not None and known is not None and known.node is function.node:
                    yield _Key(module, cls, scope)


def _mismatch(context: ModuleContext, flow: Flow, value: Origin | None, key: _Key) -> Mismatch | None:
    return mismatch(replace(context, module=key.module), flow, value, key.cls, key.scope)


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
        for item in _keys(context, table, scope) if value is not None else ():
            found = _mismatch(context, flow, value, item)
            if found is not None:
                shown = excerpt(item.module, item.cls)
                yield site, f"`{excerpt(module, site)}` does not find the entry of `{shown}`", found
                break


def _typed(context: ModuleContext, flow: Flow, key: cst.BaseExpression, scope: Scope) -> Origin | None:
    """Return the origin of x in `type(x)` and `x.__class__`."""
    instance = instance_in(context.module, key, scope)
    return flow.origin(context.module, instance, scope) if instance is not None else None


def _keys(context: ModuleContext, table: cst.BaseExpression, scope: Scope) -> Iterator[_Key]:
    """Yield the keys of a dict display, or of the one that a name is bound to, here or in a module of the project."""
    module = context.module
    if isinstance(table, cst.Name) and (found := scope.lookup(table.value)) is not None and len(found[1]) == 1:
        binding = found[1][0]
        if binding.kind is BindingKind.ASSIGNMENT and binding.value is not None:
            scope, table = found[0], binding.value
    if isinstance(table, (cst.Name, cst.Attribute)) and (imported := _imported(context, table, scope)) is not None:
        module, table = imported
        scope = module.index.top
    if isinstance(table, cst.Dict):
        for item in table.elements:
            if isinstance(item, cst.DictElement):
                yield _Key(module, item.key, scope)


def _imported(
    context: ModuleContext, table: cst.BaseExpression, scope: Scope
) -> tuple[AnalyzedModule, cst.BaseExpression] | None:
    """Return what the one assignment to a name gives it, at the top level of another module of the project."""
    name = context.module.qualified(table, scope)
    home = home_of(context.project.state, name) if name is not None and not name.startswith("builtins.") else None
    module = context.project.module(home[0].module) if home is not None else None
    if home is None or module is None or not context.project.is_first_party(module.name):
        return None
    bindings = module.index.top.bindings.get(home[1], [])
    value = bindings[0].value if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT else None
    return (module, value) if value is not None else None
