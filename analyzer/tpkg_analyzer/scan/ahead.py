"""A second process that reads ahead: it scans the files that a cold prediction will ask for, into the shared store.

The store is all that the two need, so either may come first, both may do the same file, and either may be gone at any
time. That they do not do the same all along is told by what this process announces, to which there is no answer. The
helper is a new interpreter, not a fork; it runs none of the project's code, imports what this process would, and ends
with it.
"""

import os
import subprocess
import sys
from contextlib import suppress

import msgspec

from tpkg_analyzer.scan.ahead_reader import Task

# Isolated, so that no file of the folder in which the command runs is imported in the place of a standard module.
_START = "import sys; sys.path[:] = sys.argv[1:]; from tpkg_analyzer.scan.ahead_reader import main; main()"


class Ahead:
    """The second process, if there can be one."""

    def __init__(self, jobs: int | None = None) -> None:
        self._jobs = jobs
        self._is_begun = False
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, task: Task) -> None:
        """Start it where there is a second processor; whatever goes wrong, this process does the work alone."""
        if self._is_begun or (self._jobs or _processors()) < 2 or not _can_start():
            return
        self._is_begun = True
        command = [sys.executable, "-I", "-c", _START, *filter(None, map(os.path.abspath, filter(None, sys.path)))]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            assert self._process.stdin is not None
            self._process.stdin.write(msgspec.json.encode(task) + b"\n")
            self._process.stdin.flush()
            os.set_blocking(self._process.stdin.fileno(), False)
        except (OSError, UnicodeEncodeError):
            self.stop()

    def announce(self, path: str) -> None:
        """Say that this process scans a file itself; nobody waits for somebody who does not listen."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                os.write(self._process.stdin.fileno(), os.fsencode(path) + b"\n")

    def stop(self) -> None:
        """End it: what it has done so far is in the store."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _can_start() -> bool:
    """Tell whether there is an interpreter to start, and pipes that nobody waits for: on Windows since Python 3.12."""
    return bool(sys.executable) and not getattr(sys, "frozen", False) and hasattr(os, "set_blocking")


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
