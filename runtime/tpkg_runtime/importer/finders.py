"""Packaged modules for the rest of the process: imported by mangled name, listed by `pkgutil`.

Both finders stand in Python's own tables once for all importers, answer only names that begin with the prefix of an
importer which is alive, and keep none alive.
"""

import sys
import weakref
from collections.abc import Iterator, Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tpkg_runtime.importer import registry
from tpkg_runtime.importer.tree import PackageNode, find
from tpkg_runtime.spec.mangling import demangle, get_mangle_prefix, is_mangled

_importers: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()


def announce(prefix: str, importer: Any) -> None:
    """Let the finders answer for an importer."""
    registry.sweep()
    if MangledNames not in sys.meta_path:
        sys.meta_path.insert(0, MangledNames)
        sys.path_hooks.append(PackagePath)
    _importers[prefix] = importer


def withdraw(prefix: str) -> None:
    """Forget an importer, and what Python remembers of its folders."""
    _importers.pop(prefix, None)
    for path in [path for path in sys.path_importer_cache if path.startswith(f"{prefix}.")]:
        sys.path_importer_cache.pop(path, None)


class MangledNames:
    """The finder of names like `<torch_package_0>.a.b`."""

    @classmethod
    def find_spec(cls, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG003
        """Return the spec by which Python's import system takes a packaged module over."""
        registry.sweep()
        if not is_mangled(fullname):
            return None
        importer = _importers.get(get_mangle_prefix(fullname))
        name = demangle(fullname)
        if importer is None:
            return None
        if not name:
            return ModuleSpec(fullname, _Root(), is_package=True)
        if not importer.has_module(name):
            return None
        return ModuleSpec(fullname, _Loader(importer.import_module(name)))


class _Root(Loader):
    """Makes the empty package whose name is the bare prefix."""

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing."""


class _Loader(Loader):
    """Hands Python a module that its importer has loaded already."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._spec = module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return what stands for the module in `sys.modules`."""
        return sys.modules.get(spec.name, self._module)

    def exec_module(self, module: ModuleType) -> None:
        """Give the module back its spec, which the import system has replaced."""
        module.__spec__ = self._spec


class PackagePath:
    """The finder for the entries of a packaged package's `__path__`; `pkgutil` lists submodules with it."""

    def __init__(self, path: str) -> None:
        if not isinstance(path, str) or not is_mangled(path) or get_mangle_prefix(path) not in _importers:
            raise ImportError("not the path of a packaged package")
        self._prefix = get_mangle_prefix(path)
        self._package = demangle(path).replace("/", ".")

    def find_spec(self, fullname: str, target: Any = None) -> None:
        """Leave it to the finder of mangled names."""

    def iter_modules(self, prefix: str = "") -> Iterator[tuple[str, bool]]:
        """Yield name and kind of each module in the package."""
        importer = _importers.get(self._prefix)
        node = find(importer.tree, self._package) if importer is not None else None
        children: Sequence[tuple[str, Any]] = sorted(node.children.items()) if isinstance(node, PackageNode) else ()
        for name, child in children:
            if getattr(child, "source", None) is not None:
                yield prefix + name, isinstance(child, PackageNode)
