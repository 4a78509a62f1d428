"""TPK203 executed-import."""

import re
import textwrap
from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.atimport import is_never_entered, surroundings
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import FileContext, ModuleContext, action_in
from tpkg_analyzer.rule.dynamic import function_called
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.packaged import is_meant_for_package, owner
from tpkg_analyzer.rule.rule import Rule, occur
from tpkg_analyzer.rule.scopes import Scope
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.imports import absolute_name, find_imports, package_of
from tpkg_runtime.wire.messages import Experiment, ExperimentKind

_EXECUTING = {"builtins.exec": "exec", "builtins.eval": "eval", "builtins.compile": "compile"}
_CALLED = re.compile(r"(?<![\w.])(?:exec|eval|compile)\b(?!\s*=)|\bbuiltins\b")
_RUNNING = frozenset({"runpy.run_module", "runpy.run_path"})
_RUNNERS = frozenset(name.replace(".", " ") for name in _RUNNING)
_DUNDER = "__import__"
_ALWAYS_ALLOWED = frozenset({"builtins", "numpy"})
"""What the package's importer gives though it is recorded nowhere."""
_IMPORT = re.compile(r"(?:^|[\n;:])\s*(?:import|from)\s|__import__\s*\(|import_module\s*\(")


class ExecutedImport(Rule):
    """A packaged module imports where the exporter does not look: in a string that it executes, or within a call.

    ## What it does
    Reports `exec`, `eval` and `compile` of a string that imports, in an interned module: of a constant one where a
    module that it imports is not in the package by other ways, of one with unknown parts where a known part imports.
    Reports `__import__` of such a module by its name where it stands within another call, as in
    `str(__import__("csv"))`. Reports `runpy` where it runs a module of the package, or a path.

    ## Why is this bad?
    The exporter reads statements, not strings, and no calls within calls. In the package the import asks the package's
    importer, which has neither the module nor a record of it as extern, and raises ModuleNotFoundError, even for the
    standard library. `runpy` runs the host's copy.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    def load():
        scope = {}
        exec("import csv", scope)
        return scope["csv"]
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    import csv


    def load():
        return csv
    ```

    ## How it is confirmed

    The import is made in the packaged module. The finding is confirmed if it raises there, or where the project is not
    installed, and not in the host.
    """

    code = "TPK203"
    name = "executed-import"
    severity = Severity.WARNING
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.DIFFERS_INSIDE
    words = frozenset({"exec", "eval", "compile", _DUNDER, *_RUNNERS})

    def concerns(self, context: FileContext) -> bool:
        """Look for the functions; `eval` and `compile` are names of methods far more often."""
        is_certain = _DUNDER in context.words or occur(_RUNNERS, context.words)
        return is_certain or (super().concerns(context) and bool(_CALLED.search(context.source)))

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Try the import itself; what else the executed text needs is not known."""
        if finding.symbol == "runpy.run_path":
            return "the file is there, in the process that confirms"
        if finding.symbol in _RUNNING:
            return super().experiment(finding, code)
        if finding.symbol == "a module":
            return "what is imported is known when the code runs"
        text = f"__import__({finding.symbol!r})"
        return Experiment(0, ExperimentKind.RAISES_INSIDE, finding.module, finding.symbol, text)

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each string with an import that is executed."""
        if not context.is_packaged:
            return
        for call, scope in context.module.sites(cst.Call):
            function = function_called(context.module, call, scope)
            if function in _EXECUTING:
                imported = _imported(context, argument(call, 0, "source"), scope)
                if imported is not None:
                    yield context.finding(
                        self,
                        context.module.span(call),
                        f"`{_EXECUTING[function]}` imports {imported} from a string: the exporter does not see it, "
                        f"and {owner(context)} may lack it",
                        symbol=imported.strip("`"),
                        help="import by a statement",
                    )
            elif function == f"builtins.{_DUNDER}" and _is_overlooked(context.module, call):
                missing = _missing(context, context.module.tree.code_for_node(call))
                if missing is not None:
                    yield context.finding(
                        self,
                        context.module.span(call),
                        f"`{_DUNDER}` of `{missing}` stands within another call: the exporter does not see it, "
                        f"and {owner(context)} may lack it",
                        symbol=missing,
                        help="import by a statement",
                    )
            elif function in _RUNNING and (what := _run(context, call, scope, function)) is not None:
                yield context.finding(
                    self,
                    context.module.span(call),
                    f"`{function}` runs {what} of the host, past {owner(context)}",
                    symbol=function,
                    help="import the module and call a function of it",
                )


