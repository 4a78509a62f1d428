"""TPK306 process-global-registration."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Severity
from tpkg_analyzer.rule.atimport import is_guarded, runs_when_imported
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.changes import own_state
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import FileContext, ModuleContext
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.own_name import begins_with_own_name
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import BindingKind, Scope
from tpkg_runtime.spec.source import Span, split_lines
from tpkg_runtime.wire.messages import Experiment, ExperimentKind

_REFUSED = "the second import in a process raises"
_REPLACED = "each load replaces the host's implementation by its own"
_DOUBLED = "each load adds one more"
_CHANGED = "loading the package changes it for the whole process"

# What each call does to its process, as tried with torch 2.13: a module imported by the host and by two packages.
_CALLS = {
    "torch.library.custom_op": ("an operator", _REPLACED),
    "torch.library.triton_op": ("an operator", _REPLACED),
    "torch.library.define": ("an operator", _REFUSED),
    "torch.multiprocessing.set_start_method": ("a start method", _REFUSED),
    "multiprocessing.set_start_method": ("a start method", _REFUSED),
    "torch._dynamo.register_backend": ("a backend", _REFUSED),
    "torch._dynamo.backends.registry.register_backend": ("a backend", _REFUSED),
    "torch.serialization.register_package": ("a serializer", _DOUBLED),
    "atexit.register": ("an exit handler", _DOUBLED),
    "codecs.register": ("a codec search function", _DOUBLED),
    "codecs.register_error": ("a codec error handler", _REPLACED),
    "signal.signal": ("a signal handler", _REPLACED),
    "logging.basicConfig": ("a logging configuration", _CHANGED),
    "logging.addLevelName": ("a log level", _CHANGED),
    "logging.setLoggerClass": ("a logger class", _CHANGED),
    "logging.disable": ("a logging configuration", _CHANGED),
    "logging.config.dictConfig": ("a logging configuration", _CHANGED),
    "logging.config.fileConfig": ("a logging configuration", _CHANGED),
    "warnings.filterwarnings": ("a warnings filter", _CHANGED),
    "warnings.simplefilter": ("a warnings filter", _CHANGED),
    "warnings.resetwarnings": ("a warnings filter", _CHANGED),
}
# These file something under a type: harmless for a class of the package, which is another one at each load.
_BY_TYPE = {
    "torch.utils._pytree.register_pytree_node": ("a pytree node", _REFUSED),
    "torch.utils._pytree._register_pytree_node": ("a pytree node", _REPLACED),
    "torch.utils._cxx_pytree.register_pytree_node": ("a pytree node", _REFUSED),
    "copyreg.pickle": ("a reducer", _REPLACED),
    "copyreg.constructor": ("a constructor", _REPLACED),
}
# What the calls that refuse raise: torch.library and multiprocessing, pytree, dynamo.
_REFUSALS = "(RuntimeError, ValueError, AssertionError)"
_LIBRARY = "torch.library.Library"
# What a call of a method, or of a class, is for those that watch it: what symbols of findings end with.
_METHODS = {
    "addHandler": "logging.Logger.addHandler",
    "a logging handler": "logging.Logger.addHandler",
    "torch.library.define": "torch.library.define",
    ".define": f"{_LIBRARY}.define",
    "an operator": f"{_LIBRARY}.define",
    _LIBRARY: f"{_LIBRARY}.__init__",
}


class ProcessGlobalRegistration(Rule):
    """A packaged module registers something in a table of the process when it is imported.

    ## What it does
    Reports calls and decorators that run when an interned module is imported and that register an operator, a pytree
    node or reducer for a class of another module, an exit, signal or logging handler, a codec or a warnings filter.
    Registrations in a `try`, or under a condition that asks whether they are there already, are no finding, nor are
    handlers of a logger that is named by `__name__`, which is another one at each load.

    ## Why is this bad?
    Such a table exists once in a process, and the module is imported by the host and again by each PackageImporter:
    the second registration is refused with an error, replaces the first, or comes on top of it.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    import torch

    torch.library.define("classifier::scale", "(Tensor x) -> Tensor")
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    import torch

    if not hasattr(torch.ops.classifier, "scale"):
        torch.library.define("classifier::scale", "(Tensor x) -> Tensor")
    ```

    ## Fix safety
    Unsafe, and offered where a statement registers and nothing else, and the second registration is refused. The fix
    lets the first registration stand: the package then uses the implementation of whoever came first.

    ## How it is confirmed

    The module is imported from two packages beside the host's. The finding is confirmed if an import raises at
    that statement, or if it is seen to call the function at each.
    """

    code = "TPK306"
    name = "process-global-registration"
    severity = Severity.ERROR
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.REGISTERS
    words = frozenset({name.replace(".", " ") for name in (*_CALLS, *_BY_TYPE, _LIBRARY)} | {"addHandler"})

    def concerns(self, context: FileContext) -> bool:
        """Look for such a call at import; only a handler may be added to what has no name."""
        if not context.is_packaged or not super().concerns(context):
            return False
        called = {call.function for call in own_state(context).import_calls}
        return "addHandler" in context.words or not called.isdisjoint((*_CALLS, *_BY_TYPE, _LIBRARY))

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Watch the function; a method is watched on its class."""
        symbol = next((method for tail, method in _METHODS.items() if finding.symbol.endswith(tail)), finding.symbol)
        return Experiment(0, ExperimentKind.REGISTERS, finding.module, symbol, str(finding.span.line))

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each registration that runs at import without a guard."""
        if not context.is_packaged:
            return
        module = context.module
        sites: list[tuple[cst.CSTNode, cst.BaseExpression, Scope]] = [
            (call, call.func, scope) for call, scope in module.sites(cst.Call)
        ]
        sites += [(item.decorator, item.decorator, scope) for item, scope in module.sites(cst.Decorator)]
        for node, function, scope in sites:
            if not scope.runs_at_import:
                continue
            found = _registration(context, node, function, scope)
            if found is None or not runs_when_imported(module, node, scope) or is_guarded(module, node):
                continue
            what, consequence = found
            yield context.finding(
                self,
                module.span(node),
                f"registers {what} of the process at import from {owner(context)}: {consequence}",
                symbol=f"{module.qualified(function, scope) or what}",
                help="leave the module extern, or ask first whether the registration is there",
                fix=_guard(context, node) if consequence is _REFUSED else None,
            )


def _guard(context: ModuleContext, node: cst.CSTNode) -> Fix | None:
    """Return the fix that goes on where the registration is refused; for a statement on a line of its own."""
    module = context.module
    expression = module.parent(node)
    statement = module.parent(expression) if isinstance(expression, cst.Expr) else None
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    span = module.span(statement)
    lines = split_lines(context.source)[span.line - 1 : span.end_line]
    margin = lines[0][: span.column - 1]
    if margin.strip():
        return None
    first, *others = lines[0][span.column - 1 :], *lines[1:]
    if any(quotes in line for line in lines for quotes in ('"""', "'''")):
        return None  # what is in such a string must not be moved
    step = module.tree.default_indent
    body = "\n".join([f"{margin}{step}{first}", *(f"{step}{line}" for line in others)])
    refused = f"{margin}except {_REFUSALS}:  # registered before, by the host or another package"
    edit = Edit(
        context.path,
        Span(span.line, span.column, span.end_line, len(lines[-1]) + 1),
        f"try:\n{body}\n{refused}\n{margin}{step}pass",
    )
    return Fix("Let the first registration stand", (edit,), is_safe=False)


def _registration(
    context: ModuleContext, node: cst.CSTNode, function: cst.BaseExpression, scope: Scope
) -> tuple[str, str] | None:
    """Return what a call or decorator registers and what comes of it, None where it does not register."""
    module = context.module
    name = module.qualified(function, scope)
    if name in _CALLS and (isinstance(node, cst.Call) or "custom_op" in name):
        return _CALLS[name]
    if not isinstance(node, cst.Call):
        return _CALLS[name] if name in ("atexit.register", "torch._dynamo.register_backend") else None
    if name in _BY_TYPE:
        return None if _is_own(context, argument(node, 0, "cls"), scope) else _BY_TYPE[name]
    if name == _LIBRARY:
        kind = argument(node, 1, "kind")
        is_definition = kind is not None and constant_string(module, kind, scope) == "DEF"
        return ("an operator namespace", _REFUSED) if is_definition else None
    if isinstance(function, cst.Attribute):
        return _method(context.module, node, function, scope)
    return None


def _method(module: AnalyzedModule, call: cst.Call, function: cst.Attribute, scope: Scope) -> tuple[str, str] | None:
    made, made_in = _made(function.value, scope)
    made_by = module.qualified(made.func, made_in) if made is not None else None
    if made is not None and made_by == "logging.getLogger" and function.attr.value == "addHandler":
        named = argument(made, 0, "name")
        if named is not None and _holds_own_name(module, named, made_in):
            return None  # the name is mangled: each load has a logger of its own
        handler = argument(call, 0, "hdlr")
        if isinstance(handler, cst.Call) and module.qualified(handler.func, scope) == "logging.NullHandler":
            return None  # one more changes nothing
        return "a logging handler", _DOUBLED
    if made_by == _LIBRARY and function.attr.value == "define":
        return "an operator", _REFUSED
    return None


def _holds_own_name(module: AnalyzedModule, text: cst.BaseExpression, scope: Scope) -> bool:
    match text:
        case cst.FormattedString(parts=parts):
            inner = [part.expression for part in parts if isinstance(part, cst.FormattedStringExpression)]
        case cst.BinaryOperation(left=left, operator=cst.Add(), right=right):
            inner = [left, right]
        case _:
            return begins_with_own_name(module, text, scope)
    return any(_holds_own_name(module, part, scope) for part in inner)


def _made(value: cst.BaseExpression, scope: Scope) -> tuple[cst.Call | None, Scope]:
    """Return the call that makes a value, right here or where the one assignment to its name is, and its scope."""
    if isinstance(value, cst.Name) and (found := scope.lookup(value.value)) is not None:
        owner_scope, bindings = found
        if len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGNMENT or bindings[0].value is None:
            return None, scope
        value, scope = bindings[0].value, owner_scope
    return value if isinstance(value, cst.Call) else None, scope


def _is_own(context: ModuleContext, cls: cst.BaseExpression | None, scope: Scope) -> bool:
    """Tell whether a class may be one of the package, which is a new one at each load."""
    name = context.module.qualified(cls, scope) if cls is not None else None
    if name is None or name.startswith(f"{context.name}."):
        return True
    home = name.rpartition(".")[0]
    while home:
        if any(closure.modules.get(home) for closure in context.closures):
            return bool(context.project.interning(home))
        home = home.rpartition(".")[0]
    top = name.partition(".")[0]
    return top not in context.project.stdlib_names and top not in ("torch", "builtins")
