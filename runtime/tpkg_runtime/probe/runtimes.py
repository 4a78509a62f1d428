"""The exporters and importers that can be tried: the installed torch.package and ours."""

import importlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Runtime:
    """One implementation, by the name that evidence shows."""

    name: str
    exporter: Callable[[Any], Any]
    importer: Callable[[str | io.BytesIO], Any]
    packaging_error: type[Exception]

    def unmatched(self, exporter: Any) -> list[int]:
        """Return the indices of the patterns that no module was given to."""
        if hasattr(exporter, "unmatched_patterns"):
            return list(exporter.unmatched_patterns())
        return [index for index, known in enumerate(exporter.patterns.values()) if not known.was_matched]


def available(preferred: str) -> list[Runtime]:
    """Return the runtimes that can be tried here, first the one whose behaviour decides.

    `preferred` is "torch" or "tpkg". Without an installed torch, ours stands in for it with `compat="torch"`.
    """
    torch = _torch()
    if preferred == "tpkg":
        return [_ours(None), *([torch] if torch else [])]
    return [torch, _ours(None)] if torch else [_ours("torch")]


def _torch() -> Runtime | None:
    try:
        package = importlib.import_module("torch.package")
        version = importlib.import_module("torch").__version__
    except ImportError:
        return None
    short = ".".join(version.partition("+")[0].split(".")[:2])
    return Runtime(f"torch.package {short}", package.PackageExporter, package.PackageImporter, package.PackagingError)


def _ours(compat: Any) -> Runtime:
    from tpkg_runtime import PackageExporter, PackageImporter, PackagingError

    return Runtime(
        name="tpkg_runtime" + (" as torch.package" if compat else ""),
        exporter=lambda buffer: PackageExporter(buffer, compat=compat),
        importer=lambda file: PackageImporter(file, compat=compat),
        packaging_error=PackagingError,
    )
