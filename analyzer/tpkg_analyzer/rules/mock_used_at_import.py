"""TPK605 mock-used-at-import."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.atimport import may_be_skipped, runs_when_imported, surroundings
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.mocks import imports_mocks, mocked_uses
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.rule import Rule
from tpkg_runtime.wire.messages import Experiment, ExperimentKind

_CONDITION = " when it comes here"


class MockUsedAtImport(Rule):
    """A packaged module needs a mocked name while it is imported.

    ## What it does
    Reports names of mocked modules that an interned module subclasses, calls, uses as a decorator, compares, tests,
    iterates over, enters, unpacks or puts into `Optional[...]` or `X | None` when it is imported. Of what stands under
    a condition the message says that the import raises when it comes there.

    ## Why is this bad?
    A mock can be imported and handed on; anything else raises NotImplementedError, and with it the import of the
    module from the package. The export succeeds.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }, { mock = "reports" }]
    ```
    ```python classifier.py
    from reports import Report


    class Summary(Report):
        pass
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


    class Summary(Report):
        pass
    ```
    ```python reports.py
    class Report:
        pass
    ```

    ## How it is confirmed
    The module is imported from the package. The finding is confirmed if that raises there and importing the host's does
    not. What the import does not reach any more is run by itself. What stands under a condition is not tried.
    """

    code = "TPK605"
    name = "mock-used-at-import"
    severity = Severity.ERROR
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.IMPORT_RAISES

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Try what certainly runs: an import that does not come to a place says nothing about it."""
        if finding.message.endswith(_CONDITION):
            return "it depends on a condition whether the import comes here"
        return super().experiment(finding, code)

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report each use, in files that import something mocked."""
        if not context.closures or not imports_mocks(context):
            return
        module = context.project.module(context.name)
        if module is None:
            return
        for use in mocked_uses(context, module):
            if runs_when_imported(module, use.node, use.scope) and not _is_left_to_others(module, use.node):
                package = use.closures[0].package.name
                when = _CONDITION if may_be_skipped(module, use.node) else ""
                where = f"mocked in package `{package}` and {use.how} here"
                yield context.finding(
                    self,
                    module.span(use.node),
                    f"`{use.name}` is {where}: importing the module raises{when}",
                    symbol=use.name,
                    help="intern or extern its module, or use it in functions that the package never calls",
                    package=package,
                )


def _is_left_to_others(module: AnalyzedModule, node: cst.CSTNode) -> bool:
    """Tell whether a node is in a generator that no call takes at once: it runs when somebody asks for an element."""
    generator = next((item for item in surroundings(module, node) if isinstance(item, cst.GeneratorExp)), None)
    return generator is not None and may_be_skipped(module, node) and not isinstance(module.parent(generator), cst.Arg)
