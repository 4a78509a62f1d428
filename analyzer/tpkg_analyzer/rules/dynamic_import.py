"""TPK201 dynamic-import."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import ModuleContext, action_in
from tpkg_analyzer.rule.dynamic import IMPORT_CALLS, function_called, is_in_module_getattr, leading_text, possible_texts
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.own_name import begins_with_own_name
from tpkg_analyzer.rule.packaged import is_left_to_host, owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.wire.messages import Experiment, ExperimentKind

_RAISES = "raises in"


class DynamicImport(Rule):
    """A packaged module imports by a name that is known only when it runs.

    ## What it does
    Reports `importlib.import_module` and `__import__` in an interned module where the name of the module cannot be
    told from the code. Names that certainly start with torch, the standard library or an extern package are none of
    the package's business and silent; known names are the business of host-import.

    ## Why is this bad?
    The exporter does not see what is imported. `importlib.import_module` then takes the host's copy of a module that
    the package holds, or fails where there is none; `__import__` asks the package, which lacks every module that no
    import statement names.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    import importlib


    def load_head(name):
        return importlib.import_module(f"heads_{name}")
    ```
    ```python heads_linear.py
    SIZE = 2
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "**" }]
    ```
    ```python classifier.py
    import heads_linear


    def load_head(name):
        return {"linear": heads_linear}[name]
    ```
    ```python heads_linear.py
    SIZE = 2
    ```

    ## How it is confirmed

    The package is imported, its smoke function is called, and what packaged code imports is watched. The finding is
    confirmed if the call asks the host for a module that the package holds, or does not name. Where the call does not
    run and the beginning of the name is written there, a module of the project with such a name is asked for in its
    place. Else it stays open, since another value may do so. A name that begins with `__name__` is tried as it is.
    """

    code = "TPK201"
    name = "dynamic-import"
    severity = Severity.WARNING
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.PAST_PACKAGE
    words = frozenset({"import_module", "__import__"})

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Watch the lines of the call, and say how the name begins."""
        if _RAISES in finding.message:
            return Experiment(0, ExperimentKind.RAISES_INSIDE, finding.module, finding.symbol, code)
        function = "__import__" if "finds in" in finding.message else "import_module"
        lines = f"{finding.span.line}-{finding.span.end_line}"
        return Experiment(0, ExperimentKind.PAST_PACKAGE, finding.module, function, f"{lines} {_beginning(code)}")

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each import by an unknown name."""
        if not context.is_packaged:
            return
        module = context.module
        for call, scope in module.sites(cst.Call):
            function = function_called(module, call, scope)
            if function not in IMPORT_CALLS or is_in_module_getattr(scope):
                continue
            name = argument(call, 0, IMPORT_CALLS[function][0])
            if name is None or not _is_unknown(context, call, name, scope, function):
                continue
            short = function.rpartition(".")[2]
            shown = module.tree.code_for_node(name)
            if _is_mangled(module, call, name, scope, function):
                what = f"{_RAISES} {owner(context)}, where `__name__` is mangled"
            elif function == "builtins.__import__":
                what = f"finds in {owner(context)} only what an import statement names"
            else:
                what = f"takes whatever the host of {owner(context)} has"
            yield context.finding(
                self,
                module.span(call),
                f"`{short}({shown})` is invisible to the exporter and {what}",
                symbol=f"{scope.qualname or context.name}:{shown}",
                help="import the candidates by statements and choose among them, or make what it imports extern",
            )


def _is_mangled(module: AnalyzedModule, call: cst.Call, name: cst.BaseExpression, scope: Scope, function: str) -> bool:
    """Tell whether what is asked for begins as the name of the module does, by itself or by what it is relative to."""
    base = _base(call, function)
    if base is not None and leading_text(module, name, scope).startswith("."):
        return begins_with_own_name(module, base, scope)
    return begins_with_own_name(module, name, scope)


def _base(call: cst.Call, function: str) -> cst.BaseExpression | None:
    return argument(call, 1, "package") if function == "importlib.import_module" else None


def _is_unknown(context: ModuleContext, call: cst.Call, name: cst.BaseExpression, scope: Scope, function: str) -> bool:
    """Tell whether neither the name nor its top package is known to be outside of the package."""
    text = leading_text(context.module, name, scope)
    if constant_string(context.module, name, scope) is not None:
        base = _base(call, function)
        # A relative name is as unknown as what it is relative to.
        return text.startswith(".") and base is not None and constant_string(context.module, base, scope) is None
    possible = possible_texts(context.module, name, scope)
    if possible is not None:
        return not all(_is_outside(context, item.partition(".")[0]) for item in possible)
    top, dot, _ = text.partition(".")
    return not top or not dot or not _is_outside(context, top)


def _is_outside(context: ModuleContext, top: str) -> bool:
    return bool(top) and (is_left_to_host(context, top) or _is_extern(context, top))


def _beginning(code: str) -> str:
    """Return the absolute text that the first argument of a call certainly begins with."""
    try:
        call = cst.parse_expression(code)
    except cst.ParserSyntaxError:
        return ""
    name = call.args[0].value if isinstance(call, cst.Call) and call.args else None
    while isinstance(name, cst.BinaryOperation):
        name = name.left
    match name:
        case cst.Call(func=cst.Attribute(value=cst.SimpleString() as text, attr=cst.Name(value="format"))):
            said = str(text.evaluated_value).partition("{")[0]
        case cst.SimpleString():
            said = str(name.evaluated_value).partition("%")[0]
        case cst.FormattedString(parts=[cst.FormattedStringText(value=said), *_]):
            pass
        case _:
            said = ""
    return "" if said.startswith(".") else said


def _is_extern(context: ModuleContext, top: str) -> bool:
    actions = {action_in(closure, top) for closure in context.closures} - {None}
    return actions == {Action.EXTERN} or not (actions or context.project.is_first_party(top))
