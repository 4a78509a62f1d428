"""TPK204 lazy-module."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.dynamic import IMPORT_CALLS, function_called, is_in_module_getattr, mentions
from tpkg_analyzer.rule.packaged import is_left_to_host, owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_runtime.wire.messages import Experiment, ExperimentKind

_LAZY_LOADER = {"lazy_loader.attach", "lazy_loader.attach_stub", "lazy_loader.load"}
_HELP = "import by statements, also inside of `__getattr__`, or keep the module extern"


class LazyModule(Rule):
    """A packaged module imports its parts when they are first asked for, in a way that the exporter does not see.

    ## What it does
    Reports a module `__getattr__` that calls `importlib.import_module` or `__import__`, `lazy_loader`, and a module
    that puts another object in its place in `sys.modules`, as transformers' `_LazyModule` does.

    ## Why is this bad?
    The exporter records none of the parts. Inside a package `__name__` is mangled, so that a relative import by it
    raises ModuleNotFoundError, and one by `__package__` takes the host's copy. The importer keeps modules in a table
    of its own: what is put into `sys.modules` is ignored, and a replacement without `__file__` fails the export.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "layers"
    modules = ["layers"]
    actions = [{ intern = "layers.**" }]
    ```
    ```python layers/__init__.py
    import importlib


    def __getattr__(name):
        return importlib.import_module("." + name, __name__)
    ```
    ```python layers/dense.py
    SIZE = 2
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "layers"
    modules = ["layers"]
    actions = [{ intern = "layers.**" }]
    ```
    ```python layers/__init__.py
    from . import dense as dense
    ```
    ```python layers/dense.py
    SIZE = 2
    ```

    ## How it is confirmed

    The packaged module is asked for the names that the host's serves. The finding is confirmed if one raises, or
    gives what is the host's. A module that replaces itself is confirmed if the package gives another kind of object.
    """

    code = "TPK204"
    name = "lazy-module"
    severity = Severity.WARNING
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.LAZY_NAMES
    words = frozenset(
        {"__getattr__ import_module", "__getattr__ __import__", "lazy_loader", "sys modules", "LazyLoader"}
    )

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Ask for the names, or compare the modules."""
        kind = ExperimentKind.REPLACED_MODULE if finding.symbol == "sys.modules" else ExperimentKind.LAZY_NAMES
        return Experiment(0, kind, finding.module, finding.symbol)

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each way by which the module imports lazily."""
        if not context.is_packaged:
            return
        module = context.module
        in_getattr: dict[str, list[cst.Call]] = {}
        for call, scope in module.sites(cst.Call):
            function = function_called(module, call, scope)
            if function in IMPORT_CALLS and is_in_module_getattr(scope) and _may_be_packaged(context, call, scope):
                in_getattr.setdefault(_where(call), []).append(call)
            elif function in _LAZY_LOADER or function == "importlib.util.LazyLoader":
                yield context.finding(
                    self,
                    module.span(call),
                    f"`{function}` imports past {owner(context)}, and the exporter does not see what",
                    symbol=str(function),
                    help=_HELP,
                )
        for where, (first, *others) in in_getattr.items():
            yield context.finding(
                self,
                module.span(first),
                f"the parts of `{context.name}` that its `__getattr__` imports are invisible to the exporter, "
                f"and {where} {owner(context)}",
                symbol="__getattr__",
                help=_HELP,
                related=tuple(Related(context.path, module.span(call), "it imports here as well") for call in others),
            )
        if context.closures and all(context.name in closure.broken for closure in context.closures):
            return  # what it puts in its place has no file, so that no package comes to hold the module
        for assignment, scope in module.sites(cst.Assign):
            if any(_is_own_entry(context, target.target, scope) for target in assignment.targets):
                yield context.finding(
                    self,
                    module.span(assignment),
                    f"`{context.name}` replaces itself in `sys.modules`: {owner(context)} keeps the original module",
                    symbol="sys.modules",
                    help="define what the module offers at its top level, or keep the module extern",
                )


def _may_be_packaged(context: ModuleContext, call: cst.Call, scope: Scope) -> bool:
    name = argument(call, 0, "name")
    if name is None:
        return False
    text = constant_string(context.module, name, scope)
    return text is None or text.startswith(".") or not is_left_to_host(context, text)


def _where(call: cst.Call) -> str:
    if any(mentions(item.value, "__name__") for item in call.args):
        return "the call raises inside"
    return "the call takes the host's copies inside"


def _is_own_entry(context: ModuleContext, target: cst.BaseExpression, scope: Scope) -> bool:
    match target:
        case cst.Subscript(value=table, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
            is_own = isinstance(key, cst.Name) and key.value == "__name__" and scope.lookup("__name__") is None
            is_own = is_own or constant_string(context.module, key, scope) == context.name
            return is_own and context.module.qualified(table, scope) == "sys.modules"
        case _:
            return False