def _imported(context: ModuleContext, source: cst.BaseExpression | None, scope: Scope) -> str | None:
    """Return what a source imports that the package has not got otherwise; None for nothing."""
    if source is None:
        return None
    text = constant_string(context.module, source, scope)
    if text is None:
        return "a module" if _IMPORT.search(_known_parts(context, source, scope)) else None
    missing = _missing(context, text)
    return f"`{missing}`" if missing is not None else None


def _missing(context: ModuleContext, text: str) -> str | None:
    """Return a module that a source imports and the package has not got otherwise."""
    for module in _imports_of(context, text):
        if module in _ALWAYS_ALLOWED or any(_gives(closure, module) for closure in context.closures):
            continue
        if context.closures or is_meant_for_package(context, module):
            return module
    return None


def _gives(closure: Closure, module: str) -> bool:
    """Tell whether a module can be imported in a package: it is recorded, or something above it that is not inside."""
    if action_in(closure, module) is not None:
        return True
    above = module.rpartition(".")[0]
    while above:
        if action_in(closure, above) in (Action.EXTERN, Action.MOCK):
            return True
        above = above.rpartition(".")[0]
    return False


def _is_overlooked(module: AnalyzedModule, call: cst.Call) -> bool:
    """Tell whether a call stands within another one, and not where it may fail or is not made in a package."""
    if not isinstance(call.func, cst.Name) or call.func.value != _DUNDER:
        return False
    is_within, is_expression = False, True
    inner: cst.CSTNode = call
    for around in surroundings(module, call):
        is_expression = is_expression and not isinstance(around, (cst.BaseStatement, cst.BaseSmallStatement))
        is_within = is_within or (is_expression and isinstance(around, cst.Call))
        if isinstance(around, cst.Try) and inner is around.body and around.handlers:
            return False
        if is_never_entered(module, around, inner):
            return False
        inner = around
    return is_within


def _imports_of(context: ModuleContext, text: str) -> Iterator[str]:
    try:
        imports = find_imports(textwrap.dedent(text).strip())
    except (SyntaxError, ValueError, RecursionError):
        return
    package = package_of(context.name, context.is_package)
    for item in imports:
        try:
            base = absolute_name(item.module, package, item.level)
        except ValueError:
            continue
        inner = f"{base}.{item.name}"
        yield inner if item.name and context.project.facts(inner) is not None else base


def _known_parts(context: ModuleContext, source: cst.BaseExpression, scope: Scope) -> str:
    match source:
        case cst.FormattedString(parts=parts):
            return "".join(part.value if isinstance(part, cst.FormattedStringText) else "_" for part in parts)
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Modulo(), right=right):
            return _known_parts(context, left, scope) + _known_parts(context, right, scope)
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value="format"))):
            return _known_parts(context, inner, scope)
        case cst.ConcatenatedString(left=left, right=right):
            return _known_parts(context, left, scope) + _known_parts(context, right, scope)
        case _:
            return constant_string(context.module, source, scope) or "_"


def _run(context: ModuleContext, call: cst.Call, scope: Scope, function: str) -> str | None:
    if function == "runpy.run_path":
        return "a file"
    name = argument(call, 0, "mod_name")
    text = constant_string(context.module, name, scope) if name is not None else None
    if text is None:
        return "a module" if name is not None else None
    return f"`{text}`" if is_meant_for_package(context, text) else None
