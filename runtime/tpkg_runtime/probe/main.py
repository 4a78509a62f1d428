"""Reads one request from standard input and answers it on the standard output that the process was started with."""

import importlib
import os
import sys
from typing import TextIO

from tpkg_runtime.probe.experiments import described, judge
from tpkg_runtime.probe.isolation import leave_network, limit_memory
from tpkg_runtime.probe.runtimes import available
from tpkg_runtime.probe.trial import Trial
from tpkg_runtime.probe.watch import watched
from tpkg_runtime.wire.codec import decode, encode
from tpkg_runtime.wire.messages import Answer, Experiment, Note, Request, SeenImport, Verdict


def main() -> None:
    """Answer every experiment of the request; one that cannot be tried is open, with the reason."""
    request: Request = decode(sys.stdin.read(), (Request,))
    # What user code prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - stays open as long as the process
    for failure in (limit_memory(request.memory), leave_network()):
        if failure is not None:
            _say(answers, Note(failure))
    sys.path[:0] = request.paths
    trials = [Trial(request, runtime) for runtime in available(request.runtime)]
    for experiment in request.experiments:
        _say(answers, _answer(trials, experiment))
    _say(answers, trials[0].exported())
    for seen in _watch(trials[0], request.smoke, answers):
        _say(answers, seen)
    # Threads and exit handlers of user code must not keep the probe.
    os._exit(0)


def _answer(trials: list[Trial], experiment: Experiment) -> Answer:
    """Let the first runtime decide; name the second where it differs."""
    verdict, evidence = judge(trials[0], experiment)
    if verdict is not Verdict.OPEN and len(trials) > 1:
        other, differing = judge(trials[1], experiment)
        if other not in (verdict, Verdict.OPEN):
            evidence += f"; otherwise with {trials[1].runtime.name}: {differing}"
    return Answer(experiment.id, verdict, evidence)


def _watch(trial: Trial, smoke: str | None, answers: TextIO) -> list[SeenImport]:
    """Import every interned module of the package, then call the smoke function, and return what left the package."""
    seen: dict[SeenImport, None] = {}
    try:
        importer = trial.load()
    except Exception:  # noqa: BLE001 - the verdicts have said why
        return []
    interned = trial.repaired.held["interned"]
    held = set(interned)
    for module in interned:
        with watched(f"importing {module}", held.__contains__, seen):
            try:
                importer.import_module(module)
            except Exception as error:  # noqa: BLE001
                _say(answers, Note(f"importing {module} from the package: {described(error)}"))
    if smoke is not None:
        module, _, name = smoke.partition(":")
        try:
            run = getattr(importlib.import_module(module), name)
            with watched(f"running {smoke}", held.__contains__, seen):
                run(importer)
        except Exception as error:  # noqa: BLE001
            _say(answers, Note(f"running {smoke}: {described(error)}"))
    return list(seen)


def _say(answers: TextIO, message: object) -> None:
    print(encode(message), file=answers, flush=True)
