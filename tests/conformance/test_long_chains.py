"""Chains of imports that are longer than the interpreter's stack: the original's end is told exactly, ours has none."""

import importlib
import io
import linecache
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.implementations import COMPAT, ORACLE, OURS, Implementation
from tests.runtime.projects import Project

LONGER_THAN_THE_STACK = 600
SHALLOW = "def late():\n    import {next}\n"
DEEP = "def late():\n  for _ in ():\n    while True:\n      with open(''):\n        from {next} import x\n"


def chain(length: int, link: str) -> dict[str, str | bytes]:
    """Return modules of which each imports the next when a function is called, so that Python itself never nests."""
    links = {f"link{number}.py": link.format(next=f"link{number + 1}") for number in range(length)}
    return {**links, f"link{length}.py": "x = 1\n"}


def outcome(implementation: Implementation, save: Callable[[Any], None], preloaded: bool) -> tuple[Any, ...]:
    """Return how an export over the chain ends: the exception, the modules in their order, and their errors."""
    for name in [name for name in sys.modules if name.startswith("link")]:
        del sys.modules[name]
    importlib.invalidate_caches()
    linecache.clearcache()
    for number in range(LONGER_THAN_THE_STACK if preloaded else 0):
        importlib.import_module(f"link{number}")
    exporter = implementation.exporter(io.BytesIO())
    exporter.intern("**")
    error = None
    try:
        save(exporter)
    except RecursionError as raised:
        error = type(raised)
    graph = exporter.dependency_graph if implementation is ORACLE else exporter._walk.graph
    errors = {name: attributes["error"].name for name, attributes in graph.nodes.items() if "error" in attributes}
    return error, list(graph.nodes), errors


@pytest.mark.parametrize("preloaded", [False, True], ids=["found", "loaded"])
@pytest.mark.parametrize("link", [SHALLOW, DEEP], ids=["shallow", "deep"])
@pytest.mark.parametrize(
    "save",
    [lambda e: e.save_module("link0"), lambda e: e.save_source_string("start", "import link0")],
    ids=["module", "source"],
)
def test_the_end_of_the_original(project: Project, link: str, preloaded: bool, save: Callable[[Any], None]) -> None:
    """An import that fails is dropped, a scan that fails is an error, all else a RecursionError; at the same module."""
    project(chain(LONGER_THAN_THE_STACK, link))
    expected = outcome(ORACLE, save, preloaded)
    assert len(expected[1]) < LONGER_THAN_THE_STACK
    assert outcome(COMPAT, save, preloaded) == expected


def test_no_end_of_ours(project: Project) -> None:
    project(chain(5000, SHALLOW))
    loaded = OURS.load(lambda e: (e.intern("link*"), e.save_module("link0")))
    assert loaded.import_module("link5000").x == 1
    assert loaded.file_structure().has_file("link2500.py")
