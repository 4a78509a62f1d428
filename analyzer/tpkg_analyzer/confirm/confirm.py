"""Findings with the verdicts of the runtime."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from tpkg_analyzer.config.load import Config
from tpkg_analyzer.confirm.child import ask_probe
from tpkg_analyzer.model.diagnostic import Certainty, Diagnostic
from tpkg_analyzer.model.package import Package, RootKind
from tpkg_analyzer.rule.registry import all_rules
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_analyzer.sources.text import decode_source
from tpkg_runtime.spec.source import split_lines
from tpkg_runtime.wire.messages import Experiment, ProbeAction, Request, Verdict

_CERTAINTY = {
    Verdict.CONFIRMED: Certainty.CONFIRMED,
    Verdict.REFUTED: Certainty.REFUTED,
    Verdict.OPEN: Certainty.OPEN,
}


def confirm(
    config: Config, interpreter: Interpreter, packages: Iterable[Package], findings: Sequence[Diagnostic]
) -> list[Diagnostic]:
    """Export and load each package once and return the findings with what was seen; other findings as they are.

    Runs the user's code, in a child process.
    """
    kinds = {rule.code: rule.confirmed_by for rule in all_rules() if rule.confirmed_by is not None}
    judged = list(findings)
    for package in packages:
        experiments = [
            Experiment(index, kinds[item.code], item.module, item.symbol, _text_at(item))
            for index, item in enumerate(findings)
            if item.code in kinds and item.package == package.name
        ]
        if experiments:
            outcome = ask_probe(interpreter.executable, _request(config, package, experiments))
            answers = {answer.id: answer for answer in outcome.answers}
            for experiment in experiments:
                item = judged[experiment.id]
                answer = answers.get(experiment.id)
                if answer is None:
                    judged[experiment.id] = item.with_verdict(Certainty.OPEN, outcome.failure or "the probe was silent")
                else:
                    judged[experiment.id] = item.with_verdict(_CERTAINTY[answer.verdict], answer.evidence)
    return judged


def _request(config: Config, package: Package, experiments: Sequence[Experiment]) -> Request:
    return Request(
        package=package.name,
        modules=tuple(root.module for root in package.roots if root.kind is RootKind.MODULE),
        objects=tuple((root.module, root.cls) for root in package.roots if root.kind is RootKind.OBJECT),
        actions=tuple(
            ProbeAction(call.action.value, call.include, call.exclude, call.allow_empty) for call in package.actions
        ),
        paths=tuple(os.path.normpath(root) for root in config.import_roots),
        experiments=tuple(experiments),
    )


def _text_at(finding: Diagnostic) -> str:
    """Return the code that a finding is about, on one line."""
    span, lines = finding.span, _lines(finding.path)
    if not 0 < span.line <= span.end_line <= len(lines):
        return ""
    taken = lines[span.line - 1 : span.end_line]
    taken[-1] = taken[-1][: span.end_column - 1]
    taken[0] = taken[0][span.column - 1 :]
    return " ".join(line.strip() for line in taken)


def _lines(path: Path) -> list[str]:
    try:
        return split_lines(decode_source(Disk().read(str(path))))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return []
