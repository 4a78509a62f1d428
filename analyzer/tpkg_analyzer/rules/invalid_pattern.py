"""TPK123 invalid-pattern."""

from collections.abc import Iterator

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.model.package import IncidentKind
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.exporting import (
    finding_at,
    is_plain_literal,
    is_written_out,
    mended,
    quoted_like,
    replaced,
    without_call,
    without_pattern,
)
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.patterns import is_glob
from tpkg_runtime.wire.messages import Experiment, ExperimentKind


class InvalidPattern(Rule):
    """The exporter refuses a pattern, or a pattern can match nothing.

    ## What it does
    Reports a pattern in which `**` is only a part of a segment, an empty pattern, an empty list of patterns that is
    written in the call, and a second pattern given by position.

    ## Why is this bad?
    `foo**` is refused with a ValueError, a second positional pattern with a TypeError. An empty pattern or list
    is accepted without a word and matches nothing.

    ## Example
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.intern("net**")
        exporter.save_module("net")
    ```
    ```python net.py
    SIZE = 3
    ```

    ## Use instead
    ```python export.py
    from torch.package import PackageExporter

    with PackageExporter("net.pt") as exporter:
        exporter.intern("helpers.**")
        exporter.save_module("net")
    ```
    ```python net.py
    import helpers

    USED = (helpers,)
    ```
    ```python helpers.py

    ```

    ## Fix safety
    Safe. `net**` becomes `net.**`, patterns given by position become a list, and calls and patterns that match nothing
    are removed.

    ## How it is confirmed

    The package is exported. The finding is confirmed if that raises a ValueError, or if the exporter gives no module
    to an empty pattern. A second positional pattern is not tried.
    """

    code = "TPK123"
    name = "invalid-pattern"
    severity = Severity.ERROR
    since = "0.1"
    confirmed_by = ExperimentKind.EXPORT_RAISES

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Try what the message says: some patterns are refused, others match nothing."""
        if "matches nothing" in finding.message:
            return Experiment(0, ExperimentKind.PATTERN_UNUSED, finding.module, finding.symbol)
        if "TypeError" in finding.message:
            return "the call itself is refused, before it says anything to the exporter"
        return Experiment(0, ExperimentKind.EXPORT_RAISES, finding.module, "ValueError")

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Read each pattern as the exporter does."""
        package = closure.package
        for call in package.actions:
            verb = call.action.value
            configured = package.configured.path if package.configured is not None else None
            is_code = package.is_code and call.place.path != configured
            if not call.include and call.is_certain and (is_written_out(call) or not is_code):
                yield finding_at(
                    self,
                    closure,
                    call.place,
                    f"{verb} without a pattern matches nothing in package `{package.name}`",
                    symbol=verb,
                    help="remove it",
                    fix=without_call(project, package, call),
                )
            excluded = [*call.exclude_places, *([call.place] * len(call.exclude))]
            places = [call.place_of(index) for index in range(len(call.include))] + excluded[: len(call.exclude)]
            for position, (text, place) in enumerate(zip((*call.include, *call.exclude), places, strict=True)):
                if text and is_glob(text):
                    continue
                index = position if position < len(call.include) else None
                if not text:
                    message, advice = (
                        f"the empty pattern of {verb} matches nothing in package `{package.name}`",
                        "remove it",
                    )
                else:
                    message = (
                        f'"{text}" is no pattern, as `**` stands for whole segments: {verb} of package '
                        f"`{package.name}` raises ValueError"
                    )
                    advice = f'write "{_mended(text)}"'
                is_literal = bool(text) and is_plain_literal(project, package, place, text)
                valid = quoted_like(project, package, place, _mended(text))
                if is_literal:
                    fix = replaced(place, valid, f"Write {valid}")
                else:
                    fix = without_pattern(project, package, call, index) if not text and index is not None else None
                yield finding_at(self, closure, place, message, symbol=text or verb, help=advice, fix=fix)
        for incident in package.incidents:
            if incident.kind is IncidentKind.SECOND_PATTERN:
                yield finding_at(
                    self,
                    closure,
                    incident.place,
                    f"{incident.subject} of package `{package.name}` takes its patterns as one argument: a second "
                    "one raises TypeError",
                    symbol=incident.subject,
                    help="put the patterns into a list",
                    fix=mended(incident, "Put the patterns into a list"),
                )


def _mended(pattern: str) -> str:
    segments: list[str] = []
    for segment in pattern.split("."):
        if segment == "**" or "**" not in segment:
            segments.append(segment)
        else:
            segments += [part for part in (segment.replace("**", ""), "**") if part]
    return ".".join(segments)
