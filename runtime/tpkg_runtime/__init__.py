"""The exporter and importer; also the torch-free specification that the analyzer shares.

Same names as `torch.package`, so that changing the import is the whole migration. Nothing is loaded before it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tpkg_runtime.analyze.origin import is_from_package
    from tpkg_runtime.archive.compare import Comparison, compare
    from tpkg_runtime.archive.errors import ArchiveError, RecordNotFoundError
    from tpkg_runtime.archive.extract import extract
    from tpkg_runtime.archive.tree import Directory
    from tpkg_runtime.environment.distributions import PackageVersionWarning
    from tpkg_runtime.environment.errors import ObjMismatchError, ObjNotFoundError
    from tpkg_runtime.environment.importer import Importer, OrderedImporter
    from tpkg_runtime.environment.system import sys_importer
    from tpkg_runtime.exporter.errors import EmptyMatchError, ExportError, PackagingError
    from tpkg_runtime.exporter.exporter import PackageExporter
    from tpkg_runtime.importer.importer import PackageImporter
    from tpkg_runtime.importer.modules import PackageLeftEmptyWarning
    from tpkg_runtime.importer.trust import TENSOR_GLOBALS, ForbiddenGlobalError
    from tpkg_runtime.spec.globs import GlobGroup
    from tpkg_runtime.spec.reasons import PackagingErrorReason

_HOMES = {
    "ArchiveError": "archive.errors",
    "Comparison": "archive.compare",
    "Directory": "archive.tree",
    "EmptyMatchError": "exporter.errors",
    "ExportError": "exporter.errors",
    "ForbiddenGlobalError": "importer.trust",
    "GlobGroup": "spec.globs",
    "Importer": "environment.importer",
    "ObjMismatchError": "environment.errors",
    "ObjNotFoundError": "environment.errors",
    "OrderedImporter": "environment.importer",
    "PackageExporter": "exporter.exporter",
    "PackageImporter": "importer.importer",
    "PackageLeftEmptyWarning": "importer.modules",
    "PackageVersionWarning": "environment.distributions",
    "PackagingError": "exporter.errors",
    "PackagingErrorReason": "spec.reasons",
    "RecordNotFoundError": "archive.errors",
    "TENSOR_GLOBALS": "importer.trust",
    "compare": "archive.compare",
    "extract": "archive.extract",
    "is_from_package": "analyze.origin",
    "sys_importer": "environment.system",
}

__all__ = [
    "TENSOR_GLOBALS",
    "ArchiveError",
    "Comparison",
    "Directory",
    "EmptyMatchError",
    "ExportError",
    "ForbiddenGlobalError",
    "GlobGroup",
    "Importer",
    "ObjMismatchError",
    "ObjNotFoundError",
    "OrderedImporter",
    "PackageExporter",
    "PackageImporter",
    "PackageLeftEmptyWarning",
    "PackageVersionWarning",
    "PackagingError",
    "PackagingErrorReason",
    "RecordNotFoundError",
    "compare",
    "extract",
    "is_from_package",
    "sys_importer",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
