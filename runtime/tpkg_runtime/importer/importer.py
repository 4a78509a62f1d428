"""The importer: opens a package and loads modules, objects and resources from it."""

import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Literal

from tpkg_runtime.archive import layout
from tpkg_runtime.archive.opening import open_archive
from tpkg_runtime.archive.tree import Directory, directory_of
from tpkg_runtime.environment.importer import Importer
from tpkg_runtime.importer import registry
from tpkg_runtime.importer.modules import PackagedModules
from tpkg_runtime.importer.numbers import new_prefix
from tpkg_runtime.importer.resources import PackageResources
from tpkg_runtime.importer.tree import ModuleNode, PackageNode, build_tree, find
from tpkg_runtime.importer.unpickling import Load, find_global
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
        compat: Compat = None,
    ) -> None:
        """Open an archive, an extracted folder or a binary file that can seek.

        Raises ImportError where `module_allowed` refuses one of the package's extern modules, and ArchiveError for
        what is no package.
        """
        if compat not in (None, "torch"):
            raise ValueError(f"compat must be None or 'torch', got {compat!r}")
        self._source = file_or_buffer
        self._reader = open_archive(file_or_buffer)
        self.filename = self._reader.name
        self.extern_modules = self._reader.read(layout.EXTERN_MODULES).decode("utf-8").splitlines()
        for module in self.extern_modules:
            if not module_allowed(module):
                self._reader.close()
                raise ImportError(
                    f"package '{file_or_buffer}' needs the external module '{module}' but that module has been "
                    "disallowed"
                )
        self._root = build_tree(self._reader.names(), self.extern_modules)
        self._prefix = new_prefix()
        self._modules = PackagedModules(self, self._reader, self._root, self._prefix, compat == "torch")
        self.modules = self._modules.table
        self.modules["torch_package_importer"] = self  # type: ignore[assignment]
        self._loads = threading.local()
        self._withdraw = weakref.finalize(
            self, _withdraw, self._prefix, self._modules.published, self._modules.filenames, self._reader
        )

    def import_module(self, name: str, package: str | None = None) -> ModuleType:  # noqa: ARG002
        """Return the module of a name, plain or mangled by this importer; `package` is not used.

        Raises ModuleNotFoundError for what is neither in the package nor extern.
        """
        return self._modules.load(self._own_name(name))

    def __import__(self, name: str, *args: Any, **kwargs: Any) -> ModuleType:
        return self._modules.import_statement(name, *args, **kwargs)

    def load_binary(self, package: str, resource: str) -> bytes:
        """Return the bytes of a resource."""
        return self._reader.read(self._record(package, resource))

    def load_text(self, package: str, resource: str, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the text of a resource."""
        return self.load_binary(package, resource).decode(encoding, errors)

    def load_pickle(self, package: str, resource: str, map_location: Any = None) -> Any:
        """Unpickle a resource; its classes come from the package. `map_location` is as for `torch.load`."""
        data = self._reader.read(self._record(package, resource))
        with self._loading(Load(self, self._reader, map_location)) as load:
            return load.run(data, lambda module, name: find_global(self, module, name))

    def id(self) -> str:
        """Return the prefix of the names of this importer's modules: `<torch_package_N>`."""
        return self._prefix

    def file_structure(self, *, include: GlobPattern = "**", exclude: GlobPattern = ()) -> Directory:
        """Return the tree of the records whose path matches."""
        return directory_of(self.filename, self._reader.names(), include, exclude)

    def python_version(self) -> str | None:
        """Return the version of the Python that wrote the package, None where it is not recorded."""
        if not self._reader.has(layout.PYTHON_VERSION):
            return None
        return self._reader.read(layout.PYTHON_VERSION).decode("utf-8").strip()

    def get_source(self, module_name: str) -> str:
        """Return the source of a packaged module, without running it. Raises ImportError where there is none."""
        node = find(self._root, demangle(module_name))
        if not isinstance(node, (PackageNode, ModuleNode)) or node.source is None:
            raise ImportError(f"no source of '{module_name}' in {self.filename}", name=module_name)
        return self.source_of(node.source)

    def source_of(self, record: str) -> str:
        """Return the text of a source record."""
        return self._reader.read(record).decode("utf-8")

    def get_resource_reader(self, fullname: str) -> PackageResources | None:
        """Return what importlib.resources reads a package's resources with, None for what is no packaged package."""
        name = demangle(fullname)
        if not isinstance(find(self._root, name), PackageNode):
            return None
        return PackageResources(self._reader, name)

    @property
    def zip_reader(self) -> Any:
        """The archive as torch's TorchScript reader wants it, a `torch._C.PyTorchFileReader`; a folder is ours."""
        return self._torch_reader()

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
        self.modules.clear()

    def __enter__(self) -> "PackageImporter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<PackageImporter {self._prefix} of {self.filename}>"

    def _own_name(self, name: str) -> str:
        return name[len(self._prefix) + 1 :] if name.startswith(f"{self._prefix}.") else name

    def _record(self, package: str, resource: str) -> str:
        module = self.import_module(package) if isinstance(package, str) else package
        spec = module.__spec__
        if spec is None or spec.submodule_search_locations is None:
            raise TypeError(f"{package!r} is not a package")
        return layout.resource_record(demangle(module.__name__), resource)

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

    def _torch_reader(self) -> Any:
        torch: Any = import_module("torch")
        if isinstance(self._source, (str, os.PathLike)):
            path = os.fspath(self._source)
            return self._reader if Path(path).is_dir() else torch._C.PyTorchFileReader(path)
        self._source.seek(0)
        return torch._C.PyTorchFileReader(self._source)


def _withdraw(prefix: str, modules: list[str], filenames: list[str], reader: Any) -> None:
    registry.withdraw(prefix, modules, filenames)
    reader.close()
