"""Reads one request from standard input and answers it on the standard output that the process was started with."""

import os
import sys

from tpkg_runtime.probe.trial import Trial
from tpkg_runtime.wire.messages import Answer, Verdict, decode_request, encode


def main() -> None:
    """Answer every experiment of the request; one that cannot be tried is open, with the reason."""
    request = decode_request(sys.stdin.read())
    # What user code prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - stays open as long as the process
    sys.path[:0] = request.paths
    trial = Trial(request)
    for experiment in request.experiments:
        try:
            verdict, evidence = trial.judge(experiment)
        except Exception as error:  # noqa: BLE001 - whatever user code raises leaves the verdict open
            verdict, evidence = Verdict.OPEN, f"could not be tried: {type(error).__name__}: {first_line(error)}"
        print(encode(Answer(experiment.id, verdict, evidence)), file=answers, flush=True)
    # Threads and exit handlers of user code must not keep the probe.
    os._exit(0)


def first_line(error: BaseException) -> str:
    """Return what an exception says in one line."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "without a word")
