"""Findings with the verdicts of the runtime, and what else a probe saw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tpkg_analyzer.config.load import Config
from tpkg_analyzer.confirm.child import PATIENCE, Outcome, ask_probe
from tpkg_analyzer.confirm.compare import fault
from tpkg_analyzer.confirm.memory import Memory
from tpkg_analyzer.confirm.request import experiments_for, request_for
from tpkg_analyzer.confirm.seen import unpredicted
from tpkg_analyzer.model.diagnostic import Certainty, Diagnostic
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.sources.files import Files
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_runtime.wire.messages import Answer, Exported, Note, Request, SeenImport, Verdict

_CERTAINTY = {
    Verdict.CONFIRMED: Certainty.CONFIRMED,
    Verdict.REFUTED: Certainty.REFUTED,
    Verdict.OPEN: Certainty.OPEN,
}


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
            if closure.failed is not None:
                reason = f"{closure.failed.root.module} cannot be imported: {closure.failed.reason}"
                judged = _left_open(judged, closure.package.name, reason)
            elif closure.package.is_open:
                judged = _left_open(judged, closure.package.name, "not all of the export is understood")
            else:
                judged = self._confirm_package(closure, judged)
        return judged

    def _confirm_package(self, closure: Closure, findings: list[Diagnostic]) -> list[Diagnostic]:
        package = closure.package
        experiments, reasons = experiments_for(package, findings, self.files)
        request = request_for(self.config, package, experiments)
        memory = Memory(self.cache, self.files) if self.use_cache else None
        outcome = memory.recall(request, closure, self.interpreter) if memory else None
        if outcome is None:
            outcome = self._asked(request)
            if memory is not None and outcome.failure is None:
                memory.keep(request, closure, self.interpreter, outcome)
        for message in outcome.messages:
            if isinstance(message, Note):
                self.tell(f"package {package.name}: {message.text}")
        if outcome.failure is not None:
            self.tell(f"package {package.name}: {outcome.failure}")
        judged = _judged(findings, [experiment.id for experiment in experiments], outcome)
        for index, reason in reasons.items():
            judged[index] = judged[index].with_verdict(Certainty.OPEN, f"could not be tried: {reason}")
        seen = [message for message in outcome.messages if isinstance(message, SeenImport)]
        judged += unpredicted(closure, seen, judged, self.interpreter.stdlib_names)
        assume = self.config.settings.assume
        assumed = frozenset((*assume.importable, *assume.missing))
        for message in outcome.messages:
            if isinstance(message, Exported):
                judged += fault(closure, message, request, self.cache / "reports", assumed)
        return judged

    def _asked(self, request: Request) -> Outcome:
        count = len(request.experiments)

        def watch(lines: int, seconds: float) -> None:
            tried = f"{min(lines, count)} of {count} findings tried" if lines else "starting"
            self.progress(f"confirming package {request.package}: {tried}, {seconds:.0f} s")

        self.progress(f"confirming package {request.package}: starting")
        try:
            return ask_probe(self.interpreter.executable, request, self.patience, watch)
        finally:
            self.progress("")


def _left_open(findings: list[Diagnostic], package: str, reason: str) -> list[Diagnostic]:
    return [
        item.with_verdict(Certainty.OPEN, f"could not be tried: {reason}") if item.package == package else item
        for item in findings
    ]


def _judged(findings: list[Diagnostic], asked: list[int], outcome: Outcome) -> list[Diagnostic]:
    answers = {message.id: message for message in outcome.messages if isinstance(message, Answer)}
    judged = list(findings)
    for index in asked:
        answer = answers.get(index)
        if answer is None:
            judged[index] = judged[index].with_verdict(Certainty.OPEN, outcome.failure or "the probe was silent")
        else:
            judged[index] = judged[index].with_verdict(_CERTAINTY[answer.verdict], answer.evidence)
    return judged
