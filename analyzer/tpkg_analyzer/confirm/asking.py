"""Imports modules for real, in child processes of the analysed interpreter, and returns what happened."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec

import tpkg_runtime
from tpkg_analyzer.scan.seen import Outcome

EXPORTER = "torch.package"
"""What the first answer of every child is about."""

_SCRIPT = Path(tpkg_runtime.__file__).parent / "probe" / "import_modules.py"
_START = 60.0
"""Seconds for the import of the exporter."""


@dataclass(frozen=True, slots=True)
class Group:
    """Modules of one distribution: `then` are imported where `first` has been."""

    owner: str
    first: str
    then: tuple[str, ...] = ()

    @property
    def modules(self) -> tuple[str, ...]:
        """All modules in their order."""
        return (self.first, *self.then)


def ask(
    executable: str,
    groups: Sequence[Group],
    limit: float,
    jobs: int = 1,
    report: Callable[[Group, Sequence[Outcome]], None] = lambda *_: None,
) -> None:
    """Import all modules of the groups, each for at most `limit` seconds.

    `report` gets what was seen as soon as a group is done, one call at a time. What the import of the exporter itself
    did comes first, under an owner without a name. A group whose process says nothing any more is reported with the
    modules that it has answered for, and the next group gets a new process.
    """
    waiting = list(reversed(groups))
    lock = threading.Lock()

    def work(is_first: bool) -> None:
        while True:
            with lock:
                if not waiting and not is_first:
                    return
            _serve(executable, limit, waiting, lock, report, is_first)
            is_first = False

    with ThreadPoolExecutor(jobs) as pool:
        for running in [pool.submit(work, number == 0) for number in range(jobs)]:
            running.result()


def _serve(
    executable: str,
    limit: float,
    waiting: list[Group],
    lock: threading.Lock,
    report: Callable[[Group, Sequence[Outcome]], None],
    is_first: bool,
) -> None:
    """Let one child answer for groups until there are none, or until it fails on one."""
    with tempfile.TemporaryDirectory(prefix="tpkg-lint-") as place:
        child = subprocess.Popen(
            [executable, str(_SCRIPT), str(limit)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=place,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
        )
        try:
            started = _answers(child, 1, _START)
            if is_first:
                with lock:
                    report(Group("", EXPORTER), started)
            while started:
                with lock:
                    group = waiting.pop() if waiting else None
                if group is None:
                    return
                found = _ask_child(child, group, limit)
                with lock:
                    report(group, found)
                if len(found) < len(group.modules):
                    return
            with lock:  # the interpreter does not even start: nobody can answer
                waiting.clear()
        finally:
            _kill(child)


def _ask_child(child: "subprocess.Popen[bytes]", group: Group, limit: float) -> list[Outcome]:
    assert child.stdin is not None
    try:
        child.stdin.write(msgspec.json.encode({"first": group.first, "then": group.then}) + b"\n")
        child.stdin.flush()
    except OSError:
        return []
    return _answers(child, len(group.modules), 3 * limit + 10)


def _answers(child: "subprocess.Popen[bytes]", count: int, patience: float) -> list[Outcome]:
    """Read so many answers, each for at most `patience` seconds; fewer where the child says nothing any more."""
    assert child.stdout is not None
    found: list[Outcome] = []
    for _ in range(count):
        watch = threading.Timer(patience, _kill, [child])
        watch.start()
        try:
            found.append(msgspec.json.decode(child.stdout.readline(), type=Outcome))
        except (msgspec.MsgspecError, OSError):
            break
        finally:
            watch.cancel()
    return found


def _kill(child: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
    if child.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(5)
    for pipe in (child.stdin, child.stdout):
        if pipe is not None and threading.current_thread().__class__ is not threading.Timer:
            with contextlib.suppress(OSError):
                pipe.close()
