"""Runs in the user's interpreter: import modules one by one, each in a process of its own, and say what happened.

Needs the standard library alone. Reads module names from standard input, one a line; writes one JSON object a line:
`{"module", "error", "added"}`. The exporter is imported first, where it is installed, as in a real export. The argument
is the time limit of one import in seconds.
"""

import contextlib
import importlib
import json
import os
import signal
import sys


def main() -> None:
    """Answer for every module that is asked for."""
    limit = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What the imported code prints must not get between the answers.
    os.dup2(2, 1)
    with contextlib.suppress(Exception):
        importlib.import_module("torch.package")
    for line in sys.stdin:
        module = line.strip()
        if module:
            answers.write(json.dumps(_in_child(module, limit)) + "\n")
            answers.flush()


def _in_child(module: str, limit: int) -> "dict[str, object]":
    if not hasattr(os, "fork"):
        return _import(module)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        signal.alarm(limit)
        with os.fdopen(writing, "w", encoding="utf-8") as answer:
            answer.write(json.dumps(_import(module)))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as answer:
        text = answer.read()
    os.waitpid(child, 0)
    with contextlib.suppress(OSError):
        os.killpg(child, signal.SIGKILL)  # what the import has started dies with it
    return json.loads(text) if text else {"module": module, "error": "the import did not end", "added": []}


def _import(module: str) -> "dict[str, object]":
    before = set(sys.modules)
    error = ""
    try:
        importlib.import_module(module)
    except BaseException as raised:  # noqa: BLE001 - SystemExit is an answer as well
        error = f"{type(raised).__name__}: {raised}"[:500]
    return {"module": module, "error": error, "added": sorted(set(sys.modules) - before)}


if __name__ == "__main__":
    main()
