"""A pytest plugin: while it is loaded, `torch.package` gives out our classes and functions under its names."""

import importlib
import json
import os
from pathlib import Path

import pytest
import torch.package.analyze
import torch.package.package_exporter

_NAMES = {
    "torch.package": {
        "tpkg_runtime": [
            "Directory", "EmptyMatchError", "GlobGroup", "Importer", "ObjMismatchError", "ObjNotFoundError",
            "OrderedImporter", "PackageExporter", "PackageImporter", "PackagingError", "is_from_package",
            "sys_importer",
        ]
    },
    "torch.package.package_exporter": {
        "tpkg_runtime": ["EmptyMatchError", "PackageExporter", "PackagingError", "PackagingErrorReason"]
    },
    "torch.package.package_importer": {"tpkg_runtime": ["PackageImporter"]},
    "torch.package.importer": {"tpkg_runtime": ["OrderedImporter", "sys_importer"]},
    "torch.package.analyze": {
        "tpkg_runtime.analyze": ["find_first_use_of_broken_modules", "trace_dependencies"]
    },
    "torch.package._digraph": {"tpkg_runtime.spec.graph": ["DiGraph"]},
    "torch.package._mangling": {
        "tpkg_runtime.spec.mangling": ["demangle", "get_mangle_prefix", "is_mangled"],
        "tpkg_runtime.importer.mangler": ["PackageMangler"],
    },
}  # fmt: skip


def pytest_configure() -> None:
    """Put our names in place of the original's where the environment asks for it; and open its gate."""
    torch.package.package_exporter._gate_torchscript_serialization = False
    if "TPKG_MAPPED" not in os.environ:
        return
    for place, sources in _NAMES.items():
        for source, names in sources.items():
            for name in names:
                setattr(importlib.import_module(place), name, getattr(importlib.import_module(source), name))


_outcomes: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember the worst that happened to each test."""
    if report.outcome != "passed" or report.nodeid not in _outcomes:
        _outcomes[report.nodeid] = report.outcome


def pytest_sessionfinish() -> None:
    """Write what became of the tests."""
    Path(os.environ["TPKG_OUTCOMES"]).write_text(json.dumps(_outcomes), encoding="utf-8")
