"""Other processes that check files as well: from the end of the list on, into the same store.

Where a command finds that it has to check many files anew, others are started that do the same command for a part of
what is left. What they find is remembered, as by an earlier run; this process comes from the front, and takes from the
store what is there by then.
"""

import argparse
import subprocess
import sys

import msgspec

from tpkg_analyzer.sources.processes import end, end_with_parent, processors, start_main_of

_AFTER = 30
_FILES_EACH = 60
"""Fewer are checked before another process has begun to work."""
_MOST = 8
"""Each holds the trees of what it reads: some hundred megabytes."""
_FLUSHED_AFTER = 5


class Part(msgspec.Struct, frozen=True):
    """What another process is to check: the files of a project at every `of`th position from the end, after `first`."""

    words: list[str]
    """Of the command."""
    project: int
    first: int
    of: int


class Sharing:
    """The processes that share the work on one project, if there are any."""

    def __init__(self, words: list[str], project: int, jobs: int | None) -> None:
        self._words, self._project = words, project
        self._jobs = min(jobs or processors(), _MOST)
        self._processes: list[subprocess.Popen[bytes]] | None = None

    def __enter__(self) -> "Sharing":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes or ():
            end(process)

    def note(self, n_checked: int, n_left: int) -> None:
        """Start them where so many files had to be checked, and so many are left, that it is worth it."""
        if self._processes is not None or n_checked < _AFTER:
            return
        of = min(self._jobs - 1, n_left // _FILES_EACH)
        parts = [Part(self._words, self._project, first, of) for first in range(of)]
        started = [start_main_of(__name__, part) for part in parts]
        self._processes = [process for process in started if process is not None]


def main() -> None:
    """Check the part on the first line of the standard input; end when that does."""
    part = msgspec.json.decode(sys.stdin.buffer.readline(), type=Part)
    end_with_parent()
    from tpkg_analyzer.cli.guard import guarded

    guarded(lambda: _check(part))


def _check(part: Part) -> int:
    from tpkg_analyzer.cli.check import arguments, narrowed

    options: argparse.Namespace = arguments().parse_args(part.words)
    project, session = narrowed(options, part.project)
    files = project.files[::-1][part.first :: part.of]
    for number, path in enumerate(files, 1):
        if session.can_read(path):
            session.check(path)
        if number % _FLUSHED_AFTER == 0 and session.store is not None:
            session.store.flush()
    if session.store is not None:
        session.store.close()
    return 0
