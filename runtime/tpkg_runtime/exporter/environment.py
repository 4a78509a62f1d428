"""The environment that an export walks: modules that are really imported, through the exporter's importers."""

import importlib.machinery
import linecache
from collections.abc import Sequence
from contextlib import suppress
from types import ModuleType

from tpkg_runtime.environment.importer import Importer
from tpkg_runtime.spec.imports import Reference, find_imports, package_of, resolve
from tpkg_runtime.spec.mangling import demangle, is_mangled
from tpkg_runtime.spec.reasons import PackagingErrorReason
from tpkg_runtime.spec.walk import ModuleSource


class ImportedEnvironment:
    """Answers the walk by importing; an `Environment` of `tpkg_runtime.spec.walk`."""

    def __init__(self, importer: Importer) -> None:
        self._importer = importer

    def exists(self, module: str) -> bool:
        """Tell whether importing `module` raises no Exception, now."""
        try:
            self.load(module)
        except Exception:  # noqa: BLE001 - importing runs any code, and the original takes any failure for absence
            return False
        return True

    def load(self, module: str) -> ModuleType:
        """Import `module`. Raises what importing raises."""
        try:
            return self._importer.import_module(module)
        except ModuleNotFoundError:
            if not is_mangled(module):
                raise
        raise ModuleNotFoundError(
            f"Module not found: '{module}'. Make sure the PackageImporter that created this module is present in "
            "`self.importer`"
        )

    def module(self, module: str) -> ModuleSource:
        """Return the source of a module, or the reason why it has none. Raises what importing raises."""
        loaded = self.load(module)
        name, is_package = demangle(module), hasattr(loaded, "__path__")
        file = getattr(loaded, "__file__", None)
        source = _source(loaded)
        if source is not None:
            return ModuleSource(name, is_package, source, file, asks_for_file="__file__" in source)
        if file is None:
            return ModuleSource(name, is_package, None, None, PackagingErrorReason.NO_DUNDER_FILE)
        if file.endswith(tuple(importlib.machinery.EXTENSION_SUFFIXES)):
            return ModuleSource(name, is_package, None, file, PackagingErrorReason.IS_EXTENSION_MODULE)
        return ModuleSource(
            name, is_package, None, file, PackagingErrorReason.SOURCE_FILE_NOT_FOUND, f"filename: {file}"
        )

    def references(self, module: ModuleSource) -> Sequence[Reference]:
        """Return what the source imports, resolved. Raises what parsing raises, and ValueError for a bad import."""
        assert module.source is not None
        return resolve(find_imports(module.source), package_of(module.name, module.is_package))


def _source(module: ModuleType) -> str | None:
    """Return the text that linecache has for a module, None where its file is no Python source."""
    file = None
    loader = getattr(getattr(module, "__spec__", None), "loader", None)
    if isinstance(loader, importlib.machinery.SourceFileLoader):
        with suppress(ImportError):  # a loader may map the module to another file
            file = loader.get_filename(module.__name__)
    if file is None:
        file = getattr(module, "__file__", None)
    if isinstance(file, str) and file.endswith(".py"):
        return "".join(linecache.getlines(file, module.__dict__))
    return None
