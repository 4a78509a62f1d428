"""A second process that reads ahead: it scans the files that a cold prediction will ask for, into the shared store.

The store is all that the two have in common, so either may come first, both may do the same file, and either may be
gone at any time. The helper is a new interpreter, not a fork; it runs none of the project's code, imports what this
process would, and ends with it.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tpkg_analyzer.scan.ahead_order import Queue, Rank
from tpkg_analyzer.scan.facts import ModuleFacts
from tpkg_analyzer.scan.reader import FactsReader
from tpkg_analyzer.scan.resolver import ModuleKind, Resolver
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_analyzer.sources.store import Store
from tpkg_runtime.spec.imports import EdgeKind, Import, absolute_name, package_of

_FLUSHED_AFTER = 40
# Isolated, so that no file of the folder in which the command runs is imported in the place of a standard module.
_START = "import sys; sys.path[:] = sys.argv[1:]; from tpkg_analyzer.scan.ahead import main; main()"
_AT_IMPORT = frozenset({EdgeKind.STATIC, EdgeKind.OPTIONAL})


class Task(msgspec.Struct, frozen=True):
    """What is to be read: all that `modules` import, and in the packages `whole` what functions import as well."""

    cache: str
    interpreter: Interpreter
    roots: tuple[str, ...]
    modules: tuple[str, ...]
    whole: tuple[str, ...]


class Ahead:
    """The second process, if there can be one."""

    def __init__(self, jobs: int | None = None) -> None:
        self._jobs = jobs
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, task: Task) -> None:
        """Start it where there is a second processor; whatever goes wrong, this process does the work alone."""
        if (
            self._process is not None
            or (self._jobs or _processors()) < 2
            or not sys.executable
            or getattr(sys, "frozen", False)
        ):
            return
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
        except (OSError, UnicodeEncodeError):
            self.stop()

    def stop(self) -> None:
        """End it: what it has done so far is in the store."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def main() -> None:
    """Do the task on the first line of the standard input; end at its end."""
    task = msgspec.json.decode(sys.stdin.buffer.readline(), type=Task)
    threading.Thread(target=_end_with_input, daemon=True).start()
    read_ahead(task)


def _end_with_input() -> None:
    # By its number: a thread that is still reading `sys.stdin` would stop an interpreter that ends in the usual way.
    while os.read(0, 1024):
        pass
    os._exit(0)


def read_ahead(task: Task) -> None:
    """Scan what the modules of the task import, in the order of `Queue`."""
    store, files = Store(Path(task.cache)), Disk()
    reader = FactsReader(files, task.interpreter.version[:2], store)
    resolver = Resolver(files, task.interpreter, task.roots)
    queue = Queue(frozenset(task.whole))
    for name in task.modules:
        queue.add(name, Rank.NEEDED)
    while (found := queue.next()) is not None:
        name, rank = found
        location = resolver.find(name)
        if location is None or location.kind is not ModuleKind.SOURCE or location.path is None:
            continue
        path = os.path.normpath(location.path)
        facts = reader.facts_of(path)
        reader.forget(path)
        if facts is not None:
            package = package_of(name, location.is_package)
            for item, needed in _ranked(facts, rank):
                for target in _targets(item, package):
                    queue.add(target, needed)
        if reader.n_scanned >= _FLUSHED_AFTER:
            reader.n_scanned = 0
            store.flush()
    store.close()


def _ranked(facts: ModuleFacts, rank: Rank) -> Iterator[tuple[Import, Rank]]:
    """Yield the imports of a module that count, by its rank, with the ranks of what they ask for."""
    certain = _certain(facts) if rank is not Rank.WHOLE else set()
    for item in facts.imports:
        if rank is Rank.WHOLE:
            yield item, Rank.NEEDED
        elif item.kind in _AT_IMPORT:
            yield item, rank if (item.module, item.level) in certain else Rank.MAYBE


def _certain(facts: ModuleFacts) -> set[tuple[str, int]]:
    """Return the modules, as written and with their dots, that are imported under no condition."""
    imports = {(step[2], 0) for step in facts.outline if step[0] == "import"}
    return imports | {(step[2], step[3]) for step in facts.outline if step[0] in {"from", "star"}}


def _targets(item: Import, package: str) -> Iterator[str]:
    try:
        module = absolute_name(item.module, package, item.level)
    except ValueError:
        return
    yield module
    if item.name is not None:
        yield f"{module}.{item.name}"
