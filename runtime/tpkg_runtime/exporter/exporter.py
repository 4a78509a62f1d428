"""The exporter: gathers modules, objects and resources, and writes them as a package."""

import os
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal

from tpkg_runtime.archive.targets import to_buffer, to_path
from tpkg_runtime.archive.tree import Directory, directory_of
from tpkg_runtime.environment.importer import Importer
from tpkg_runtime.environment.system import sys_importer
from tpkg_runtime.exporter.assembly import assemble, module_sources
from tpkg_runtime.exporter.checks import as_importer, check_pattern
from tpkg_runtime.exporter.coding import read_source
from tpkg_runtime.exporter.contents import Contents
from tpkg_runtime.exporter.environment import ImportedEnvironment
from tpkg_runtime.exporter.errors import EmptyMatchError, ExportError, PackagingError
from tpkg_runtime.exporter.hooks import Handle
from tpkg_runtime.exporter.metadata import metadata_records
from tpkg_runtime.exporter.pickling import Pickled, check_supplier, dump
from tpkg_runtime.exporter.queries import GraphQueries
from tpkg_runtime.exporter.recursion import RecursingEnvironment
from tpkg_runtime.exporter.report import report
from tpkg_runtime.exporter.script import ScriptModules, refuse_gated
from tpkg_runtime.exporter.storages import Storages
from tpkg_runtime.spec.actions import TORCH, TPKG, Action, Pattern, decide
from tpkg_runtime.spec.globs import GlobGroup, GlobPattern
from tpkg_runtime.spec.walk import DependencyWalk, ModuleSource

Compat = Literal["torch"] | None
ActionHook = Callable[["PackageExporter", str], None]


