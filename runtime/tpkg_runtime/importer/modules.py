"""The modules of one package: finding, making and running them, and Python's import statement inside them."""

import builtins
import importlib
import importlib.util
import sys
import warnings
from collections.abc import Iterable, Mapping
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tpkg_runtime.archive import layout
from tpkg_runtime.archive.records import RecordReader
from tpkg_runtime.importer import registry
from tpkg_runtime.importer.compiled import compile_source
from tpkg_runtime.importer.locks import ModuleLocks
from tpkg_runtime.importer.mangler import PackageMangler
from tpkg_runtime.importer.tree import ExternNode, ModuleNode, PackageNode, find
from tpkg_runtime.spec.imports import absolute_name
from tpkg_runtime.spec.mangling import demangle

ALWAYS_ALLOWED = frozenset(
    {
        "builtins",
        "numpy",
        "numpy._core",
        "numpy._core._multiarray_umath",
        "numpy.core",
        "numpy.core._multiarray_umath",
    }
)
"""Modules that packaged code may import from the environment though the package does not list them."""

_GONE_FROM_NUMPY = {"str": str, "bool": bool}
_MISSING = object()


class PackageLeftEmptyWarning(UserWarning):
    """The `__init__` of a package above a packaged module fails inside the package; loading goes on without it."""


