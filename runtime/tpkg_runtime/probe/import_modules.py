"""Runs in the user's interpreter: import modules for real, in processes that may hang or die, and say what happened.

Needs the standard library alone. Reads groups from standard input, one JSON object a line, `{"first": M, "then": [M]}`:
the modules of `then` are imported where `first` has been. Writes one JSON object a line for each module: see `_import`.
The exporter is imported before everything else, where it is installed, as in a real export; the first answer, for
`torch.package`, says what that did. The argument is the time limit of one import in seconds.
"""

import contextlib
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import IO, Any

_Answer = dict[str, Any]

_EXPORTER = "torch.package"
_LONGEST_MESSAGE = 500
_DIED = {"error": "the import ended its process", "type": "RuntimeError", "base": "RuntimeError"}
# Nothing is known then: with more time, or on a machine with less to do, it may work.
_TIMED_OUT = {"error": "", "timed_out": True}


def main() -> None:
    """Answer for every module that is asked for."""
    limit = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    sys.path[:] = [entry for entry in sys.path if entry != str(Path(__file__).parent)]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What the imported code prints must not get between the answers.
    os.dup2(2, 1)
    questions = sys.stdin
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - stays open as long as the process
    if len(sys.argv) > 2:
        answers.write(json.dumps(_import(sys.argv[2], set(sys.modules))) + "\n")
        answers.flush()
        os._exit(0)
    answers.write(json.dumps(_import(_EXPORTER, set())) + "\n")
    answers.flush()
    for line in questions:
        group = json.loads(line)
        for answer in _of_group(group["first"], group["then"], limit):
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


def _of_group(first: str, then: list[str], limit: float) -> Iterator[_Answer]:
    """Yield an answer for each module of a group, in order.

    They are imported one after the other in one child. What hangs or kills it costs itself alone, and the rest goes on
    in another child; what fails is asked again in a child of its own, where nothing but the exporter was before.
    """
    if not hasattr(os, "fork"):
        yield from (_elsewhere(module, limit) for module in (first, *then))
        return
    left = [first, *then]
    while left:
        again = [] if left[0] == first else [first]
        asked = [*again, *left]
        reading, child = _forked(partial(_serve, asked, limit))
        n_answered = 0
        with os.fdopen(reading, "rb") as pipe:
            for text in _lines(pipe, limit + 2):
                n_answered += 1
                if n_answered > len(again):
                    answer = json.loads(text)
                    left.pop(0)
                    yield answer if not answer["error"] else _alone(answer["module"], limit)
        unanswered = _unanswered(_end(child))
        if left:
            yield {"module": left.pop(0), **unanswered}


def _serve(modules: list[str], limit: float, answer: IO[bytes]) -> None:
    """In a child: import the modules in their order."""
    for module in modules:
        _limit(limit)
        said = _import(module, set(sys.modules))
        _limit(0)
        answer.write(json.dumps(said).encode() + b"\n")
        answer.flush()


def _limit(seconds: float) -> None:
    """Let the system end this process after so many seconds, whatever the imported code thinks of it; 0 ends that."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _alone(module: str, limit: float) -> _Answer:
    """Import one module in a child."""
    reading, child = _forked(partial(_serve, [module], limit))
    with os.fdopen(reading, "rb") as pipe:
        text = next(iter(_lines(pipe, limit + 2)), None)
    unanswered = _unanswered(_end(child))
    return {"module": module, **unanswered} if text is None else json.loads(text)


def _forked(work: Callable[[IO[bytes]], None]) -> tuple[int, int]:
    """Let a child of its own process group do some work; return where its answers are read, and its number."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return reading, child
    os.close(reading)
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
    try:
        with os.fdopen(writing, "wb") as answer:
            work(answer)
    finally:
        os._exit(0)


def _lines(pipe: IO[bytes], patience: float) -> Iterator[bytes]:
    """Yield the lines of a pipe until it is closed or says nothing for `patience` seconds."""
    held = b""
    descriptor = pipe.fileno()
    while True:
        ready, _, _ = select.select([descriptor], [], [], patience)
        chunk = os.read(descriptor, 65536) if ready else b""
        if not chunk:
            return
        *whole, held = (held + chunk).split(b"\n")
        yield from whole


def _end(child: int) -> int | None:
    """Return how a child has ended; what an import has started dies with it."""
    for _ in range(2):
        with contextlib.suppress(OSError):
            os.killpg(child, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.kill(child, signal.SIGKILL)
        time.sleep(0)
    with contextlib.suppress(OSError):
        return os.waitpid(child, 0)[1]
    return None


def _unanswered(status: int | None) -> _Answer:
    """Return what is known of an import whose child has said nothing."""
    was_ended = status is None or (os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGALRM, signal.SIGKILL))
    return _TIMED_OUT if was_ended else _DIED


def _elsewhere(module: str, limit: float) -> _Answer:
    """Import one module in a new interpreter, where a process cannot be forked."""
    command = [sys.executable, __file__, str(limit), module]
    try:
        done = subprocess.run(command, capture_output=True, timeout=limit, check=False, stdin=subprocess.DEVNULL)
        answer: _Answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"module": module, **_TIMED_OUT}
    except (ValueError, OSError):
        return {"module": module, **_DIED}
    return answer


def _import(module: str, before: set[str]) -> _Answer:
    """Import a module and say what it raised, or what it made beside the modules that finders find.

    `error`, `type` and `base` (the builtin class above it) tell of an exception, `missing` of the module that was not
    found, `left` of the modules that are loaded all the same. `made` has the names in `sys.modules` that no finder
    gave, each with its file; `names` are the names in a module that is no Python.
    """
    said: _Answer = {"module": module, "error": ""}
    try:
        found = importlib.import_module(module)
    except BaseException as raised:  # noqa: BLE001 - SystemExit is an answer as well
        kind = type(raised)
        base = next(above for above in kind.__mro__ if above.__module__ == "builtins")
        said.update(error=str(raised)[:_LONGEST_MESSAGE], type=kind.__name__, base=base.__name__)
        said["missing"] = raised.name or "" if isinstance(raised, ModuleNotFoundError) else ""
        said["left"] = [name for name in sys.modules if name not in before]
    else:
        if not str(getattr(found, "__file__", None) or "").endswith(".py") and isinstance(found, ModuleType):
            said["names"] = sorted(map(str, vars(found)))
    new = [(name, sys.modules[name]) for name in list(sys.modules) if name not in before]
    said["made"] = {name: _file_of(value) for name, value in new if value is not None and _is_made(name, value)}
    return said


def _is_made(name: str, value: object) -> bool:
    """Tell whether something in `sys.modules` is not what a finder gave under this name."""
    with contextlib.suppress(Exception):
        spec = getattr(value, "__spec__", None)
        if name == "__main__" or name in sys.builtin_module_names:
            return False
        is_found = isinstance(value, ModuleType) and spec is not None and spec.name == name and spec.loader is not None
        return not is_found
    return False


def _file_of(value: object) -> str:
    with contextlib.suppress(Exception):
        file = getattr(value, "__file__", None)
        return file if isinstance(file, str) else ""
    return ""


if __name__ == "__main__":
    main()