class PackageExporter(GraphQueries):
    """Writes a package: modules with what they depend on, pickled objects, resources.

    Mirrors `torch.package.PackageExporter`. Nothing is written before all is known to be good, and the file at the
    given path is replaced in one step; an export that fails leaves it as it was. `compat="torch"` gives the exact
    behaviour of the original where ours differs (docs/runtime.md has the table).
    """

    importer: Importer

    def __init__(
        self,
        f: str | os.PathLike[str] | IO[bytes],
        importer: Importer | Sequence[Importer] = sys_importer,
        debug: bool = False,
        *,
        compat: Compat = None,
    ) -> None:
        """Start a package that goes to a path or a binary buffer; `importer` is asked for modules, a row in its order.

        `debug` adds to a PackagingError the path to each broken module. Raises TypeError for arguments that are
        neither, and OSError for a path that cannot be written to.
        """
        if compat not in (None, "torch"):
            raise ValueError(f"compat must be None or 'torch', got {compat!r}")
        self.importer = as_importer(importer)
        self.debug = debug
        self.buffer = None if isinstance(f, (str, os.PathLike)) else f
        if isinstance(f, (str, os.PathLike)):
            self._name = os.fspath(f)
            self._writer = to_path(self._name)
        elif callable(getattr(f, "write", None)):
            self._name = "<binary>"
            self._writer = to_buffer(f)
        else:
            raise TypeError(f"expected a path or a binary file to write to, got {type(f).__name__}")
        self._faithful = compat == "torch"
        self._environment = ImportedEnvironment(self.importer)
        self._recursion = RecursingEnvironment(self._environment)
        environment, semantics = (self._recursion, TORCH) if self._faithful else (self._environment, TPKG)
        self._walk = DependencyWalk(environment, sys.stdlib_module_names, semantics)
        self._recursion.chain = lambda: self._walk.chain
        self._contents = Contents()
        self._script = ScriptModules(lambda: self._storages.all())
        self._storages = Storages(self._writer, self._script)
        self._hooks: dict[Action, OrderedDict[int, ActionHook]] = {action: OrderedDict() for action in Action}
        self._reduced: dict[int, tuple[Any, tuple[Any, ...]]] = {}
        self._unique_id = 0
        self._closed = False

    def intern(self, include: GlobPattern, *, exclude: GlobPattern = (), allow_empty: bool = True) -> None:
        """Put modules that match into the package, and what they depend on after them.

        Patterns are globs over dotted names as in Bazel: `*` within a segment, `**` for any number of segments. They
        are asked in the order of their declaration; the first that matches decides. With `allow_empty=False`
        closing raises EmptyMatchError where no module was given to this pattern.
        """
        self._declare(Action.INTERN, include, exclude, allow_empty)

    def extern(self, include: GlobPattern, *, exclude: GlobPattern = (), allow_empty: bool = True) -> None:
        """Leave modules that match to the environment that loads the package."""
        self._declare(Action.EXTERN, include, exclude, allow_empty)

    def mock(self, include: GlobPattern, *, exclude: GlobPattern = (), allow_empty: bool = True) -> None:
        """Put stubs in place of modules that match: any name can be imported from them, no use of it works."""
        self._declare(Action.MOCK, include, exclude, allow_empty)

    def deny(self, include: GlobPattern, *, exclude: GlobPattern = ()) -> None:
        """Make a dependency on a module that matches an error."""
        self._declare(Action.DENY, include, exclude, True)

    def save_module(self, module_name: str, dependencies: bool = True) -> None:
        """Put a module into the package without asking a pattern. Raises what importing it raises."""
        if not isinstance(module_name, str):
            raise TypeError("save_module() expects a string input, did you perhaps mean to pass `__name__`?")
        self._check_open()
        self._recursion.enter()
        self._walk.save_module(module_name, dependencies)

    def save_source_string(
        self, module_name: str, src: str, is_package: bool = False, dependencies: bool = True
    ) -> None:
        """Put `src` into the package as the source of a module, instead of any other."""
        self._check_open()
        self._recursion.enter(-1)
        self._walk.save_source(ModuleSource(module_name, is_package, src), dependencies)

    def save_source_file(self, module_name: str, file_or_directory: str, dependencies: bool = True) -> None:
        """Put a file, or all `.py` files below a folder, into the package as the source of a module."""
        path = Path(file_or_directory)
        read = _read_utf8 if self._faithful else read_source
        if not path.is_dir():
            self.save_source_string(module_name, read(path), path.name == "__init__.py", dependencies)
            return
        sources = []
        for file in sorted(path.glob("**/*.py")):
            parts = [module_name, *file.relative_to(path).with_suffix("").parts]
            is_package = parts[-1] == "__init__"
            sources.append((".".join(parts[:-1] if is_package else parts), read(file), is_package))
        for name, source, is_package in sources:
            self.save_source_string(name, source, is_package, dependencies)

    def save_pickle(
        self, package: str, resource: str, obj: Any, dependencies: bool = True, pickle_protocol: int = 3
    ) -> None:
        """Pickle `obj` into the package, with the modules that its pickle names; tensors are stored beside it.

        Raises PicklingError for what cannot be pickled or comes from an importer that would not supply its source,
        and ExportError for a name that is taken or a protocol other than 3 and 4.
        """
        if pickle_protocol not in (3, 4):
            raise ExportError(f"torch.package only supports pickle protocols 3 and 4, got {pickle_protocol}")
        self._check_open()
        if not self._faithful:  # the original finds out when it writes, with the modules in its graph already
            self._contents.check_resource(package, resource)
        pickled = dump(obj, self.importer, pickle_protocol, self._persistent_id)
        if not self._faithful:
            self._check_suppliers(pickled)
        self._recursion.enter(1)
        self._walk.save_pickle(package, resource, pickled.names, dependencies)
        self._contents.check_resource(package, resource)
        self._contents.add_resource(package, resource, pickled.data)

    def save_text(self, package: str, resource: str, text: str) -> None:
        """Put text into the package, as UTF-8."""
        self.save_binary(package, resource, text.encode("utf-8"))

    def save_binary(self, package: str, resource: str, binary: bytes) -> None:
        """Put bytes into the package. Raises ExportError for a name that is taken."""
        self._check_open()
        self._contents.check_resource(package, resource)
        self._contents.add_resource(package, resource, bytes(memoryview(binary)))

    def save_metadata(self, distribution: str) -> None:
        """Put the metadata of an installed distribution into the package, for `importlib.metadata` in packaged code.

        Raises PackageNotFoundError. torch.package has nothing like it, and passes these records over.
        """
        self._check_open()
        for record, data in metadata_records(distribution):
            self._contents.add(record, data)

    def add_dependency(self, module_name: str, dependencies: bool = True) -> None:
        """Take in a module as the patterns say."""
        self._check_open()
        self._recursion.enter()
        self._walk.add_dependency(module_name, dependencies)

    def register_extern_hook(self, hook: ActionHook) -> Handle[ActionHook]:
        """Call `hook(exporter, module_name)` for each extern module when the package is written."""
        return Handle(self._hooks[Action.EXTERN], hook)

    def register_mock_hook(self, hook: ActionHook) -> Handle[ActionHook]:
        """Call `hook(exporter, module_name)` for each mocked module when the package is written."""
        return Handle(self._hooks[Action.MOCK], hook)

    def register_intern_hook(self, hook: ActionHook) -> Handle[ActionHook]:
        """Call `hook(exporter, module_name)` for each packaged module when the package is written."""
        return Handle(self._hooks[Action.INTERN], hook)

    def get_unique_id(self) -> str:
        """Return an id that this exporter gives out once."""
        self._unique_id += 1
        return str(self._unique_id - 1)

    @property
    def script_module_serializer(self) -> Any:
        """The serializer that TorchScript modules ask their exporter for."""
        return self._script.serializer

    def file_structure(self, *, include: GlobPattern = "**", exclude: GlobPattern = ()) -> Directory:
        """Return the tree of the resources and sources so far; tensors and records of the framework come at the end."""
        records = [*self._contents.records, *module_sources(self._walk, self._environment)]
        return directory_of(self._name, records, include, exclude)

    def close(self) -> None:
        """Check the package, call the hooks, which may still add to it, then write it.

        Raises PackagingError, EmptyMatchError and ExportError, after which it can be called again when what was wrong
        is mended, and OSError where it cannot be written, which it then says each time. When it has succeeded, it does
        nothing any more.
        """
        if self._closed:
            return
        self._check_graph()
        self._run_hooks()
        self._check_graph()
        contents = self._contents.copy()
        assemble(self._walk, self._environment, self._script, contents, self._faithful)
        try:
            for record, data in contents.records.items():
                self._writer.write(record, data)
            self._writer.commit()
        except BaseException:
            self._writer.abort()
            raise
        self._closed = True

    def __enter__(self) -> "PackageExporter":
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if exc_type is None:
                self.close()
        finally:
            self._closed = True
            self._writer.abort()

    def _declare(self, action: Action, include: GlobPattern, exclude: GlobPattern, allow_empty: bool) -> None:
        if not self._faithful:
            include, exclude = _settled(include), _settled(exclude)
            check_pattern(include, exclude)
        self._walk.declare(Pattern(action, GlobGroup(include, exclude=exclude), allow_empty))

    def _persistent_id(self, obj: Any) -> Any:
        stored = self._storages.persistent_id(obj)
        if stored is not None:
            return stored
        if not hasattr(obj, "__reduce_package__"):
            return None
        known = self._reduced.get(id(obj))
        if known is None:
            if self._faithful:
                refuse_gated(obj)
            function_and_arguments = obj.__reduce_package__(self)
            # Numbered afterwards: what it saved may have had others within.
            reduced = ("reduce_package", len(self._reduced), *function_and_arguments)
            # Kept alive with its id: the id of an object that is gone comes back for another.
            known = self._reduced[id(obj)] = obj, reduced
        return known[1]

    def _check_suppliers(self, pickled: Pickled) -> None:
        """Refuse objects whose module would get its source from another importer than they came from."""
        for (module, name), obj in pickled.objects.items():
            decision = decide(module, self._walk.patterns, self._walk.stdlib_names, self._walk.semantics)
            if decision is None or decision.action is not Action.EXTERN:
                check_supplier(self.importer, module, name, obj)

    def _check_open(self) -> None:
        if self._closed:
            raise ExportError("the exporter is closed")

    def _check_graph(self) -> None:
        if self._walk.errors():
            advice = "" if self._faithful else report(self._walk, self._environment)
            raise PackagingError(self._walk.graph, self.debug, advice)
        for index in self._walk.empty_patterns():
            pattern = self._walk.patterns[index]
            if not pattern.allow_empty:
                raise EmptyMatchError(
                    f"Exporter did not match any modules to {pattern.globs}, which was marked as allow_empty=False"
                )

    def _run_hooks(self) -> None:
        for module, attributes in list(self._walk.graph.nodes.items()):
            for hook in list(self._hooks[attributes["action"]].values()):
                hook(self, module)


def _settled(pattern: GlobPattern) -> GlobPattern:
    """Return a pattern that can be looked at twice."""
    return list(pattern) if isinstance(pattern, Iterator) else pattern


def _read_utf8(path: Path) -> str:
    return path.read_bytes().decode("utf-8")
