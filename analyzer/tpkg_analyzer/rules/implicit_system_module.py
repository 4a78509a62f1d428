"""TPK107 implicit-system-module."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.certain import certain_modules
from tpkg_analyzer.rule.chains import demand_for
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.declarations import add_action, add_action_before
from tpkg_analyzer.rule.late import IMPLICIT_SYSTEM
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.reasons import PackagingErrorReason
from tpkg_runtime.wire.messages import Experiment, ExperimentKind


class ImplicitSystemModule(Rule):
    """The package needs `sys` or `io`, and no pattern makes them extern.

    ## What it does
    Reports the first import of `sys` or `io` in the closure if no pattern has a word for it, or if the first that
    matches interns it.

    ## Why is this bad?
    All of the standard library is extern by itself, except these two. Without a pattern the export ends with a
    PackagingError; `sys` under an intern pattern has no source, and `io` is interned without a word: the package
    then has a private copy, whose classes are not those of the host.

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.intern("**")
        exporter.save_module("net")
    ```
    ```python net.py
    import sys

    USED = (sys,)
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.extern("sys")
        exporter.intern("**")
        exporter.save_module("net")
    ```
    ```python net.py
    import sys

    USED = (sys,)
    ```

    ## Fix safety
    Safe. The module is made extern, before the pattern that takes it or behind all patterns; nothing else
    changes.

    ## How it is confirmed
    The package is exported; the finding is confirmed if the PackagingError names the module. A private copy of `io`
    is confirmed if its classes are others than those of the host.
    """

    code = "TPK107"
    name = "implicit-system-module"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.EXPORT_ERROR

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Look for the module in the error, or for a class that `io` itself defines in both copies."""
        if "private copy" in finding.message:
            return Experiment(0, ExperimentKind.OWN_STATE, finding.symbol, "IOBase")
        return super().experiment(finding, code)

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report `sys` and `io` without an action of their own."""
        certain = certain_modules(closure)
        for name in sorted(IMPLICIT_SYSTEM & certain):
            node = closure.modules[name]
            is_missing = node.error is PackagingErrorReason.NO_ACTION
            is_interned = node.action is Action.INTERN and node.rule == "pattern"
            if not (is_missing or is_interned) or (demand := demand_for(closure, name)) is None:
                continue
            if is_missing:
                what = "no pattern matches it: the export raises PackagingError"
            elif node.error is not None:
                what = "an intern pattern takes it, but it has no source: the export raises PackagingError"
            else:
                what = "an intern pattern takes it: the package gets a private copy of it"
            package = closure.package
            yield demand.finding(
                self,
                f"`{name}` is not extern by itself in package `{package.name}`, and {what}",
                help=f'extern "{name}" before the first intern that matches it',
                fix=add_action(package, "extern", name)
                if is_missing
                else add_action_before(package, node.pattern, "extern", name),
            )
