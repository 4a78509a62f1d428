"""TPK610 mangled-logger-name."""

from collections.abc import Iterator

import libcst as cst

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.packaged import owner
from tpkg_analyzer.rule.rule import Rule


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
    It is not: what the host configures is not known.
    """

    code = "TPK610"
    name = "mangled-logger-name"
    severity = Severity.HINT
    since = "0.1"
    words = frozenset({"getLogger"})

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Report each call."""
        if not context.is_packaged or "__name__" not in context.facts.words:
            return
        module = context.module
        for call, scope in module.sites(cst.Call):
            name = argument(call, 0, "name")
            if not isinstance(name, cst.Name) or name.value != "__name__" or scope.lookup("__name__") is not None:
                continue
            if module.qualified(call.func, scope) == "logging.getLogger":
                yield context.finding(
                    self,
                    module.span(call),
                    f"the logger's name is mangled inside {owner(context)}: "
                    f"the host's configuration of `{context.name}` does not reach it",
                    symbol="getLogger",
                    help=f'name it `logging.getLogger("{context.name}")`',
                )
