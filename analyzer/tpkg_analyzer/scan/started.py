"""Processes in which the exporter has been imported already: the same for all projects of one environment.

Acting out the import of torch costs about a second; a command over many projects, and a test-suite, pay it once.
"""

import os
from collections.abc import Callable
from pathlib import Path

from tpkg_analyzer.scan.facts import TopLevel
from tpkg_analyzer.scan.importability import start_process
from tpkg_analyzer.scan.known import NOTHING_KNOWN, Known
from tpkg_analyzer.scan.resolver import Location, Resolver
from tpkg_analyzer.scan.toplevel.process import Process
from tpkg_analyzer.sources.files import Disk, Files, Overlay
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_analyzer.sources.trace import Trace, Traced

_Key = tuple[str, tuple[int, ...]]

_Places = dict[str, Location | None]
"""Where the top-level modules of a process were found when it was started."""

_KEPT: dict[_Key, tuple[Process, Trace, _Places]] = {}


def started_process(
    resolver: Resolver,
    interpreter: Interpreter,
    files: Traced,
    facts: Callable[[Location], TopLevel | None],
    known: Known = NOTHING_KNOWN,
) -> Process:
    """Return a process that goes on from one that was started before, where that one would be the same.

    It is not where the environment's files are not those on disk, where something else is known from elsewhere, where
    the environment has changed, and where the project has a module of its own in the place of one that the exporter
    imports.
    """
    if not _leaves_environment_alone(files.below, interpreter):
        return start_process(resolver, interpreter, files, facts, known)
    key = (interpreter.executable, tuple(_changed(folder) for folder in interpreter.search_path))
    kept, trace, places = _KEPT.get(key, (None, Trace(), {}))
    if kept is None or kept.interpreter != interpreter or kept.known != known:
        kept = start_process(resolver, interpreter, files, facts, known)
        # What is kept must not keep the environment that it was started for, with all that is imported there later.
        alone = Resolver(Disk(), interpreter, resolver.roots)
        places = {top: resolver.find(top) for top in {name.partition(".")[0] for name in kept.modules}}
        _KEPT[key] = kept.continued(alone, Disk(), _nothing), files.trace.below(interpreter.search_path), places
        return kept
    files.trace.add(trace)
    if any(resolver.find(top) != place for top, place in places.items()):
        return start_process(resolver, interpreter, files, facts, known)
    process = kept.continued(resolver, files, facts)
    process.reread()  # functions of the other project may have had the same places
    return process


def _nothing(_: Location) -> TopLevel | None:
    return None


def _leaves_environment_alone(files: Files, interpreter: Interpreter) -> bool:
    """Tell whether what is installed is read from disk; unsaved texts of the project do not matter."""
    if isinstance(files, Overlay):
        texts = (path.startswith(f"{entry}{os.sep}") for path in files.paths for entry in interpreter.search_path)
        return isinstance(files.below, Disk) and not any(texts)
    return isinstance(files, Disk)


def _changed(folder: str) -> int:
    try:
        return Path(folder).stat().st_mtime_ns
    except OSError:
        return 0
