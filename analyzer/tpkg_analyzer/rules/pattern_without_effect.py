"""TPK122 pattern-without-effect."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import finding_at, without_pattern
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.actions import TORCH, Action, is_implicitly_extern
from tpkg_runtime.wire.messages import ExperimentKind


class PatternWithoutEffect(Rule):
    """A pattern names torch or the standard library, which are extern before any pattern is asked.

    ## What it does
    Reports a pattern whose first segment is `torch` or a module of the standard library other than `sys` and
    `io`.

    ## Why is this bad?
    Such modules never reach the patterns. A mock is not made, an intern does nothing, an extern says what is so
    anyway. A deny is worse: it reads as a protection, and denies nothing.

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.deny(["os", "subprocess"])
        exporter.save_module("net")
    ```
    ```python net.py
    import os

    USED = (os,)
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.save_module("net")
    ```
    ```python net.py
    import os

    USED = (os,)
    ```

    ## Fix safety
    Safe. The pattern is removed; the exporter never asks it.

    ## How it is confirmed

    The package is exported. The finding is confirmed if the exporter gives no module to the pattern.
    """

    code = "TPK122"
    name = "pattern-without-effect"
    severity = Severity.WARNING
    since = "0.1"
    confirmed_by = ExperimentKind.PATTERN_UNUSED

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Look at the first segment of each pattern."""
        package = closure.package
        is_tpkg = (package.runtime or project.runtime) == "tpkg"
        for call in package.actions:
            if not call.allow_empty or (is_tpkg and call.action is Action.DENY):
                continue
            for index, pattern in enumerate(call.include):
                if not is_implicitly_extern(pattern, project.stdlib_names, TORCH):
                    continue
                is_deny = call.action is Action.DENY
                effect = "denies nothing" if is_deny else "has no effect"
                yield finding_at(
                    self,
                    closure,
                    call.place_of(index),
                    f'{call.action.value} "{pattern}" {effect} in package `{package.name}`: torch and the standard '
                    "library are extern before any pattern is asked",
                    symbol=pattern,
                    help="remove it; to keep a module out, check what imports it" if is_deny else "remove it",
                    fix=without_pattern(project, package, call, index),
                    severity=Severity.ERROR if is_deny else None,
                )
