"""A second process that reads ahead: it scans the files that a cold prediction will ask for, into the shared store.

The store is all that the two need, so either may come first, both may do the same file, and either may be gone at any
time. That they do not do the same all along is told by what this process announces, to which there is no answer. The
helper is a new interpreter, not a fork; it runs none of the project's code, imports what this process would, and ends
with it.
"""

import os
import subprocess
from contextlib import suppress

from tpkg_analyzer.scan.ahead_reader import Task
from tpkg_analyzer.sources.processes import end, processors, start_main_of

_READER = "tpkg_analyzer.scan.ahead_reader"


class Ahead:
    """The second process, if there can be one."""

    def __init__(self, jobs: int | None = None) -> None:
        self._jobs = jobs
        self._is_begun = False
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, task: Task) -> None:
        """Start it where there is a second processor; whatever goes wrong, this process does the work alone."""
        # A pipe for which nobody waits is there on Windows since Python 3.12.
        if self._is_begun or (self._jobs or processors()) < 2 or not hasattr(os, "set_blocking"):
            return
        self._is_begun = True
        self._process = start_main_of(_READER, task)
        if self._process is not None and self._process.stdin is not None:
            os.set_blocking(self._process.stdin.fileno(), False)

    def announce(self, path: str) -> None:
        """Say that this process scans a file itself; nobody waits for somebody who does not listen."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                os.write(self._process.stdin.fileno(), os.fsencode(path) + b"\n")

    def stop(self) -> None:
        """End it: what it has done so far is in the store."""
        process, self._process = self._process, None
        if process is not None:
            end(process)
