"""TPK205 sys-modules-access."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Severity
from tpkg_analyzer.rule.atimport import surroundings
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.dynamic import function_called
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.packaged import is_meant_for_package, owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_runtime.wire.messages import Experiment, ExperimentKind

_METHODS = frozenset({"get", "pop", "setdefault", "__getitem__"})
_OWN = frozenset({"self.__module__", "cls.__module__", "self.__class__.__module__", "type(self).__module__"})


class SysModulesAccess(Rule):
    """A packaged module looks for itself or for another packaged module in `sys.modules`.

    ## What it does
    Reports in an interned module `sys.modules[...]`, `sys.modules.get(...)` and `... in sys.modules` of `__name__`, of
    the `__module__` of its own classes, or of the constant name of a module that the package holds, and
    `importlib.reload` of such a module. What the module puts into `sys.modules` itself is there from then on.

    ## Why is this bad?
    A PackageImporter keeps its modules in a table of its own. Under the mangled name nothing is in `sys.modules`, and
    under the plain name is the host's copy of the module, if any.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }, { extern = "sys" }]
    ```
    ```python classifier.py
    import sys


    def build(name):
        return getattr(sys.modules[__name__], name)()
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    def build(name):
        return globals()[name]()
    ```

    ## Fix safety
    Unsafe: `globals()` is the module's namespace, but raises KeyError instead of AttributeError; an import may run a
    module that was only looked for.

    ## How it is confirmed

    The expression is evaluated in the host, with the names of the packaged module, and there once more as if the
    project were not installed. The finding is confirmed if it raises in the package, or if the values differ.
    """

    code = "TPK205"
    name = "sys-modules-access"
    severity = Severity.WARNING
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.DIFFERS_INSIDE
    words = frozenset({"sys modules", "importlib reload"})

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Try what only reads: to take an entry away changes the process that confirms."""
        if ".pop(" in code:
            return "it would change the process that confirms"
        return super().experiment(finding, code)

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each look into the table of modules that is about the package's own."""
        if not context.is_packaged or context.project.runtime == "tpkg":
            return
        stores = list(_stores(context))
        for node, key, scope in _looks(context):
            what = _about(context, key, scope)
            if what is None or any(_may_be_before(context.module, store, node, key, scope) for store in stores):
                continue
            shown, consequence = what
            yield context.finding(
                self,
                context.module.span(node),
                f"`sys.modules` {consequence} inside {owner(context)}",
                symbol=shown,
                help="use `globals()` for the module itself, and an import statement for another one",
                fix=_fix(context, node, key, scope),
            )
        for call, scope in context.module.sites(cst.Call):
            if function_called(context.module, call, scope) != "importlib.reload":
                continue
            name = context.module.qualified(call.args[0].value, scope) if call.args else None
            if name is not None and is_meant_for_package(context, name):
                yield context.finding(
                    self,
                    context.module.span(call),
                    f"`reload({name})` raises ImportError inside {owner(context)}, whose modules are not in "
                    "`sys.modules`",
                    symbol=name,
                    help="make the state that is to be reset an object that can be made again",
                )


def _looks(context: ModuleContext) -> Iterator[tuple[cst.CSTNode, cst.BaseExpression, Scope]]:
    """Yield each place that asks `sys.modules` for a key, with the key."""
    module = context.module
    for node, scope in module.sites(cst.Subscript):
        match node.slice:
            case [cst.SubscriptElement(slice=cst.Index(value=key))] if _is_table(context, node.value, scope):
                if not isinstance(module.parent(node), cst.AssignTarget):
                    yield node, key, scope
    for call, scope in module.sites(cst.Call):
        if isinstance(call.func, cst.Attribute) and call.func.attr.value in _METHODS and call.args:
            found = argument(call, 0, "key")
            if found is not None and _is_table(context, call.func.value, scope):
                yield call, found, scope
    for comparison, scope in module.sites(cst.Comparison):
        for item in comparison.comparisons:
            if isinstance(item.operator, (cst.In, cst.NotIn)) and _is_table(context, item.comparator, scope):
                yield comparison, comparison.left, scope


def _stores(context: ModuleContext) -> Iterator[tuple[cst.AssignTarget, str, Scope]]:
    """Yield each place that puts an entry into `sys.modules`, with the code of its key."""
    module = context.module
    for node, scope in module.sites(cst.Subscript):
        target = module.parent(node)
        if isinstance(target, cst.AssignTarget) and _is_table(context, node.value, scope):
            match node.slice:
                case [cst.SubscriptElement(slice=cst.Index(value=key))]:
                    yield target, module.tree.code_for_node(key), scope


def _may_be_before(
    module: AnalyzedModule,
    store: tuple[cst.AssignTarget, str, Scope],
    look: cst.CSTNode,
    key: cst.BaseExpression,
    scope: Scope,
) -> bool:
    """Tell whether an entry may be there that the module itself puts in: what comes first is certain in one body only.

    A statement works out its value before it puts it in.
    """
    target, stored_key, stored_in = store
    if stored_key != module.tree.code_for_node(key):
        return False
    if stored_in is not scope:
        return True
    statement = module.parent(target)
    is_within = any(around is statement for around in surroundings(module, look))
    return not is_within and module.span(target).line < module.span(look).line


def _is_table(context: ModuleContext, node: cst.BaseExpression, scope: Scope) -> bool:
    return context.module.qualified(node, scope) == "sys.modules"


def _about(context: ModuleContext, key: cst.BaseExpression, scope: Scope) -> tuple[str, str] | None:
    """Return what a key stands for and what comes of it, None where it is not the package's business."""
    code = context.module.tree.code_for_node(key)
    if code in _OWN or (code == "__name__" and scope.lookup("__name__") is None):
        return code, f"has no entry for `{code}`"
    if isinstance(key, cst.Attribute) and key.attr.value == "__module__":
        name = context.module.qualified(key.value, scope) or ""
        is_own = name.startswith(f"{context.name}.") and name.count(".") == context.name.count(".") + 1
        return (code, f"has no entry for `{code}`") if is_own else None
    text = constant_string(context.module, key, scope)
    if text and is_meant_for_package(context, text):
        return text, f"has the host's `{text}`, if any, and not the copy"
    return None


def _fix(context: ModuleContext, node: cst.CSTNode, key: cst.BaseExpression, scope: Scope) -> Fix | None:
    if not isinstance(node, cst.Subscript):
        return None
    if context.module.tree.code_for_node(key) == "__name__":
        return _globals(context, node)
    text = constant_string(context.module, key, scope)
    if text is None or isinstance(context.module.parent(node), cst.Del):
        return None
    edit = Edit(context.path, context.module.span(node), f'__import__("{text}", fromlist=["_"])')
    return Fix(f"Import `{text}` in a way that the package and the exporter see", (edit,), is_safe=False)


def _globals(context: ModuleContext, node: cst.Subscript) -> Fix | None:
    around = context.module.parent(node)
    if isinstance(around, cst.Attribute) and around.attr.value == "__dict__":
        return Fix("Use `globals()`", (Edit(context.path, context.module.span(around), "globals()"),), is_safe=False)
    call = context.module.parent(around) if isinstance(around, cst.Arg) else None
    if not isinstance(call, cst.Call) or call.args[0].value is not node or not isinstance(call.func, cst.Name):
        return None
    codes = [context.module.tree.code_for_node(item.value) for item in call.args]
    match call.func.value, codes:
        case "vars", [_]:
            text = "globals()"
        case "getattr", [_, name]:
            text = f"globals()[{name}]"
        case "getattr", [_, name, default]:
            text = f"globals().get({name}, {default})"
        case "hasattr", [_, name]:
            text = f"({name} in globals())"
        case _:
            return None
    return Fix("Use `globals()`", (Edit(context.path, context.module.span(call), text),), is_safe=False)
