"""The two implementations under one form: the oracle, torch.package, and ours."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch.package
import torch.package.package_exporter

import tpkg_runtime


@dataclass(frozen=True)
class Implementation:
    """The names that one implementation has for the same things."""

    name: str
    api: Any
    exporter: Callable[..., Any]
    importer: Callable[..., Any]
    packaging_error: type[Exception]

    def pack(self, save: Callable[[Any], None], **options: Any) -> io.BytesIO:
        """Export to a buffer what `save` does with the exporter."""
        buffer = io.BytesIO()
        with self.exporter(buffer, **options) as exporter:
            save(exporter)
        buffer.seek(0)
        return buffer

    def load(self, save: Callable[[Any], None], **options: Any) -> Any:
        """Export to a buffer and open it with the same implementation."""
        return self.importer(self.pack(save, **options))

    def __str__(self) -> str:
        return self.name


def _compat_exporter(*arguments: Any, **options: Any) -> Any:
    return tpkg_runtime.PackageExporter(*arguments, compat="torch", **options)


def _compat_importer(*arguments: Any, **options: Any) -> Any:
    return tpkg_runtime.PackageImporter(*arguments, compat="torch", **options)


ORACLE = Implementation(
    "torch",
    torch.package,
    torch.package.PackageExporter,
    torch.package.PackageImporter,
    torch.package.package_exporter.PackagingError,
)
OURS = Implementation(
    "tpkg", tpkg_runtime, tpkg_runtime.PackageExporter, tpkg_runtime.PackageImporter, tpkg_runtime.PackagingError
)
COMPAT = Implementation("compat", tpkg_runtime, _compat_exporter, _compat_importer, tpkg_runtime.PackagingError)
