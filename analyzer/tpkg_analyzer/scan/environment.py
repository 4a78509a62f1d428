"""The environment of an export as the sources show it; stands in for the importers of a real one."""

import os
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property

from tpkg_analyzer.model.package import Package
from tpkg_analyzer.scan.ahead import Ahead
from tpkg_analyzer.scan.ahead_reader import Task
from tpkg_analyzer.scan.facts import ModuleFacts, Stops, TopLevel
from tpkg_analyzer.scan.importability import EXPORTER, AbortedError, Importability, Verdict, import_before
from tpkg_analyzer.scan.known import NOTHING_KNOWN, Known
from tpkg_analyzer.scan.patterns import Interned
from tpkg_analyzer.scan.reader import FactsReader
from tpkg_analyzer.scan.resolver import Location, ModuleKind, Resolver
from tpkg_analyzer.scan.started import started_process
from tpkg_analyzer.scan.toplevel.process import Process
from tpkg_analyzer.sources.compiler import compiler_of
from tpkg_analyzer.sources.files import Disk, Files
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_analyzer.sources.packing import identifying
from tpkg_analyzer.sources.store import Store
from tpkg_analyzer.sources.text import decode_source
from tpkg_analyzer.sources.trace import Evidence, Trace, Traced
from tpkg_runtime.spec.imports import Import, Reference, find_imports, package_of, resolve
from tpkg_runtime.spec.reasons import PackagingErrorReason
from tpkg_runtime.spec.walk import ModuleSource

_COLD_AFTER = 20
_FLUSHED_AFTER = 20
_MAY_GIVE_FILE = frozenset({"__file__", "__getattr__", "__getattribute__", "__dict__", "setattr"})
"""Words without which an object that stands for a module has no `__file__`."""
_WITHOUT_FILE = frozenset({ModuleKind.NAMESPACE, ModuleKind.BUILTIN, ModuleKind.MADE})


