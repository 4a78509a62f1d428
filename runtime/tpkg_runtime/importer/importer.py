"""The importer: opens a package and loads modules, objects and resources from it."""

import os
import threading
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from types import ModuleType
from typing import IO, Any, Literal

from tpkg_runtime.archive import layout
from tpkg_runtime.archive.errors import ArchiveError, RecordNotFoundError, describe_missing
from tpkg_runtime.archive.opening import open_archive
from tpkg_runtime.archive.tree import Directory, directory_of
from tpkg_runtime.archive.verify import problems_of
from tpkg_runtime.environment.distributions import Difference, PackageVersionWarning, differences
from tpkg_runtime.environment.importer import Importer
from tpkg_runtime.importer import finders, registry
from tpkg_runtime.importer.callers import stand_ins
from tpkg_runtime.importer.mangler import PackageMangler
from tpkg_runtime.importer.modules import PackagedModules
from tpkg_runtime.importer.resources import PackageResources
from tpkg_runtime.importer.torch_reader import torch_reader
from tpkg_runtime.importer.torchscript.checking import ScriptStorages, used_storages
from tpkg_runtime.importer.tree import ExternNode, ModuleNode, PackageNode, build_tree, find
from tpkg_runtime.importer.trust import Restricted
from tpkg_runtime.importer.unpickling import FindClass, Load, find_global, find_plain_global
from tpkg_runtime.spec.globs import GlobPattern
from tpkg_runtime.spec.mangling import demangle

Compat = Literal["torch"] | None


def _allow_all(module_name: str) -> bool:  # noqa: ARG001
    return True


