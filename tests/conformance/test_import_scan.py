"""The import scan sees what the scanner of torch.package sees: same modules, same order, same failures."""

import ast
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from torch.package import find_file_dependencies

from tpkg_analyzer.scan.facts import read_facts
from tpkg_analyzer.sources.text import decode_source
from tpkg_runtime.spec.imports import package_of, resolve

pytestmark = pytest.mark.torch

_EVERY = 150


def files_of_libraries() -> list[Path]:
    """Return all sources of the installed libraries."""
    folder = Path(sysconfig.get_path("purelib"))
    return sorted(path for path in folder.rglob("*.py") if path.stat().st_size < 2_000_000)


def disagreements(paths: Iterator[Path] | list[Path]) -> Iterator[tuple[Path, object, object]]:
    """Yield the files on which the two scanners differ, with what each says."""
    for path in paths:
        data = path.read_bytes()
        try:
            source = decode_source(data)
        except (SyntaxError, ValueError, LookupError):
            continue
        package = package_of(f"package.sub.{path.stem}", path.name == "__init__.py")
        theirs = _theirs(source, package)
        ours = _ours(data, package)
        if theirs != ours:
            yield path, theirs, ours


def _theirs(source: str, package: str) -> object:
    try:
        found = find_file_dependencies.find_files_source_depends_on(source, package)
        # Of `__import__(x.y)` it takes the node `x` for the module, which the exporter cannot import and passes over.
        named = [(module, name) for module, name in found if not isinstance(module, ast.AST)]
        return [(module, f"<{type(name).__name__}>" if isinstance(name, ast.AST) else name) for module, name in named]
    except Exception as error:  # noqa: BLE001 - whatever it raises is its answer
        return _kind(error)


def _ours(data: bytes, package: str) -> object:
    facts = read_facts(data, sys.version_info[:2])
    if facts.problem is not None:
        return "syntax" if facts.problem.stops_import else "depth"
    try:
        return [(item.module, item.name) for item in resolve(facts.imports, package)]
    except ValueError as error:
        return _kind(error)


def _kind(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "depth"
    return "syntax" if isinstance(error, SyntaxError) or "null" in str(error) else "relative"


def test_a_sample_of_the_installed_libraries() -> None:
    assert list(disagreements(files_of_libraries()[::_EVERY])) == []


@pytest.mark.slow
def test_all_installed_libraries() -> None:
    assert list(disagreements(files_of_libraries())) == []
