"""TPK125 empty-match."""

from collections.abc import Iterator
from dataclasses import replace

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.model.package import ActionCall, IncidentKind
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.covering import covers
from tpkg_analyzer.rule.exporting import finding_at, without_call
from tpkg_analyzer.rule.late import IMPLICIT_SYSTEM
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.patterns import is_glob, is_refused
from tpkg_runtime.spec.actions import TORCH, Action, is_implicitly_extern
from tpkg_runtime.spec.globs import GlobGroup
from tpkg_runtime.wire.messages import Experiment, ExperimentKind

_NOT_MADE = frozenset({IncidentKind.REMOVED_API, IncidentKind.SECOND_PATTERN, IncidentKind.USED_AFTER_CLOSE})
"""Calls that raise, and have not done what they were meant to do."""


class EmptyMatch(Rule):
    """An action matches no module of the closure.

    ## What it does
    Reports an action with `allow_empty=False` that takes no module, and, as information, any other intern, extern
    or mock that takes none. Silent while something else ends the export: what an action takes is not known before
    that is mended, and where the same call takes something for another export of its code.

    ## Why is this bad?
    With `allow_empty=False` the export ends with an EmptyMatchError. Without it nothing happens, which may mean
    that a name is misspelt.

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.extern("numpy.**", allow_empty=False)
        exporter.save_module("net")
    ```
    ```python net.py
    SIZE = 3
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.extern("numpy.**", allow_empty=False)
        exporter.save_module("net")
    ```
    ```python net.py
    import numpy

    USED = (numpy,)
    ```

    ## Fix safety
    Safe. The action is removed; it takes nothing. `--fix` does so last, as another fix may bring what it takes.

    ## How it is confirmed

    The package is exported. The finding is confirmed if that ends with an EmptyMatchError, or, where empty patterns
    are allowed, if the exporter gives no module to the pattern.
    """

    code = "TPK125"
    name = "empty-match"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.EXPORT_RAISES

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Try what the message says."""
        if "EmptyMatchError" in finding.message:
            return Experiment(0, ExperimentKind.EXPORT_RAISES, finding.module, "EmptyMatchError")
        return Experiment(0, ExperimentKind.PATTERN_UNUSED, finding.module, finding.symbol)

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Report the actions that take nothing."""
        package = closure.package
        if package.is_open or closure.failed is not None or _is_cut_short(closure):
            return
        for index in closure.empty_patterns:
            call = package.actions[index]
            patterns = [text for text in call.include if text and is_glob(text)]
            if not patterns or (call.action is Action.DENY and call.allow_empty):
                continue
            if call.allow_empty and any(_says_more(text, closure, index, project) for text in patterns):
                continue
            if call.allow_empty and any(_may_take(other, call) for other in project.closures if other is not closure):
                continue
            told = f"{call.action.value} {', '.join(patterns)}"
            fix = without_call(project, package, call)
            what = "EmptyMatchError ends the export" if not call.allow_empty else "it has no effect"
            yield finding_at(
                self,
                closure,
                call.place_of(0),
                f"`{told}` matches no module that package `{package.name}` reaches: {what}",
                symbol=patterns[0],
                help="check the name, or remove the action",
                fix=fix and replace(fix, waits=True),
                severity=Severity.INFO if call.allow_empty else None,
            )


def _may_take(other: Closure, call: ActionCall) -> bool:
    """Tell whether the same call takes something in another export of its code, or nobody knows."""
    told = [index for index, action in enumerate(other.package.actions) if action.place == call.place]
    if call.place.path is None or not told:
        return False
    is_unclear = other.package.is_open or other.failed is not None or _is_cut_short(other)
    return is_unclear or any(index not in other.empty_patterns for index in told)


def _is_cut_short(closure: Closure) -> bool:
    """Tell whether the package may hold more once what ends its export is mended."""
    package = closure.package
    return (
        any(name not in IMPLICIT_SYSTEM for name in closure.broken)
        or any(incident.kind in _NOT_MADE for incident in package.incidents)
        or any(map(is_refused, package.actions))
    )


def _says_more(pattern: str, closure: Closure, index: int, project: Project) -> bool:
    """Tell whether the pattern has a purpose all the same, or another rule reports it."""
    if is_implicitly_extern(pattern, project.stdlib_names, TORCH) or "*" in pattern.partition(".")[0]:
        return True
    glob = GlobGroup(pattern)
    # What is saved needs no pattern, yet a pattern for it is no mistake.
    if any(glob.matches(name) for name in (*closure.modules, *(item.module for item in closure.dropped))):
        return True
    earlier = (text for call in closure.package.actions[:index] for text in call.include if is_glob(text))
    return any(covers(text, pattern) for text in earlier)