class StaticEnvironment:
    """Answers what a `DependencyWalk` asks, from files alone. One object serves all packages of a project."""

    def __init__(
        self,
        files: Files,
        interpreter: Interpreter,
        roots: Iterable[str],
        *,
        store: Store | None = None,
        reader: FactsReader | None = None,
        known: Known = NOTHING_KNOWN,
        jobs: int | None = None,
    ) -> None:
        """Make an environment for which at most `jobs` processes work, by default as many as there are processors."""
        self._jobs = jobs
        self.interpreter = interpreter
        # What a reader of somebody else has read, and texts that are nowhere on disk, cannot be checked in a later run.
        self.store = store if reader is None and isinstance(files, Disk) else None
        self._trace = Trace()
        self._files = Traced(files, self._trace)
        self._reader = reader or FactsReader(files, interpreter.version[:2], store, compiler_of(interpreter))
        self._resolver = Resolver(self._files, interpreter, roots)
        self._known = known
        self._importability: Importability | None = None
        self._before: tuple[tuple[str, str], ...] = ()
        self._entered: tuple[tuple[tuple[str, str], ...], Process] | None = None
        """What the code of the last export had imported, and the process in which that is done."""
        self.n_frames: Callable[[], int] = int
        """How many frames the exporter uses itself, where it recurses from one module to the next; 0 for a root."""
        self._deferred: Callable[[], object] | None = None
        self._interned: Container[str] = ()

    @cached_property
    def _process(self) -> Process:
        return started_process(self._resolver, self.interpreter, self._files, self._top_level_at, self._known)

    def continue_from(self, other: "StaticEnvironment") -> None:
        """Begin where another has begun: files of the project have changed, none of those that the exporter imports."""
        started = other.__dict__.get("_process")
        if not isinstance(started, Process):
            return
        tops = {name.partition(".")[0] for name in started.modules}
        if all(started.resolver.find(top) == self._resolver.find(top) for top in tops):
            self._process = started.continued(self._resolver, self._files, self._top_level_at)
            self._process.reread()

    @property
    def importability(self) -> Importability:
        """The imports of the export that is predicted now."""
        if self._deferred is not None:
            self._deferred()
        if self._importability is None:
            self._importability = Importability(self._entered_process().fork())
        return self._importability

    def _entered_process(self) -> Process:
        """Return the process in which the export begins. Exports of one script follow each other."""
        if not self._before:
            return self._process
        if self._entered is None or self._entered[0] != self._before:
            self._leave()
            process = self._process.fork()
            import_before(process, self._before)
            self._entered = self._before, process
        return self._entered[1]

    def begin(self, interned: Container[str] = (), before: tuple[tuple[str, str], ...] = ()) -> None:
        """Begin another export: a new process, in which the exporter is imported, and then what `before` names.

        All facts of the modules `interned` will be asked for; of others it is enough to know what their import does.
        """
        self._end_export()
        self._interned = interned
        self._before = before

    def end(self) -> None:
        """Give back all that was imported for exports; another one can begin."""
        self._end_export()
        self._leave()

    def _leave(self) -> None:
        # The work may be broken off right behind an end, and then nobody may end the same again.
        entered, self._entered = self._entered, None
        if entered is not None:
            entered[1].end()

    def _end_export(self) -> None:
        ended, self._importability = self._importability, None
        if ended is not None:
            ended.end()
        self._deferred = None
        self.n_frames = int

    def defer(self, export: Callable[[], object]) -> None:
        """Begin an export whose outcome is known; it is acted out only if somebody asks what it left behind."""
        self.begin()
        self._deferred = export

    @contextmanager
    def reading_ahead(self, package: Package) -> Iterator[None]:
        """Let a second process scan what an export will ask for, once it turns out that much has not been scanned."""
        store, reader = self.store, self._reader
        if store is None:
            yield
            return
        ahead, begun = Ahead(self._jobs), reader.n_scanned
        interned = Interned.by(package, self.interpreter.stdlib_names)
        imported = tuple(dict.fromkeys((*EXPORTER, *(module for module, _ in package.imported))))
        task = Task(str(store.folder.absolute()), self.interpreter, self._resolver.roots, interned, imported)

        def on_scan(path: str) -> None:
            n_scanned = reader.n_scanned - begun
            if n_scanned >= _COLD_AFTER and n_scanned % _FLUSHED_AFTER == 0:
                store.flush()  # what is done already is not done again there
                ahead.start(task)
            ahead.announce(path)

        reader.on_scan = on_scan
        try:
            yield
        finally:
            reader.on_scan = None
            ahead.stop()

    @contextmanager
    def noting(self) -> Iterator[set[str]]:
        """Collect the files that are looked at meanwhile; complete when the block has ended."""
        looked_at: set[str] = set()
        before, self._trace.files = self._trace.files, {}
        try:
            yield looked_at
        finally:
            looked_at.update(self._trace.files)
            self._trace.files = before | self._trace.files

    @property
    def identity(self) -> bytes:
        """What tells this environment from others, but for the content of files and folders."""
        parts = (self.interpreter, self._resolver.search_path, self._known)
        return identifying(parts)

    def evidence(self) -> Evidence:
        """Return the files and folders that all answers so far rest on."""
        return self._trace.evidence()

    def locate(self, module: str) -> Location | None:
        """Return where `module` is, None where no finder has it."""
        return self._resolver.find(module)

    def verdict(self, module: str) -> Verdict:
        """Tell whether `module` can be imported, and why not."""
        return self.importability.verdict(module)

    def facts(self, module: str) -> ModuleFacts | None:
        """Return the facts of a module's source, None where it has none."""
        location = self.locate(module)
        return self._facts_at(location) if location else None

    def words(self, module: str) -> frozenset[str]:
        """Return all names that occur in a module's source, none where it has none."""
        location = self.locate(module)
        path = _source_of(location) if location is not None else None
        return self.words_of(path) if path is not None else frozenset()

    def text(self, module: str) -> str | None:
        """Return the source text of a module, None where it has none that can be read."""
        location = self.locate(module)
        if location is None or location.kind is not ModuleKind.SOURCE or location.path is None:
            return None
        try:
            return decode_source(self._files.read(location.path))
        except (OSError, SyntaxError, ValueError, LookupError):
            return None

    def read(self, path: str) -> bytes:
        """Return the content of a file, which answers rest on from now on. Raises OSError."""
        return self._files.read(path)

    def facts_of(self, path: str) -> ModuleFacts | None:
        """Return the facts of the file at `path`, None where it cannot be read."""
        return self._reader.facts_of(path)

    def words_of(self, path: str) -> frozenset[str]:
        """Return all names that occur in the file at `path`."""
        return self._reader.words_of(path)

    def lacks(self, module: str, name: str) -> bool:
        """Tell whether an imported module certainly has no such name, whoever asks."""
        return self.importability.lacks(module, name) and self.locate(f"{module}.{name}") is None

    def exists(self, module: str) -> bool:
        """Tell whether the exporter could import `module`, from where it is in its recursion."""
        return self.importability.verdict(module, self.n_frames()).is_importable

    def module(self, module: str) -> ModuleSource:
        """Return the source of `module`. Raises AbortedError where importing it raises."""
        verdict = self.verdict(module)
        location = self._imported_location(module)
        if not verdict.is_importable:
            raise AbortedError(verdict.reason or "", verdict.error or ModuleNotFoundError.__name__, module)
        gives_path = self.importability.gives_path(module)
        if location is None or location.kind in _WITHOUT_FILE:
            is_package = location is not None and location.is_package
            return ModuleSource(module, is_package, None, reason=PackagingErrorReason.NO_DUNDER_FILE)
        facts = self._facts_at(location)
        if facts is not None and self.importability.is_plain_object(module) and not self.words(module) & _MAY_GIVE_FILE:
            return ModuleSource(module, location.is_package, None, reason=PackagingErrorReason.NO_DUNDER_FILE)
        if facts is not None:
            # The walk needs to know that there is a text, not the text.
            asks_for_file, is_package = facts.mentions_file, location.is_package or gives_path
            return ModuleSource(module, is_package, "", location.path, asks_for_file=asks_for_file)
        if location.kind is ModuleKind.EXTENSION:
            reason, context = PackagingErrorReason.IS_EXTENSION_MODULE, None
        else:
            reason, context = PackagingErrorReason.SOURCE_FILE_NOT_FOUND, f"filename: {location.path}"
        return ModuleSource(module, location.is_package, None, location.path, reason, context)

    def _imported_location(self, module: str) -> Location | None:
        """Return where the module is that `sys.modules` holds under this name: an alias has the place of its target."""
        imported = self.importability.module(module)
        if imported is None or imported.location is None:
            return self.locate(module)
        file = imported.names.get("__file__")
        if isinstance(file, str) and not file.endswith(".py") and imported.location.kind is ModuleKind.SOURCE:
            return Location(module, ModuleKind.BYTECODE, file)
        search = imported.location.search or (("",) if "__path__" in imported.names else ())
        return replace(imported.location, name=module, search=search)

    def references(self, module: ModuleSource) -> Sequence[Reference]:
        """Return the imports of a module's source, made absolute. Raises ValueError as the exporter's scan does."""
        imports: Sequence[Import] = ()
        if module.path is None:
            imports = find_imports(module.source or "")
        elif (facts := self._noted(module.path)) is not None:
            if facts.problem is not None and facts.problem.stops is not Stops.READING:
                raise ValueError(facts.problem.message)
            imports = facts.imports
        references = resolve(imports, package_of(module.name, module.is_package))
        for reference in references:
            self.importability.want(reference.module)
        return references

    def size(self, module: str) -> int:
        """Return the size of a module's source in bytes, 0 where it has none."""
        facts = self.facts(module)
        return facts.size if facts else 0

    def _facts_at(self, location: Location) -> ModuleFacts | None:
        path = _source_of(location)
        return self._noted(path) if path is not None else None

    def _top_level_at(self, location: Location) -> TopLevel | None:
        path = _source_of(location)
        if path is None or location.name in self._interned:
            return self._facts_at(location)
        top_level = self._reader.top_level_of(path)
        self._trace.files[path] = top_level.digest if top_level is not None else None
        return top_level

    def _noted(self, path: str) -> ModuleFacts | None:
        facts = self._reader.facts_of(path)
        self._trace.files[path] = facts.digest if facts is not None else None
        return facts


def _source_of(location: Location) -> str | None:
    """Return the path of the source that is at a location."""
    if location.kind is not ModuleKind.SOURCE or location.path is None:
        return None
    return os.path.normpath(location.path)
