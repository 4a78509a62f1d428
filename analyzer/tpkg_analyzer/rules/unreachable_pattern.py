"""TPK121 unreachable-pattern."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Related, Severity
from tpkg_analyzer.model.package import ActionCall
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.covering import covers, may_meet
from tpkg_analyzer.rule.exporting import finding_at, without_pattern
from tpkg_analyzer.rule.late import IMPLICIT_SYSTEM
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.patterns import is_glob
from tpkg_runtime.spec.actions import is_implicitly_extern
from tpkg_runtime.wire.messages import ExperimentKind


class UnreachablePattern(Rule):
    """An earlier pattern takes all that a pattern could match.

    ## What it does
    Reports a pattern if every module that it matches is matched by one earlier pattern of the same export,
    whatever the closure is.

    ## Why is this bad?
    Patterns are asked in the order of their declaration and the first that matches decides. The later one never
    decides: a module that was meant to be mocked is interned, with all that it imports.

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.intern("**")
        exporter.mock("plots.**")
        exporter.save_module("net")
    ```
    ```python net.py
    SIZE = 3
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.mock("plots.**")
        exporter.intern("**")
        exporter.save_module("net")
    ```
    ```python net.py
    import plots

    USED = (plots,)
    ```
    ```python plots.py

    ```

    ## Fix safety
    Safe. The pattern is removed; it has no effect. If it was meant to have one, move it instead.

    ## How it is confirmed

    The package is exported. The finding is confirmed if the exporter gives no module to the pattern.
    """

    code = "TPK121"
    name = "unreachable-pattern"
    severity = Severity.WARNING
    since = "0.1"
    confirmed_by = ExperimentKind.PATTERN_UNUSED

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Compare each pattern with those before it."""
        package = closure.package
        calls = [
            item for item in package.steps[: package.known_steps] if isinstance(item, ActionCall) and item.is_certain
        ]
        for position, call in enumerate(calls):
            for index, pattern in enumerate(call.include):
                if pattern in IMPLICIT_SYSTEM or is_implicitly_extern(pattern, project.stdlib_names):
                    continue  # TPK107 and TPK122 say more
                earlier = next((other for other in calls[:position] if _takes_all(other, pattern)), None)
                if earlier is None or not pattern or not is_glob(pattern):
                    continue
                taken = next(text for text in earlier.include if is_glob(text) and covers(text, pattern))
                where = earlier.place_of(earlier.include.index(taken))
                told = f'{earlier.action.value} "{taken}"'
                yield finding_at(
                    self,
                    closure,
                    call.place_of(index),
                    f'{call.action.value} "{pattern}" in package `{package.name}` never decides: {told} stands before '
                    "it and takes all that it could match",
                    symbol=pattern,
                    help="move it before that pattern, or remove it",
                    fix=without_pattern(project, package, call, index) if call.allow_empty else None,
                    related=(Related(where.path, where.span, "this pattern is asked first"),) if where.path else (),
                )


def _takes_all(call: ActionCall, pattern: str) -> bool:
    if any(not is_glob(text) or may_meet(text, pattern) for text in call.exclude):
        return False
    return any(is_glob(text) and covers(text, pattern) for text in call.include)