class PackageImporter(Importer):
    """Loads modules, objects and resources from one package, whose code sees only itself and its extern modules.

    Mirrors `torch.package.PackageImporter`. Threads may share it. It and all that it has loaded go when nobody holds
    them any more; `close` and `with` give the file back sooner. Loading runs the package's code: only load what you
    trust. `compat="torch"` gives the exact behaviour of the original where ours differs.
    """

    def __init__(
        self,
        file_or_buffer: str | os.PathLike[str] | IO[bytes],
        module_allowed: Callable[[str], bool] = _allow_all,
        *,
        allow: Iterable[str] | None = None,
        compat: Compat = None,
    ) -> None:
        """Open an archive, an extracted folder or a binary file that can seek.

        With `allow`, pickles may only name the GLOBALs that match one of its patterns (`module.qualified.name`;
        `tpkg_runtime.TENSOR_GLOBALS` has those of tensors). Raises ImportError where `module_allowed` refuses one of
        the package's extern modules, and ArchiveError for what is no package. Warns with PackageVersionWarning where
        Python or an extern distribution has another version here than where the package was made.
        """
        if compat not in (None, "torch"):
            raise ValueError(f"compat must be None or 'torch', got {compat!r}")
        if isinstance(allow, str):
            raise TypeError("allow must be a list of patterns, not one string")
        self._faithful = compat == "torch"
        self._allow = None if allow is None else tuple(allow)
        self._reader = open_archive(file_or_buffer)
        self.filename = self._reader.name
        try:
            self.extern_modules = self._text(layout.EXTERN_MODULES).splitlines()
            self._check_externs(file_or_buffer, module_allowed)
            self.tree = self._build_tree(module_allowed)
        except BaseException:
            self._reader.close()
            raise
        self._mangler = PackageMangler()
        self._modules = PackagedModules(self, self._reader, self.tree, self._mangler, self._faithful)
        self.modules = self._modules.table
        self.modules["torch_package_importer"] = self  # type: ignore[assignment]
        self._loads = threading.local()
        self._zip_reader: Any = None
        self._withdraw = weakref.finalize(
            self, _withdraw, self.id(), self._modules.published, self._modules.filenames, self._reader
        )
        registry.register_with_torch()
        if not self._faithful:
            finders.announce(self.id(), self)
            self._modules.stand_ins = stand_ins(
                self.has_module, self._modules.load, self._mangler.demangle, self._reader
            )
            self._compare_versions()

    def import_module(self, name: str, package: str | None = None) -> ModuleType:  # noqa: ARG002
        """Return the module of a name, plain or mangled by this importer; `package` is not used.

        Raises ModuleNotFoundError for what is neither in the package nor extern.
        """
        return self._modules.load(self._mangler.demangle(name))

    def __import__(self, name: str, *args: Any, **kwargs: Any) -> ModuleType:
        return self._modules.import_statement(name, *args, **kwargs)

    def has_module(self, name: str) -> bool:
        """Tell whether the package itself has a module of that name; extern modules are not its own."""
        node = find(self.tree, name)
        return isinstance(node, ModuleNode) or (isinstance(node, PackageNode) and node.has_files)

    def load_binary(self, package: str, resource: str) -> bytes:
        """Return the bytes of a resource. Raises RecordNotFoundError, and ModuleNotFoundError for the package."""
        return self._reader.read(self._record(package, resource, run=self._faithful))

    def load_text(self, package: str, resource: str, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the text of a resource."""
        return self.load_binary(package, resource).decode(encoding, errors)

    def load_pickle(self, package: str, resource: str, map_location: Any = None) -> Any:
        """Unpickle a resource; its classes come from the package. `map_location` is as for `torch.load`."""
        record = self._record(package, resource, run=self._allow is None)
        data = self._reader.read(record)
        find_class: FindClass = partial(find_plain_global if self._faithful else find_global, self)
        if self._allow is not None:
            find_class = Restricted(self._allow, find_class)
        with self._loading(Load(self, self._reader, map_location, self._faithful)) as load:
            try:
                return load.run(data, find_class)
            finally:
                self._modules.publish_to_torch()

    def verify(self) -> None:
        """Check names, sizes and checksums of all records. Raises ArchiveError, which lists every problem.

        Finds damage and trickery in the archive as such. It says nothing about what its code and pickles do.
        """
        problems = problems_of(self._reader)
        if problems:
            raise ArchiveError(f"{self.filename} is damaged or was tampered with:\n  " + "\n  ".join(problems))

    def version_differences(self) -> list[Difference]:
        """Return where Python and the extern distributions have other versions here than where this was made."""
        record = self._reader.read(layout.EXTERN_VERSIONS) if self._reader.has(layout.EXTERN_VERSIONS) else None
        return differences(record, self.python_version())

    def id(self) -> str:
        """Return the prefix of the names of this importer's modules: `<torch_package_N>`."""
        return self._mangler.parent_name()

    def file_structure(self, *, include: GlobPattern = "**", exclude: GlobPattern = ()) -> Directory:
        """Return the tree of the records whose path matches."""
        return directory_of(self.filename, self._reader.names(), include, exclude)

    def python_version(self) -> str | None:
        """Return the version of the Python that wrote the package, None where it is not recorded."""
        if not self._reader.has(layout.PYTHON_VERSION):
            return None
        return self._text(layout.PYTHON_VERSION).strip()

    def get_source(self, module_name: str) -> str:
        """Return the source of a packaged module, without running it. Raises ImportError where there is none."""
        node = find(self.tree, demangle(module_name))
        if not isinstance(node, (PackageNode, ModuleNode)) or node.source is None:
            raise ImportError(f"no source of '{module_name}' in {self.filename}", name=module_name)
        return self.source_of(node.source)

    def source_of(self, record: str) -> str:
        """Return the text of a source record."""
        return self._text(record)

    def get_resource_reader(self, fullname: str) -> PackageResources | None:
        """Return what importlib.resources reads a package's resources with, None for what is no packaged package."""
        name = demangle(fullname)
        if not isinstance(find(self.tree, name), PackageNode):
            return None
        return PackageResources(self._reader, name)

    @property
    def zip_reader(self) -> Any:
        """The archive as torch's own code wants it: a `torch._C.PyTorchFileReader`, or for a folder the like."""
        if self._zip_reader is None:
            self._zip_reader = torch_reader(self._reader)
        return self._zip_reader

    @cached_property
    def used_by_scripts(self) -> ScriptStorages:
        """What the package's TorchScript uses of its storages, once it was found harmless to read.

        Raises ArchiveError where it is not: it was damaged, or made to harm.
        """
        return used_storages(self._reader)

    @property
    def storage_context(self) -> Any:
        """The storages of the load that is running in this thread, None where none is."""
        load = self._current_load()
        return None if load is None else load.storage_context

    @property
    def last_map_location(self) -> Any:
        """The `map_location` of the load that is running in this thread."""
        load = self._current_load()
        return None if load is None else load.map_location

    def close(self) -> None:
        """Give back the file and forget all modules; loaded objects live on. A second call does nothing."""
        self._withdraw()
        registry.sweep()
        self.modules.clear()

    def __enter__(self) -> "PackageImporter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<PackageImporter {self.id()} of {self.filename}>"

    def _record(self, package: Any, resource: str, run: bool) -> str:
        """Return the record of a resource; with `run` import its package first, as the original always does."""
        name = self._mangler.demangle(package if isinstance(package, str) else package.__spec__.name)
        node = find(self.tree, name)
        if isinstance(node, ModuleNode):
            raise TypeError(f"{name!r} is not a package")
        if not isinstance(node, PackageNode):
            kind = "is extern" if isinstance(node, ExternNode) else "does not exist"
            hint = describe_missing(name, {record.rpartition("/")[0].replace("/", ".") for record in self._resources()})
            raise ModuleNotFoundError(f"package '{name}' {kind} in {self.filename}. {hint}", name=name)
        if run:
            self.import_module(name)
        record = layout.resource_record(name, resource)
        if not self._reader.has(record):
            hint = describe_missing(record, self._resources())
            raise RecordNotFoundError(f"{self.filename} has no resource '{resource}' in package '{name}'. {hint}")
        return record

    def _text(self, record: str) -> str:
        try:
            return self._reader.read(record).decode("utf-8")
        except UnicodeDecodeError as error:
            raise ArchiveError(f"{self.filename}: record '{record}' is not UTF-8: {error}") from error

    def _resources(self) -> list[str]:
        return [each for each in self._reader.names() if not layout.is_framework(each) and not each.endswith(".py")]

    def _check_externs(self, file: Any, module_allowed: Callable[[str], bool]) -> None:
        for module in self.extern_modules:
            if not module_allowed(module):
                raise ImportError(
                    f"package '{file}' needs the external module '{module}' but that module has been disallowed"
                )

    def _build_tree(self, module_allowed: Callable[[str], bool]) -> PackageNode:
        if self._faithful:
            return build_tree(self._reader.names(), self.extern_modules)
        # The packages above a module do not need what is not allowed: they are left empty then.
        beside = self._text(layout.EXTERN_BESIDE).splitlines() if self._reader.has(layout.EXTERN_BESIDE) else []
        allowed = filter(module_allowed, beside)
        return build_tree(self._reader.names(), self.extern_modules, layout.BESIDE, allowed)

    def _compare_versions(self) -> None:
        different = self.version_differences()
        if different:
            shown = ", ".join(str(each) for each in different)
            warnings.warn(f"{self.filename} was made with {shown}", PackageVersionWarning, stacklevel=3)

    @contextmanager
    def _loading(self, load: Load) -> Iterator[Load]:
        outer = self._current_load()
        self._loads.current = load
        try:
            yield load
        finally:
            self._loads.current = outer

    def _current_load(self) -> Load | None:
        return getattr(self._loads, "current", None)


def _withdraw(prefix: str, modules: list[str], filenames: list[str], reader: Any) -> None:
    finders.withdraw(prefix)
    registry.withdraw(prefix, modules, filenames)
    reader.close()
