"""Whatever is imported is declared: base dependencies by the packages, the dev extra by tests and tools."""

import ast
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import distributions

import pytest
from packaging.requirements import Requirement

from tests.house.tree import PACKAGES, ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
BASE = PROJECT["dependencies"]
TORCH = "torch"
OWN = {*PACKAGES, "tests", "tools", "examples", "benchmarks"}
STANDARD = sys.stdlib_module_names | {"tomllib"}  # which Python 3.10 does not have yet
SCOPES = {
    "analyzer": BASE,
    "server": BASE,
    "runtime": EXTRAS["runtime"],
    "tools": BASE + EXTRAS["dev"],
    "tests": BASE + EXTRAS["dev"] + EXTRAS["runtime"],
    "benchmarks": BASE + EXTRAS["dev"] + EXTRAS["runtime"],
}


def imported(source: str) -> set[str]:
    """Return the top-level names that a file imports, at whatever depth."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found - STANDARD - OWN


@cache
def homes() -> dict[str, set[str]]:
    """Map each importable top-level name to the distributions that bring it."""
    found: dict[str, set[str]] = {}
    for distribution in distributions():
        name = _normal(distribution.metadata["Name"])
        for top in {file.parts[0] for file in distribution.files or []}:
            found.setdefault(top.removesuffix(".py"), set()).add(name)
    return found


def undeclared(names: Iterable[str], declared: Iterable[str]) -> set[str]:
    """Return the names that an installed distribution brings which is not among the requirements."""
    allowed = {_normal(Requirement(text).name) for text in declared}
    return {name for name in names if homes().get(name, allowed).isdisjoint(allowed)}


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")


@pytest.mark.parametrize("folder", SCOPES)
def test_imports_are_declared(folder: str) -> None:
    """What comes along with something else today may stay away tomorrow."""
    files = [path for path in (ROOT / folder).rglob("*.py") if ROOT / "tests" / "data" not in path.parents]
    missing = {path: undeclared(imported(path.read_text("utf-8")), SCOPES[folder]) for path in files}
    assert {str(path.relative_to(ROOT)): sorted(names) for path, names in missing.items() if names} == {}


def test_undeclared_import_is_seen() -> None:
    """Distribution and import name may differ; late imports count."""
    assert undeclared(imported("import pytest_lsp, numpy\ndef f():\n import click.core\n"), SCOPES["tests"]) == {
        "click"
    }


def test_torch_is_an_extra_of_its_own() -> None:
    """Neither the base nor the tools ask for torch: set-up installs it first, and nothing may replace it."""
    assert [text for text in BASE + EXTRAS["dev"] + EXTRAS["docs"] if Requirement(text).name == TORCH] == []
    assert [Requirement(text).name for text in EXTRAS["runtime"]] == [TORCH]
