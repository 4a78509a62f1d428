"""Reads one request from standard input and answers it on the standard output that the process was started with."""

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from tpkg_runtime.probe.experiments import DECIDED_BY_EXPORT, DECIDED_BY_WATCHING, judge
from tpkg_runtime.probe.isolation import die_with_parent, leave_network, limit_memory, protect
from tpkg_runtime.probe.judgement import Raised, described
from tpkg_runtime.probe.observer import Observer
from tpkg_runtime.probe.runtimes import available
from tpkg_runtime.probe.trial import Trial
from tpkg_runtime.wire.codec import decode, encode
from tpkg_runtime.wire.messages import Answer, Experiment, ExperimentKind, Loaded, Note, Request, Verdict

_TOLD = 3


def main() -> None:
    """Answer every experiment of the request; one that cannot be tried is open, with the reason."""
    request: Request = decode(sys.stdin.read(), (Request,))
    # What user code prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - stays open as long as the process
    die_with_parent()
    for failure in (limit_memory(request.memory), leave_network(), protect(request.read_only, str(Path.cwd()))):
        if failure is not None:
            _say(answers, Note(failure))
    sys.path[:0] = request.paths
    for message in answered(request):
        _say(answers, message)
    # Threads and exit handlers of user code must not keep the probe.
    os._exit(0)


def answered(request: Request) -> Iterator[object]:
    """Yield what there is to say, the surest first: a package whose code ends the process has then been exported."""
    functions = [item.symbol for item in request.experiments if item.kind is ExperimentKind.REGISTERS]
    patches = [item for item in request.experiments if item.kind is ExperimentKind.PATCHED]
    observer = Observer(functions)
    observer.remember(item.symbol for item in patches)
    trials = [Trial(request, runtime, observer) for runtime in available(request.runtime)]
    by_export = [item for item in request.experiments if item.kind in DECIDED_BY_EXPORT]
    by_watching = [item for item in request.experiments if item.kind in DECIDED_BY_WATCHING]
    for experiment in by_export:
        yield _answer(trials, experiment)
    if request.steps:
        yield trials[0].exported()
    observer.put_back()
    # What is replaced in the host is looked at before anything else imports the host's own copies.
    for experiment in dict.fromkeys((*patches, *request.experiments)):
        if experiment not in by_export and experiment not in by_watching:
            yield _answer(trials, experiment)
    if request.steps:
        yield from _run_all(trials[0], request.smoke)
    for experiment in by_watching:
        yield _answer(trials[:1], experiment)
    opened = [request.archive] if request.archive is not None else []
    yield Loaded(tuple(sorted({*_files(), *opened})))


def _files() -> Iterator[str]:
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and Path(file).is_absolute():
            yield file


def _answer(trials: list[Trial], experiment: Experiment) -> Answer:
    """Let the first runtime decide; name the second where it differs."""
    verdict, evidence = judge(trials[0], experiment)
    if verdict is not Verdict.OPEN and len(trials) > 1:
        other, differing = judge(trials[1], experiment)
        if other not in (verdict, Verdict.OPEN):
            evidence += f"; otherwise with {trials[1].runtime.name}: {differing}"
    return Answer(experiment.id, verdict, evidence)


def _run_all(trial: Trial, smoke: str | None) -> Iterator[object]:
    """Import every module of the package, call the smoke function, and yield what left the package meanwhile."""
    try:
        importer = trial.first
    except Raised:  # the verdicts have said why
        return
    failed = 0
    for module in sorted(trial.interned):
        try:
            trial.packaged(module)
        except Raised as error:
            failed += 1
            if failed <= _TOLD:
                yield Note(f"importing {module} from the package: {described(error)}")
    if failed > _TOLD:
        yield Note(f"{failed - _TOLD} more modules cannot be imported from the package")
    if smoke is not None:
        module, _, name = smoke.partition(":")
        try:
            run = getattr(importlib.import_module(module), name)
            with trial.noting(f"running {smoke}"):
                run(importer)
        except Raised as error:
            yield Note(f"running {smoke}: {described(error)}")
    yield from trial.record.imports


def _say(answers: TextIO, message: object) -> None:
    print(encode(message), file=answers, flush=True)
