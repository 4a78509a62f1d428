"""TPK405 type-dispatch."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.bindings import attribute_values
from tpkg_analyzer.rule.classes import Definition, ancestry, class_definition, definition, methods
from tpkg_analyzer.rule.context import FileContext, ModuleContext
from tpkg_analyzer.rule.enums import enum_of, equals_by_identity, is_enum
from tpkg_analyzer.rule.excerpts import excerpt
from tpkg_analyzer.rule.flow import Flow
from tpkg_analyzer.rule.loaded import given_to, is_saved_with
from tpkg_analyzer.rule.loading import may_hold_packaged
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.origins import Kind, Origin
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_analyzer.rule.sides import (
    Mismatch,
    alternatives,
    instance_in,
    interning_package,
    loaded_here,
    mismatch,
    own_copy,
    with_equal_member,
)
from tpkg_analyzer.rule.tables import Key, keys_of, lookups
from tpkg_runtime.wire.messages import ExperimentKind

Found = tuple[cst.CSTNode, str, Mismatch]


class TypeDispatch(Rule):
    """Code chooses by the class of an object from the other side of a package.

    ## What it does
    Reports a call of a `functools.singledispatch` function, a `match` statement with a class pattern, and a lookup of
    `type(x)` in a table, where the object is known to come from a package and the class is the host's copy of one that
    the package interns, or the other way round. Likewise lookups with the members of an enum: of a packaged one in a
    table of the host's, of the host's in a table of a packaged object, and `Mode(x)` of the package's own Mode.

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
        for find in (_dispatched, _matched, _looked_up, _made_of):
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


def _registered(context: ModuleContext, function: Definition) -> Iterator[Key]:
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
                    yield Key(module, cls, scope)


def _mismatch(context: ModuleContext, flow: Flow, value: Origin | None, key: Key) -> Mismatch | None:
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
    """Yield lookups in a table: of the type of a value of the other side, or of one among members of an enum."""
    module = context.module
    for site, table, key, scope in lookups(module):
        instance = instance_in(module, key, scope)
        items = keys_of(context.project, module, table, scope)
        if instance is None:
            items = (item for item in items if enum_of(context.project, item.module, item.cls, item.scope) is not None)
        choices = list(items)
        value = flow.origin(module, key if instance is None else instance, scope) if choices else None
        for item in choices:
            there = replace(context, module=item.module)
            if instance is not None:
                found = mismatch(there, flow, value, item.cls, item.scope)
            else:
                found = with_equal_member(there, value, item.cls, item.scope)
            if found is not None:
                shown = excerpt(item.module, item.cls)
                yield site, f"`{excerpt(module, site)}` does not find the entry of `{shown}`", found
                break
        held = _in_packaged_table(context, flow, table, key, scope)
        if held is not None:
            yield site, f"`{excerpt(module, site)}` does not find its entry", held


def _in_packaged_table(
    context: ModuleContext, flow: Flow, table: cst.BaseExpression, key: cst.BaseExpression, scope: Scope
) -> Mismatch | None:
    """Return the mismatch of a member of the host's enum and the members that are keys of a packaged object's dict."""
    member = enum_of(context.project, context.module, key, scope)
    if member is None or not isinstance(table, cst.Attribute):
        return None
    name = table.attr.value
    owner = flow.origin(context.module, table.value, scope)
    if owner is None or owner.kind is not Kind.OBJECT or any(attribute_values(context.module, name)):
        return None
    given = given_to(context.project, owner.name, name)
    homes = {context.module, *(item.module for item in given)}
    if not given or not all(isinstance(item.value, cst.Dict) for item in given) or not _are_read(homes, name):
        return None
    is_saved = is_saved_with(context.project, owner.name or "", member.name)
    return with_equal_member(context, owner.part(), key, scope) if is_saved else None


def _are_read(modules: Iterable[AnalyzedModule], name: str) -> bool:
    """Tell whether modules only read what is in the attributes of a name, so that nothing comes in later."""
    for module in modules:
        for node, _ in module.sites(cst.Attribute):
            around = module.parent(node) if node.attr.value == name else None
            match around:
                case (
                    None | cst.AssignTarget() | cst.Attribute(attr=cst.Name(value="get" | "keys" | "values" | "items"))
                ):
                    continue
                case cst.Subscript() if not isinstance(module.parent(around), (cst.AssignTarget, cst.AugAssign)):
                    continue
            return False
    return True


def _made_of(context: ModuleContext, flow: Flow) -> Iterator[Found]:
    """Yield calls of an enum of the host with a member of the package's enum of that name."""
    for call, scope in context.module.sites(cst.Call):
        if len(call.args) != 1 or call.args[0].star or call.args[0].keyword is not None:
            continue
        found = class_definition(context.project, context.module.qualified(call.func, scope))
        if found is None or not is_enum(context.project, found) or _finds_itself(context, found):
            continue
        value = flow.origin(context.module, call.args[0].value, scope)
        package = interning_package(context.project, found.module.name)
        if package is not None and value is not None and value.kind is Kind.OBJECT and value.name == found.name:
            other = Mismatch(found.name, package, own_copy(package, found.name), value)
            yield call, f"`{excerpt(context.module, call)}` raises ValueError", other


def _finds_itself(context: ModuleContext, found: Definition) -> bool:
    """Tell whether an enum may take a member of another one for a value."""
    own = (method.name.value for cls in ancestry(context.project, found)[0] for method in methods(cls))
    return "_missing_" in own or not equals_by_identity(context.project, found)
