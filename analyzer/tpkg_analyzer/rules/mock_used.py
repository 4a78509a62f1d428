"""TPK606 mock-used."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.model.package import RootKind
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.mocks import imports_mocks, mocked_uses
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.rule.scopes import Scope, ScopeKind


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
        reached = _reached(module, _entries(context, module))
        seen: set[tuple[str, str]] = set()
        for use in mocked_uses(context, module):
            function = _outermost(use.scope)
            key = (function, use.name)
            if function not in reached or key in seen:
                continue
            seen.add(key)
            yield context.finding(
                self,
                module.span(use.node),
                f"`{use.name}` is mocked in {owner(context)} and {use.how} in `{function}`, which raises when it runs",
                symbol=use.name,
                help="intern or extern its module, or keep what needs it out of the package",
            )


def _entries(context: FileContext, module: AnalyzedModule) -> set[str]:
    """Return the functions of this module that users of the package call: methods of saved objects, public ones."""
    found: set[str] = set()
    for closure in context.closures:
        for root in closure.package.roots:
            if root.module != context.name:
                continue
            for node, scope in module.sites(cst.FunctionDef):
                name = f"{scope.qualname}.{node.name.value}".lstrip(".")
                is_public = not any(part.startswith("_") and part != "__init__" for part in name.split("."))
                is_method = bool(root.cls) and scope.qualname == root.cls and node.name.value != "__init__"
                of_module = root.kind is RootKind.MODULE and is_public and scope.runs_at_import
                if of_module or (root.kind is RootKind.OBJECT and is_method):
                    found.add(name)
    return found


def _reached(module: AnalyzedModule, entries: set[str]) -> set[str]:
    """Add what the functions call in the same module: by name, or as a method of their own class."""
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
