"""TPK610 mangled-logger-name."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.changes import own_state
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.rule import Rule
from tpkg_runtime.wire.messages import ExperimentKind


class MangledLoggerName(Rule):
    """A packaged module names its logger by `__name__`.

    ## What it does
    Reports `logging.getLogger(__name__)` in an interned module.

    ## Why is this bad?
    Inside a package `__name__` is mangled: the logger is called `<torch_package_0>.classifier`, with another number
    for each importer. Levels and handlers that the host sets for `classifier` do not reach it.

    ## Example
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    import logging

    logger = logging.getLogger(__name__)
    ```

    ## Use instead
    ```toml
    [[tool.tpkg-lint.package]]
    name = "classifier"
    modules = ["classifier"]
    actions = [{ intern = "classifier" }]
    ```
    ```python classifier.py
    import logging

    logger = logging.getLogger("classifier")
    ```

    ## How it is confirmed

    The call is made in the host and with the names of the packaged module. The finding is confirmed if the loggers
    have different names.
    """

    code = "TPK610"
    name = "mangled-logger-name"
    severity = Severity.HINT
    since = "0.1"
    runs_inside = True
    confirmed_by = ExperimentKind.DIFFERS_INSIDE
    words = frozenset({"getLogger"})

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Report each call."""
        if not context.is_packaged or not self.concerns(context):
            return
        for span in own_state(context).loggers:
            yield context.finding(
                self,
                span,
                f"the logger's name is mangled inside {owner(context)}: "
                f"the host's configuration of `{context.name}` does not reach it",
                symbol="getLogger",
                help=f'name it `logging.getLogger("{context.name}")`',
            )
