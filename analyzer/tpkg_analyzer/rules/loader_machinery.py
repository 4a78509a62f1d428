"""TPK207 loader-machinery."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.dynamic import function_called, mentions
from tpkg_analyzer.rule.packaged import is_meant_for_package, owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_runtime.spec.imports import absolute_name, package_of
from tpkg_runtime.wire.messages import Experiment, ExperimentKind

_LOADING = frozenset(
    {
        "importlib.util.spec_from_file_location",
        "importlib.util.spec_from_loader",
        "importlib.machinery.SourceFileLoader",
        "importlib.machinery.SourcelessFileLoader",
        "importlib.machinery.ExtensionFileLoader",
        "zipimport.zipimporter",
        "imp.load_source",
        "imp.load_compiled",
        "imp.load_dynamic",
        "imp.load_module",
        "imp.load_package",
        "imp.find_module",
    }
)

_FINDING = {
    "importlib.util.find_spec": "name",
    "importlib.find_loader": "name",
    "pkgutil.find_loader": "fullname",
    "pkgutil.get_loader": "module_or_name",
}
_HOOKS = frozenset({"sys.meta_path", "sys.path_hooks"})
_CHANGES = frozenset({"append", "insert", "extend", "remove"})


class LoaderMachinery(Rule):
    """A packaged module uses the host's finders and loaders.

    ## What it does
    Reports in an interned module loaders and specs made from a file, the module `imp`, `find_spec` and its like with
    the name of a module that the package holds, and changes of `sys.meta_path` and `sys.path_hooks`. Whether an extern
    library is there (`find_spec("triton")`) may be asked.

    ## Why is this bad?
    The machinery of the host knows nothing of the package: it finds the host's copy of a module or none, and runs a
    file with the host's imports. The mangled `__name__` is no module of the host at all.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier", "heads"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    import importlib.util

    HAS_HEADS = importlib.util.find_spec("heads") is not None
    ```
    ```python heads.py
    SIZE = 2
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier", "heads"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    try:
        import heads
    except ImportError:
        heads = None

    HAS_HEADS = heads is not None
    ```
    ```python heads.py
    SIZE = 2
    ```

    ## How it is confirmed

    The call is made with the names of the packaged module. The finding is confirmed if it raises, if it gives a
    loader of the host, or if it finds something else where the project is not installed. Hooks are not tried.
    """

    code = "TPK207"
    name = "loader-machinery"
    severity = Severity.WARNING
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.GIVES_LOADER
    words = frozenset(
        {"find_spec", "find_loader", "get_loader", "meta_path", "path_hooks", "zipimporter", "imp", "zipimport"}
        | {name.rpartition(".")[2] for name in _LOADING}
    )

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Try what makes a loader or finds a module; a hook would stay in the process that confirms."""
        if finding.symbol in _LOADING:
            return super().experiment(finding, code)
        if finding.symbol in _FINDING:
            return Experiment(0, ExperimentKind.DIFFERS_INSIDE, finding.module, finding.symbol, code)
        return "it would change the process that confirms"

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each use of the machinery that is about the package's modules or runs others past it."""
        if not context.is_packaged:
            return
        for call, scope in context.module.sites(cst.Call):
            function = function_called(context.module, call, scope)
            message = _loading(context, call, scope, function) or _hooking(context, call, scope)
            if message is not None:
                yield context.finding(
                    self,
                    context.module.span(call),
                    message,
                    symbol=function or "",
                    help="import by a statement; what is not in the package belongs to the host's code",
                )


def _loading(context: ModuleContext, call: cst.Call, scope: Scope, function: str | None) -> str | None:
    if function in _LOADING:
        return f"`{function}` loads a module with the host's imports, past {owner(context)}"
    if function not in _FINDING:
        return None
    name = argument(call, 0, _FINDING[function])
    if name is None:
        return None
    if mentions(name, "__name__") or (len(call.args) > 1 and mentions(call.args[1].value, "__name__")):
        return f"`{function}` raises inside {owner(context)}: `__name__` is mangled there and names no module"
    text = constant_string(context.module, name, scope)
    if text is not None and text.startswith("."):
        level = len(text) - len(text.lstrip("."))
        try:
            text = absolute_name(text[level:], package_of(context.name, context.is_package), level)
        except ValueError:
            return None
    if text is None or not is_meant_for_package(context, text):
        return None
    return f'`{function}("{text}")` asks the host, and not {owner(context)}'


def _hooking(context: ModuleContext, call: cst.Call, scope: Scope) -> str | None:
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in _CHANGES:
        return None
    table = context.module.qualified(call.func.value, scope)
    if table not in _HOOKS:
        return None
    return f"`{table}` is the host's: {owner(context)} does not ask it, and the host does from now on"
