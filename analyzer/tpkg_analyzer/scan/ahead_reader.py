"""What the second process does that reads ahead. It imports no more than that: both begin to work together."""

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tpkg_analyzer.scan.ahead_order import Queue, Rank
from tpkg_analyzer.scan.facts import ModuleFacts, TopLevel
from tpkg_analyzer.scan.frames import with_room_for_frames
from tpkg_analyzer.scan.patterns import Interned
from tpkg_analyzer.scan.reader import FactsReader
from tpkg_analyzer.scan.resolver import ModuleKind, Resolver
from tpkg_analyzer.scan.toplevel.blocks import BLOCKS, blocks_of
from tpkg_analyzer.sources.compiler import compiler_of
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_analyzer.sources.store import Store
from tpkg_runtime.spec.imports import absolute_name, package_of

_FLUSHED_AFTER = 25
_MOST_READ = 1 << 16


class Task(msgspec.Struct, frozen=True):
    """What is to be read: all that the interned modules import, and what the import of that imports in turn."""

    cache: str
    interpreter: Interpreter
    roots: tuple[str, ...]
    interned: Interned
    imported: tuple[str, ...] = ()
    """What has been imported before: the exporter, and what the exporting code imports."""


def main() -> None:
    """Do the task on the first line of the standard input; end when that does."""
    gc.disable()  # trees have no cycles, and nothing is kept
    task = msgspec.json.decode(sys.stdin.buffer.readline(), type=Task)
    descriptor = sys.stdin.fileno()
    os.set_blocking(descriptor, False)
    read_ahead(task, Predicting(descriptor))


class Predicting:
    """The process that predicts, as far as it tells where it is."""

    def __init__(self, descriptor: int | None = None) -> None:
        self._descriptor = descriptor
        """Of the pipe through which it announces what it does, if it does so."""
        self._rest = b""
        self._scanned_here: set[str] = set()
        self._scanned_there: set[str] = set()
        self.is_here = False
        """Whether it has begun to scan a file that is scanned here as well."""

    def has_scanned(self, path: str) -> bool:
        """Tell whether it has begun to scan a file."""
        return path in self._scanned_there

    def scan(self, path: str) -> None:
        """Note that a file is scanned here."""
        self._scanned_here.add(path)
        if path in self._scanned_there:
            self.is_here = True

    def listen(self) -> None:
        """Read what it has announced since, without waiting for more; end with it."""
        # A thread that waits for it takes the lock of the interpreter for each line.
        if self._descriptor is None:
            return
        try:
            data = os.read(self._descriptor, _MOST_READ)
        except BlockingIOError:
            return
        if not data:
            os._exit(0)
        *lines, self._rest = (self._rest + data).split(b"\n")
        paths = set(map(os.fsdecode, lines))
        self._scanned_there |= paths
        if not paths.isdisjoint(self._scanned_here):
            self.is_here = True


@with_room_for_frames
def read_ahead(task: Task, predicting: Predicting) -> None:
    """Scan what the modules of the task import, in the order of `Queue`."""
    store, files = Store(Path(task.cache)), Disk()
    reader = FactsReader(files, task.interpreter.version[:2], store, compiler_of(task.interpreter))
    reader.on_scan = predicting.scan
    # Asking a store for thousands of files that it cannot hold takes a twentieth of the time.
    stored = frozenset(store.known())
    reader.may_be_stored = lambda key: key in stored or predicting.has_scanned(key)
    resolver = Resolver(files, task.interpreter, task.roots)
    queue = Queue(task.interned)
    needed: set[tuple[str, str | None, str, Rank]] = set()  # most of what a module imports others do as well
    for name in (*task.imported, *task.interned.saved):
        queue.add(name, Rank.NEEDED)
    while (found := queue.next()) is not None:
        name, rank = found
        predicting.listen()
        if predicting.is_here:
            predicting.is_here = False
            queue.skip()
        location = resolver.find(name)
        if location is None or location.kind is not ModuleKind.SOURCE or location.path is None:
            continue
        path = os.path.normpath(location.path)
        facts = reader.facts_of(path) if rank is Rank.WHOLE else reader.top_level_of(path)
        reader.forget(path)
        if facts is not None:
            package = package_of(name, location.is_package)
            for module, item, level, of_need in _needs(facts, rank):
                need = module, item, "." * level + package if level else "", of_need
                if need not in needed:
                    needed.add(need)
                    for target in _targets(module, item, level, package, resolver):
                        queue.add(target, of_need)
                        if rank is of_need is Rank.NEEDED:
                            queue.note_import(name, target)
                            if resolver.find(target.partition(".")[0]) is None:
                                queue.note_failure(target)
        if reader.n_scanned >= _FLUSHED_AFTER:
            reader.n_scanned = 0
            store.flush()
    store.close()


def _needs(facts: TopLevel, rank: Rank) -> Iterator[tuple[str, str | None, int, Rank]]:
    """Yield what a module of a rank imports: the module and the name of each import, its dots, and its rank."""
    if isinstance(facts, ModuleFacts):
        yield from ((item.module, item.name, item.level, Rank.NEEDED) for item in facts.imports)
    else:
        yield from _imports(facts.outline, rank)


def _imports(steps: Sequence[Any], rank: Rank) -> Iterator[tuple[str, str | None, int, Rank]]:
    """Yield the imports of an outline; those within a compound statement are made under some condition."""
    for step in steps:
        kind = step[0]
        if kind == "import":
            yield step[2], None, 0, rank
        elif kind == "from":
            for name, _ in step[4]:
                yield step[2], name, step[3], rank
        elif kind == "star":
            yield step[2], None, step[3], rank
        elif kind in BLOCKS:
            for block in blocks_of(step):
                yield from _imports(block, Rank.MAYBE)
        elif kind == "class":
            yield from _imports(step[4], Rank.MAYBE)


def _targets(module: str, name: str | None, level: int, package: str, resolver: Resolver) -> Iterator[str]:
    try:
        module = absolute_name(module, package, level)
    except ValueError:
        return
    yield module
    if name is not None and (location := resolver.find(module)) is not None and location.is_package:
        yield f"{module}.{name}"
