"""Whether a module can be imported, decided without importing it: the exporter drops what cannot."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from types import ModuleType

from tpkg_analyzer.scan.facts import TopLevel
from tpkg_analyzer.scan.known import NOTHING_KNOWN, Known
from tpkg_analyzer.scan.resolver import Location, ModuleKind, Resolver
from tpkg_analyzer.scan.toplevel.process import Process
from tpkg_analyzer.scan.toplevel.record import Record
from tpkg_analyzer.scan.toplevel.values import UNKNOWN, Class, Instance, Module, RaisedError, is_caught_by
from tpkg_analyzer.sources.files import Files
from tpkg_analyzer.sources.interpreter import Interpreter

EXPORTER = ("torch", "torch.package")
"""The modules that an exporting process has imported before it saves anything."""

_ALWAYS_LOADED = ("__main__", "_frozen_importlib", "_frozen_importlib_external")
_FLAGS = "sys.flags"
_COMPILED = {
    ModuleKind.EXTENSION: "its compiled code is believed to load",
    ModuleKind.BYTECODE: "its bytecode is believed to load",
    ModuleKind.MADE: "a compiled module is believed to make it",
}
# One import takes about ten frames of ours for two of Python's own.
_FRAMES = 30_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an import works and, if not, why, in the words of a person who reads about a dropped module.

    `assumed` says what could not be decided where the import is only believed to work, `unstable` why another history
    of the process would lead to another answer.
    """

    is_importable: bool
    reason: str | None = None
    error: str | None = None
    """The class of what the import raises."""
    assumed: str | None = None
    unstable: str | None = None


_WORKS = Verdict(True)


class AbortedError(Exception):
    """The export ends with what the exporter does not catch: what a saved module raises, or any module's SystemExit."""

    def __init__(self, message: str, type_name: str, module: str = "") -> None:
        super().__init__(message)
        self.type_name = type_name
        self.module = module
        """The saved module that cannot be imported, where it is that."""


