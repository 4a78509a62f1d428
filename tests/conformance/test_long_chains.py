"""Chains of imports that are longer than the interpreter's stack: the original's end is told exactly, ours has none."""

import importlib
import io
import json
import linecache
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.implementations import COMPAT, ORACLE, OURS, Implementation
from tests.runtime.projects import Project
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.scan.closure import build_closure
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter
from tpkg_runtime.spec.actions import Action

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


ROOTS = {
    "module": Root(RootKind.MODULE, "start"),
    "pickle": Root(RootKind.OBJECT, "start", "C"),
    "source": Root(RootKind.SOURCE, "given", source="import start"),
}
# All in the top level of a script: a function around it would have a frame.
SCRIPT = """
import importlib, io, json, linecache, sys, warnings
from torch.package import PackageExporter
warnings.simplefilter("ignore")
sys.path.insert(0, "")
for folder, kind in json.loads(sys.argv[1]):
    for name in [name for name in sys.modules if name == "start" or name.startswith("link")]:
        del sys.modules[name]
    sys.path[0] = folder
    linecache.clearcache()
    start = importlib.import_module("start")
    e = PackageExporter(io.BytesIO())
    e.intern("**")
    error = None
    try:
        if kind == "module":
            e.save_module("start")
        elif kind == "pickle":
            e.save_pickle("start", "C.pkl", start.C())
        else:
            e.save_source_string("given", "import start")
    except RecursionError as raised:
        error = type(raised).__name__
    found = e.dependency_graph.nodes
    errors = {name: attributes["error"].name for name, attributes in found.items() if "error" in attributes}
    print(json.dumps([error, list(found), errors]))
"""


@pytest.mark.torch
def test_the_end_of_the_original_is_predicted(tmp_path: Path) -> None:
    """Where the last module is dropped, cannot be scanned or raises, from each kind of root."""
    cases = list(product(ROOTS, (SHALLOW, DEEP), (False, True), (493, LONGER_THAN_THE_STACK)))
    folders = []
    for number, (_, link, preloaded, length) in enumerate(cases):
        first = range(length + 1 if preloaded else 1)
        start = "class C: ...\n" + "".join(f"{'' if preloaded else 'def late(): '}import link{n}\n" for n in first)
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, text in {**chain(length, link), "start.py": start}.items():
            (folder / name).write_text(str(text))
        folders.append(str(folder))
    calls = json.dumps([(folder, case[0]) for folder, case in zip(folders, cases, strict=True)])
    done = subprocess.run([sys.executable, "-c", SCRIPT, calls], capture_output=True, text=True, check=True)
    interpreter = ask_interpreter(sys.executable)
    for said, folder, case in zip(done.stdout.splitlines(), folders, cases, strict=True):
        steps = (ActionCall(Action.INTERN, ("**",)), ROOTS[case[0]])
        predicted = build_closure(Package("p", Place(None), steps), StaticEnvironment(Disk(), interpreter, [folder]))
        broken = {name: reason.name for name, reason in predicted.broken.items()}
        failed = predicted.failed.error if predicted.failed is not None else None
        assert [failed, list(predicted.modules), broken] == json.loads(said), case
