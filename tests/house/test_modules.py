"""Modules are small, have names that say something, and each public thing says what it is for."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.house.tree import PACKAGES, module_name, package_modules

MOST_LINES = 500
MEDIAN_LINES = 150
EMPTY_NAMES = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
DOCUMENTED = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def lines_of(path: Path) -> int:
    """Count the lines of a file."""
    return path.read_bytes().count(b"\n")


def test_no_module_is_too_long() -> None:
    """A module of more lines holds more than one idea."""
    assert {module_name(path): lines_of(path) for path in package_modules() if lines_of(path) > MOST_LINES} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_median_module_is_short(package: str) -> None:
    """The median tells whether small is the habit; files of one line do not count."""
    sizes = [lines_of(path) for path in package_modules() if package in path.parts and lines_of(path) > 1]
    assert sizes
    assert median(sizes) <= MEDIAN_LINES


def test_names_say_something() -> None:
    """A module called utils takes everything that nobody has thought about."""
    words = {(name, word) for name in map(module_name, package_modules()) for word in name.replace("_", ".").split(".")}
    assert [name for name, word in sorted(words) if word in EMPTY_NAMES] == []


def test_public_things_are_documented() -> None:
    """Each module, and each public class and function in it, has a docstring."""
    assert [
        name for path in package_modules() for name in undocumented(path.read_text("utf-8"), module_name(path))
    ] == []


def test_missing_docstrings_are_seen() -> None:
    """What overrides a method of a base need not repeat its document; what is private need not have one."""
    source = (
        "class A:\n def f(self): 1\n def _g(self): 1\nclass B(A):\n 'Has one.'\n def f(self): 1\nasync def h(): 1\n"
    )
    assert list(undocumented(source, "m")) == ["m", "m.A", "m.A.f", "m.h"]


def undocumented(source: str, name: str) -> Iterator[str]:
    """Yield the name of each public thing of a module that has no docstring."""
    return (name for name, node in documentable(ast.parse(source), name) if ast.get_docstring(node) is None)


def documentable(tree: ast.Module, name: str) -> Iterator[tuple[str, Documented]]:
    """Yield a module and its public classes, functions and methods, without methods that may be overrides."""
    yield name, tree
    for node in tree.body:
        if not isinstance(node, DOCUMENTED) or node.name.startswith("_"):
            continue
        yield f"{name}.{node.name}", node
        if isinstance(node, ast.ClassDef) and not node.bases:
            methods = [item for item in node.body if isinstance(item, DOCUMENTED) and not item.name.startswith("_")]
            yield from ((f"{name}.{node.name}.{item.name}", item) for item in methods)