class Importability:
    """The imports of one export, in its order: what was imported once stays, what failed leaves its traces."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._failed: dict[str, tuple[int, Verdict]] = {}
        self.answers: dict[str, Verdict] = {}
        """The last verdict on everything that was asked for."""

    def verdict(self, name: str, n_frames: int = 0) -> Verdict:
        """Import `name` in the simulated process. Raises AbortedError where that would end the process.

        `n_frames` is how many the exporter uses itself, where it has recursed to the module that it asks for.
        """
        modules = self._process.modules
        found = modules.get(name)
        if (
            self.answers.get(name) is _WORKS
            and isinstance(found, Module)
            and found.doubt is None
            and found.unstable is None
        ):
            return _WORKS  # most are asked for again and again
        known = self._failed.get(name)
        if (
            known is not None
            and name not in modules
            and (known[0] == len(modules) or self._process.is_still_missing(name))
        ):
            return known[1]  # nothing was imported since, or nothing that matters to it, so it fails again
        verdict = self._decide(name, n_frames)
        if verdict.error == RecursionError.__name__:
            pass  # from another place it may work
        elif not verdict.is_importable:
            self._failed[name] = (len(self._process.modules), verdict)
        elif known is not None and verdict.unstable is None:
            verdict = replace(verdict, unstable=f"failed when it was asked for first: {known[1].reason}")
        elif (before := self.answers.get(name)) is not None and before.unstable:
            verdict = replace(verdict, unstable=before.unstable)
        self.answers[name] = verdict
        return verdict

    def assumed(self) -> dict[str, str]:
        """Return what could not be decided about the modules of all answers that are believed."""
        doubts = self._process.doubts_of_objects()
        found: dict[str, str] = {}
        for name, verdict in self.answers.items():
            doubt = verdict.assumed or (doubts.get(name) if name not in self._process.known.seen else None)
            if verdict.is_importable and doubt is not None:
                found[name] = doubt
        return found

    def end(self) -> None:
        """Give back what was imported; what was answered stays."""
        self._process.end()

    def want(self, name: str) -> None:
        """Note that an import statement takes `name` for a module."""
        self._process.want(name)

    def is_plain_object(self, name: str) -> bool:
        """Tell whether a module has put an object of a class without bases in its place in `sys.modules`."""
        found = self._process.modules.get(name)
        return isinstance(found, Instance) and isinstance(found.of, Class) and not found.of.bases

    def module(self, name: str) -> Module | None:
        """Return the imported module, None where `sys.modules` holds something else."""
        found = self._process.modules.get(name)
        return found if isinstance(found, Module) else None

    def lacks(self, name: str, wanted: str) -> bool:
        """Tell whether the imported module `name` certainly has nothing called `wanted` and makes nothing up."""
        found = self.module(name)
        if found is None or not found.is_ready or found.doubt is not None or found.unstable is not None:
            return False
        return found.has(wanted) is False and "__getattr__" not in found.names and not hasattr(ModuleType, wanted)

    def gives_path(self, name: str) -> bool:
        """Ask an imported module for its `__path__`, as the exporter does before it reads the source.

        Tell whether it is a package for the exporter because its `__getattr__` certainly answers. Raises AbortedError
        where that answers with an exception that no `hasattr` handles.
        """
        found = self.module(name)
        if found is None or "__path__" in found.names or "__getattr__" not in found.names:
            return False
        try:
            return self._process.ask_hook(found, "__path__") is not UNKNOWN
        except RaisedError as error:
            if is_caught_by(error.type, AttributeError) is False:
                said = f"its __getattr__ answers the exporter's question for __path__ with {error.type_name}"
                raise AbortedError(said, error.type_name) from None
        return False

    def _decide(self, name: str, n_frames: int) -> Verdict:
        found = self._process.modules.get(name)
        try:
            if not isinstance(found, Module):
                with _deep_recursion(), self._process.below(n_frames):
                    found = self._process.import_named(name)
        except RaisedError as error:
            if error.type in {SystemExit, KeyboardInterrupt, GeneratorExit}:
                raise AbortedError(f"importing {name} raises {error.type_name}", error.type_name) from None
            return Verdict(False, _in_words(name, error), error.type_name, unstable=error.unstable)
        if not isinstance(found, Module):
            return _WORKS
        is_seen = found.name in self._process.known.seen
        assumed = None if is_seen else found.doubt or self._unseen(found)
        if assumed is None and found.unstable is None:
            return _WORKS
        return Verdict(True, assumed=assumed, unstable=found.unstable)

    def _unseen(self, module: Module) -> str | None:
        """Say what nobody has looked into: compiled code."""
        kind = module.location.kind if module.location is not None else None
        if kind not in _COMPILED or module.name in self._process.filled:
            return None
        if module.name.partition(".")[0] in self._process.interpreter.stdlib_names:
            return None  # comes with the interpreter
        return _COMPILED[kind]


def start_process(
    resolver: Resolver,
    interpreter: Interpreter,
    files: Files,
    facts: Callable[[Location], TopLevel | None],
    known: Known = NOTHING_KNOWN,
) -> Process:
    """Return a process in which the exporter has been imported, as far as it is installed."""
    process = Process(resolver, interpreter, files, facts, known)
    for name in _ALWAYS_LOADED:
        process.modules[name] = Module(name, None, {"__name__": name}, is_open=True, is_ready=True)
    process.is_believed = True
    with _deep_recursion():
        # What the interpreter's own import of it did to `sys.path` is there already.
        process.natives[_FLAGS] = Record(no_site=1)
        process.import_given("site")
        del process.natives[_FLAGS]
        for name in ("builtins", "sys", "os", *EXPORTER):
            if name in interpreter.builtin_names or resolver.find(name.partition(".")[0]) is not None:
                process.import_given(name)
    for found in process.modules.values():
        if isinstance(found, Module):
            found.doubt = None  # whoever exports has imported it: there is nothing left to doubt
    process.is_believed = False
    process.imports_more = False  # what torch loads is none of the modules that an export recurses through
    process.settle()
    return process


def import_before(process: Process, imported: Iterable[tuple[str, str]]) -> None:
    """Act out what the exporting code has imported, each a module and a name that is asked of it or "".

    What fails leaves its traces: that the code comes to its export shows only that somebody has caught it.
    """
    with _deep_recursion():
        for module, name in imported:
            process.want(module)
            with suppress(RaisedError):
                found = process.import_named(module)
                if name:
                    process.imported_name(found, name, module)


def _in_words(name: str, error: RaisedError) -> str:
    said = error.message or error.type_name
    if error.type not in {ImportError, ModuleNotFoundError} and error.message:
        said = f"{error.type_name}: {error.message}"
    if not error.trail:
        return said
    module, line = error.trail[0]
    return f"{said} (imported in line {line})" if module == name else f"{said} (line {line} of {module})"


@contextmanager
def _deep_recursion() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