class PackagedModules:
    """What `sys.modules` and the import system are for ordinary code, for the code of one package.

    Safe to use from several threads: a module is seen by others when its code has run.
    """

    def __init__(
        self, importer: Any, reader: RecordReader, root: PackageNode, mangler: PackageMangler, faithful: bool
    ) -> None:
        self.table: dict[str, ModuleType] = {}
        self.stand_ins: dict[str, ModuleType] = {}
        self.published: list[str] = []
        self.filenames: list[str] = []
        self._importer = importer
        self._reader = reader
        self._root = root
        self._mangler = mangler
        self._faithful = faithful
        self._locks = ModuleLocks()
        self._loading: set[str] = set()
        listed = not faithful and reader.has(layout.ANCESTORS)
        self._ancestors = frozenset(reader.read(layout.ANCESTORS).decode().splitlines() if listed else ())
        self._builtins = {**vars(builtins), "__import__": self.import_statement}

    def load(self, name: str) -> ModuleType:
        """Return the module called `name`, whose code has run. Raises ModuleNotFoundError and what the code raises."""
        module: Any = self.table.get(name, _MISSING)
        if module is _MISSING or name in self._loading:
            with self._locks.held(name):
                module = self.table.get(name, _MISSING)
                if module is _MISSING:
                    module = self._load(name)
        if module is None:
            raise ModuleNotFoundError(f"import of {name} halted; None in sys.modules", name=name)
        return module  # type: ignore[no-any-return]

    def publish_to_torch(self) -> None:
        """Enter in torch's table what was loaded before torch was."""
        for mangled in self.published:
            module = self.table.get(self._mangler.demangle(mangled))
            if isinstance(module, ModuleType):
                registry.publish_to_torch(mangled, module)

    def import_statement(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002 - the names of builtins.__import__
        locals: Mapping[str, Any] | None = None,  # noqa: A002, ARG002
        fromlist: Iterable[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """Do what `builtins.__import__` does, for packaged code."""
        if not isinstance(name, str):
            raise TypeError(f"module name must be str, not {type(name)}")
        if level < 0:
            raise ValueError("level must be >= 0")
        if not name and not level:
            raise ValueError("Empty module name")
        absolute = absolute_name(name, _package_of(globals or {}), level) if level else name
        module = self.load(absolute)
        if fromlist:
            self._load_submodules(module, absolute, fromlist)
            return self.stand_ins.get(absolute, module)
        if not level:
            top = name.partition(".")[0]
            return self.stand_ins.get(top) or self.load(top)
        rest = len(name) - len(name.partition(".")[0])
        return self.table[absolute[: len(absolute) - rest]] if name else module

    def _load_submodules(self, module: ModuleType, name: str, wanted: Iterable[str], is_all: bool = False) -> None:
        if not hasattr(module, "__path__"):
            return
        name = demangle(getattr(module, "__name__", name))
        for each in wanted:
            if not isinstance(each, str):
                where = f"{name}.__all__" if is_all else "``from list''"
                raise TypeError(f"Item in {where} must be str, not {type(each).__name__}")
            if each == "*":
                if not is_all and hasattr(module, "__all__"):
                    self._load_submodules(module, name, module.__all__, is_all=True)
            elif not hasattr(module, each):
                submodule = f"{name}.{each}"
                try:
                    self.load(submodule)
                except ModuleNotFoundError as error:
                    if error.name != submodule:
                        raise

    def _load(self, name: str) -> ModuleType:
        parent = name.rpartition(".")[0]
        if parent:
            above = self.load(parent)
            if name in self.table:  # the package's own code has loaded it
                return self.table[name]
            if not hasattr(above, "__path__") and not isinstance(find(self._root, name), ExternNode):
                raise ModuleNotFoundError(f"No module named {name!r}; {parent!r} is not a package", name=name)
        node = find(self._root, name)
        if isinstance(node, ExternNode) or (node is None and name in ALWAYS_ALLOWED):
            module = self.table[name] = _load_extern(name)
        elif isinstance(node, (PackageNode, ModuleNode)):
            module = self._make(name, node.source, isinstance(node, PackageNode))
        else:
            raise ModuleNotFoundError(
                f'No module named "{name}" in self-contained archive "{self._importer.filename}" and the module is '
                f"also not in the list of allowed external modules: {self._importer.extern_modules}",
                name=name,
            )
        self._install_on_parent(name, module)
        return module

    def _make(self, name: str, record: str | None, is_package: bool) -> ModuleType:
        self._loading.add(name)
        try:
            module = self._new(name, record, is_package)
            self.table[name] = module
            # Before the code runs: modules that import each other find each other as attributes.
            self._install_on_parent(name, module)
            if record is not None:
                self._run_or_empty(name, module, record)
            if not self._faithful:
                self._honour_replacement(name)
        except BaseException:
            if not self._faithful:
                self._discard(name)
            raise
        finally:
            self._loading.discard(name)
        return self.table[name]

    def _new(self, name: str, record: str | None, is_package: bool) -> ModuleType:
        mangled = self._mangler.mangle(name)
        spec = ModuleSpec(name, self._importer, origin="<package_importer>", is_package=is_package)
        module = ModuleType(mangled)
        vars(module).update(
            __spec__=spec,
            __loader__=self._importer,
            __package__=spec.parent,
            __file__=self._mangler.mangle(record.removeprefix(layout.BESIDE)) if record else None,
            __cached__=None,
            __builtins__=self._builtins,
            __torch_package__=True,
        )
        if is_package:
            path = [] if self._faithful else [self._mangler.mangle(name.replace(".", "/"))]
            vars(module)["__path__"] = spec.submodule_search_locations = path
        registry.publish_to_torch(mangled, module)
        self.published.append(mangled)
        if not self._faithful:
            registry.publish(mangled, module)
        return module

    def _run_or_empty(self, name: str, module: ModuleType, record: str) -> None:
        """Run a module. The code of a package that nobody asked for by name may fail: it is empty then.

        torch.package, which leaves such packages out, puts an empty one in their place as well.
        """
        before = dict(vars(module))
        try:
            self._run(module, record)
        except Exception as error:
            if name not in self._ancestors:
                raise
            below = {key: found for key, found in vars(module).items() if self._is_below(name, key)}
            vars(module).clear()
            vars(module).update(before | below)
            warnings.warn(
                f"The package '{name}' is left empty, since its code fails here: {type(error).__name__}: {error}",
                PackageLeftEmptyWarning,
                stacklevel=2,
            )

    def _is_below(self, name: str, attribute: str) -> bool:
        return f"{name}.{attribute}" in self.table

    def _run(self, module: ModuleType, record: str) -> None:
        assert module.__file__ is not None
        self.filenames.append(module.__file__)
        registry.publish_source(module.__file__, self._importer, record)
        exec(compile_source(self._reader.read(record), module.__file__), vars(module))  # noqa: S102

    def _honour_replacement(self, name: str) -> None:
        """Take what the module's code has put in its own place in `sys.modules`, as Python does."""
        mangled = self._mangler.mangle(name)
        found = registry.published(mangled)
        if found is not None and not isinstance(found, registry.ModuleAlias):
            self.table[name] = found
            registry.publish(mangled, found)

    def _discard(self, name: str) -> None:
        self.table.pop(name, None)
        registry.retire([self._mangler.mangle(name)])
        registry.sweep()

    def _install_on_parent(self, name: str, module: ModuleType) -> None:
        parent, _, last = name.rpartition(".")
        above = self.table.get(parent)
        if above is not None and getattr(above, "__loader__", None) is self._importer:
            setattr(above, last, module)


def _package_of(namespace: Mapping[str, Any]) -> str:
    package = namespace.get("__package__")
    if package is None:
        spec = namespace.get("__spec__")
        package = spec.parent if spec is not None else demangle(str(namespace.get("__name__", "")))
    if not isinstance(package, str):
        raise TypeError("__package__ not set to a string")
    if not package:
        raise ImportError("attempted relative import with no known parent package")
    return package


def _load_extern(name: str) -> ModuleType:
    try:
        module = importlib.import_module(_numpy_name(name))
    except ModuleNotFoundError as error:
        found = _attribute_module(name)
        if found is None or error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        module = found
    if name == "numpy":
        for gone, stand_in in _GONE_FROM_NUMPY.items():
            vars(module).setdefault(gone, stand_in)
    return module


def _numpy_name(name: str) -> str:
    """Return the name that a module has here which moved from `numpy.core` to `numpy._core` with numpy 2."""
    for known in ("numpy.core", "numpy._core"):
        if f"{name}.".startswith(f"{known}."):
            here = "numpy.core" if importlib.util.find_spec("numpy._core") is None else "numpy._core"
            return here + name[len(known) :]
    return name


def _attribute_module(name: str) -> ModuleType | None:
    """Return a module that is only an attribute of its parent, as those inside of C extensions are."""
    parent, _, last = name.rpartition(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = getattr(sys.modules.get(parent), last, None) if parent else None
    return module if isinstance(module, ModuleType) else None
