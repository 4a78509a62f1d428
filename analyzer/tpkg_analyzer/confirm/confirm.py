"""Findings with the verdicts of the runtime, and what else a probe saw."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tpkg_analyzer.config.load import Config
from tpkg_analyzer.confirm.child import PATIENCE, Outcome, ask_probe
from tpkg_analyzer.confirm.compare import fault
from tpkg_analyzer.confirm.memory import Memory, Sources
from tpkg_analyzer.confirm.request import experiments_for, is_about, request_for
from tpkg_analyzer.confirm.seen import unpredicted
from tpkg_analyzer.model.diagnostic import Certainty, Diagnostic
from tpkg_analyzer.model.package import Package
from tpkg_analyzer.rule.certain import certain_part
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.sources.files import Files
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_runtime.wire.messages import Answer, Experiment, ExperimentKind, Exported, Note, Request, SeenImport, Verdict

_CERTAINTY = {
    Verdict.CONFIRMED: Certainty.CONFIRMED,
    Verdict.REFUTED: Certainty.REFUTED,
    Verdict.OPEN: Certainty.OPEN,
}
_WITHOUT_PACKAGE = frozenset(
    {ExperimentKind.UNPICKLABLE, ExperimentKind.REDUCED, ExperimentKind.PROTOCOL, ExperimentKind.TEMPORARY}
)
"""What needs an exporter and nothing of a package."""


@dataclass(frozen=True, slots=True)
class Confirmer:
    """Confirms the findings of one project. Runs the user's code, in child processes, and only when it is called.

    `cache` is the folder of what earlier probes said. `tell` gets what people should know of a run, `progress` how far
    it is: a line, as often as it changes, and an empty one at the end.
    """

    config: Config
    interpreter: Interpreter
    files: Files
    cache: Path
    tell: Callable[[str], None]
    progress: Callable[[str], None]
    use_cache: bool = True
    patience: float = PATIENCE

    def confirm(self, closures: Sequence[Closure], findings: Sequence[Diagnostic]) -> list[Diagnostic]:
        """Return the findings with their verdicts, and after them those that only the runtime could make."""
        judged = list(findings)
        for closure in closures:
            about = {index: item for index, item in enumerate(judged) if is_about(closure.package, item)}
            if closure.failed is not None:
                reason = f"{closure.failed.module} {closure.failed.told}"
                judged = _left_open(judged, about, reason)
            elif (part := certain_part(closure.package)) is None:
                judged = _left_open(judged, about, "not all of the export is understood")
            else:
                judged = self._confirm_package(closure, part, judged, about)
        return judged

    def confirm_elsewhere(self, closures: Sequence[Closure], findings: Sequence[Diagnostic]) -> list[Diagnostic]:
        """Return the findings with verdicts on those that no package of the project decides about.

        They are about an archive, which is opened if it is there, or about code that needs no package to be tried.
        """
        packages = [closure.package for closure in closures]
        judged = list(findings)
        left = {
            index: item for index, item in enumerate(judged) if not any(is_about(package, item) for package in packages)
        }
        for archive in sorted({item.archive for item in left.values()}, key=str):
            about = {index: item for index, item in left.items() if item.archive == archive}
            experiments, reasons = experiments_for(None, about, self.files)
            if archive is None:
                impossible = [item for item in experiments if item.kind not in _WITHOUT_PACKAGE]
                reasons |= dict.fromkeys((item.id for item in impossible), "no package is known that it is about")
            elif archive.name not in self.files.entries(str(archive.parent)):
                impossible = experiments
                missing = f"{archive.name} is not there, and no export of the project writes it"
                reasons |= dict.fromkeys((item.id for item in experiments), missing)
            else:
                impossible = []
            experiments = [item for item in experiments if item not in impossible]
            judged = _with_reasons(judged, reasons)
            if experiments:
                request = request_for(self.config, None, experiments, archive)
                judged = _judged(judged, experiments, self._outcome(request, {}))
        return judged

    def _confirm_package(
        self, closure: Closure, part: Package, findings: list[Diagnostic], about: Mapping[int, Diagnostic]
    ) -> list[Diagnostic]:
        experiments, reasons = experiments_for(part, about, self.files)
        request = request_for(self.config, part, experiments)
        outcome = self._outcome(request, {name: module.path for name, module in closure.modules.items()})
        judged = _judged(findings, experiments, outcome)
        if closure.package.is_open:
            judged = [_of_part(item) if index in about else item for index, item in enumerate(judged)]
        judged = _with_reasons(judged, reasons)
        seen = [message for message in outcome.messages if isinstance(message, SeenImport)]
        judged += unpredicted(closure, seen, judged, self.interpreter.stdlib_names)
        assume = self.config.settings.assume
        assumed = frozenset((*assume.importable, *assume.missing))
        for message in outcome.messages:
            if isinstance(message, Exported):
                judged += fault(closure, message, request, self.cache / "reports", assumed)
        return judged

    def _outcome(self, request: Request, sources: Sources) -> Outcome:
        """Return what a probe says, or has said, and tell what people should know of it."""
        memory = Memory(self.cache, self.files) if self.use_cache else None
        outcome = memory.recall(request, sources, self.interpreter) if memory else None
        if outcome is None:
            outcome = self._asked(request)
            if memory is not None and outcome.failure is None:
                memory.keep(request, sources, self.interpreter, outcome)
        subject = _subject(request)
        for message in outcome.messages:
            if isinstance(message, Note):
                self.tell(f"{subject}: {message.text}")
        if outcome.failure is not None:
            self.tell(f"{subject}: {outcome.failure}")
        return outcome

    def _asked(self, request: Request) -> Outcome:
        count = len(request.experiments)
        doing = f"confirming {_subject(request)}"

        def watch(lines: int, seconds: float) -> None:
            tried = f"{min(lines, count)} of {count} findings tried" if lines else "starting"
            self.progress(f"{doing}: {tried}, {seconds:.0f} s")

        self.progress(f"{doing}: starting")
        try:
            return ask_probe(self.interpreter.executable, request, self.patience, watch)
        finally:
            self.progress("")


def _subject(request: Request) -> str:
    return f"package {request.package}" if request.steps else request.package or "what needs no package"


def _left_open(findings: list[Diagnostic], about: Mapping[int, Diagnostic], reason: str) -> list[Diagnostic]:
    return _with_reasons(findings, dict.fromkeys(about, reason))


def _of_part(finding: Diagnostic) -> Diagnostic:
    """Return a finding that was tried with a part of its package: what is not there may be in the rest."""
    if finding.certainty is Certainty.CONFIRMED or finding.evidence is None:
        return finding
    return finding.with_verdict(Certainty.OPEN, f"{finding.evidence}; only a part of the export is understood")


def _with_reasons(findings: list[Diagnostic], reasons: Mapping[int, str]) -> list[Diagnostic]:
    judged = list(findings)
    for index, reason in reasons.items():
        judged[index] = judged[index].with_verdict(Certainty.OPEN, f"could not be tried: {reason}")
    return judged


def _judged(findings: list[Diagnostic], asked: Sequence[Experiment], outcome: Outcome) -> list[Diagnostic]:
    answers = {message.id: message for message in outcome.messages if isinstance(message, Answer)}
    judged = list(findings)
    for index in (item.id for item in asked):
        answer = answers.get(index)
        if answer is None:
            judged[index] = judged[index].with_verdict(Certainty.OPEN, outcome.failure or "the probe was silent")
        else:
            judged[index] = judged[index].with_verdict(_CERTAINTY[answer.verdict], answer.evidence)
    return judged
