"""TPK606 mock-used."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.model.package import RootKind
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.mocks import imports_mocks, mocked_uses
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope, ScopeKind
from tpkg_analyzer.scan.closure import Closure


class MockUsed(Rule):
    """A function that the saved object can reach uses a mocked name.

    ## What it does
    Reports names of mocked modules that are called, subclassed, compared or tested in the methods of a saved object's
    class, in the public functions of a saved module, and in what these call in the same module.

    ## Why is this bad?
    Any use of a mock but naming it raises NotImplementedError. The package loads, and fails when the function runs.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }, { mock = "reports" }]
    ```
    ```python classifier.py
    from reports import Report


    def predict(text):
        return Report(text)
    ```
    ```python reports.py
    class Report:
        pass
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }, { intern = "reports" }]
    ```
    ```python classifier.py
    from reports import Report


    def predict(text):
        return Report(text)
    ```
    ```python reports.py
    class Report:
        pass
    ```

    ## How it is confirmed
    It is not: that needs arguments for the function.
    """

    code = "TPK606"
    name = "mock-used"
    severity = Severity.WARNING
    since = "0.1"
    runs_inside = True

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report the first use of each name in each function that can be reached."""
        if not context.closures or not imports_mocks(context):
            return
        module = context.project.module(context.name)
        if module is None:
            return
        calls = _calls(module)
        reached = {
            closure.package.name: _reached(calls, _entries(context, closure, module)) for closure in context.closures
        }
        seen: set[tuple[str, str]] = set()
        for use in mocked_uses(context, module):
            function = _outermost(use.scope)
            key = (function, use.name)
            mocking = (closure.package.name for closure in use.closures)
            packages = [name for name in mocking if function in reached[name]]
            if not packages or key in seen:
                continue
            seen.add(key)
            where = f"mocked in package `{packages[0]}` and {use.how} in `{function}`"
            yield context.finding(
                self,
                module.span(use.node),
                f"`{use.name}` is {where}, which raises when it runs",
                symbol=use.name,
                help="intern or extern its module, or keep what needs it out of the package",
                package=packages[0],
            )


def _entries(context: FileContext, closure: Closure, module: AnalyzedModule) -> set[str]:
    """Return the functions of this module that users of a package call: methods of saved objects, public ones."""
    saved = closure.package.roots
    is_saved = any(root.kind is RootKind.MODULE and root.module == context.name for root in saved)
    named = {pair for root in saved for pair in ((root.module, root.cls), *root.globals)}
    classes = {cls for module_name, cls in named if module_name == context.name}
    found: set[str] = set()
    for node, scope in module.sites(cst.FunctionDef):
        name = f"{scope.qualname}.{node.name.value}".lstrip(".")
        is_public = not any(part.startswith("_") and part != "__init__" for part in name.split("."))
        is_method = scope.qualname in classes and node.name.value != "__init__"
        if is_method or (is_saved and is_public and scope.runs_at_import):
            found.add(name)
    return found


def _calls(module: AnalyzedModule) -> dict[str, set[str]]:
    """Return what each function calls in the same module: by name, or as a method of its own class."""
    calls: dict[str, set[str]] = {}
    for call, scope in module.sites(cst.Call):
        caller = _outermost(scope)
        if not caller:
            continue
        match call.func:
            case cst.Name(value=name):
                calls.setdefault(caller, set()).update((name, f"{name}.__init__"))
            case cst.Attribute(value=cst.Name(value="self" | "cls"), attr=cst.Name(value=name)):
                calls.setdefault(caller, set()).add(f"{caller.rpartition('.')[0]}.{name}")
    return calls


def _reached(calls: dict[str, set[str]], entries: set[str]) -> set[str]:
    """Add what the functions call."""
    reached, waiting = set(entries), list(entries)
    while waiting:
        for name in calls.get(waiting.pop(), set()) - reached:
            reached.add(name)
            waiting.append(name)
    return reached


def _outermost(scope: Scope) -> str:
    """Return the outermost function around a scope; empty at import."""
    functions = [item for item in scope.outward() if item.kind is ScopeKind.FUNCTION]
    return functions[-1].qualname if functions else ""
