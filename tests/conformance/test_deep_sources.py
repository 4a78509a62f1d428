"""Sources that are nested deeper than the exporter's scan can recurse, to the level."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from tpkg_analyzer.scan.facts import read_facts

pytestmark = pytest.mark.torch

AROUND_THE_LIMIT = range(488, 500)
SHAPES: dict[str, Callable[[int], str]] = {
    "sum": lambda n: "x = a" + " + a" * n,
    "sum of constants": lambda n: "x = 1" + " + 1" * n,
    "attributes": lambda n: "x = a" + ".b" * n,
    "items": lambda n: "x = a" + "[b]" * n,
    "slice": lambda n: "x = a[" + "-" * n + "a:]",
    "not": lambda n: "x = " + "not " * n + "a",
    "lambda": lambda n: "x = " + "lambda: " * n + "a",
    "choice": lambda n: "x = " + "a if b else " * n + "a",
    "comparison": lambda n: "x = a" + " < a" * n,
    "starred": lambda n: "x = [*" + "-" * n + "a]",
    "value of a dictionary": lambda n: "x = {1: a" + " + a" * n + "}",
    "what is iterated over": lambda n: "x = [a for b in a" + " + a" * n + "]",
    "string": lambda n: "x = f'{a" + " + a" * n + "}'",
    "string of lines": lambda n: "x = f'''\n{a" + " + a" * n + "}\n'''",
    "few lines": lambda n: "x = (a\n" + " + a" * (n // 2) + "\n" + " + a" * (n - n // 2) + "\n)",
    "line for each": lambda n: "x = (a\n" + "  + a\n" * n + ")",
    "call": lambda n: "x = f(a" + " + a" * n + ")",
    "calls in a row": lambda n: "x = a" + ".b()" * n,
    "keyword of a call": lambda n: "x = f(k=a" + " + a" * n + ")",
    "in a function": lambda n: "def f(a):\n    if a:\n        return a" + " + a" * n,
    "awaited": lambda n: "async def f():\n  return " + "-" * n + "(await a)",
    "default": lambda n: "def f(x=a" + " + a" * n + "): pass",
    "annotation": lambda n: "def f(x: a" + " + a" * n + "): pass",
    "decorator": lambda n: "@(a" + " + a" * n + ")\ndef f(): pass",
    "base": lambda n: "class A(a" + " + a" * n + "): pass",
    "keyword of a class": lambda n: "class A(k=a" + " + a" * n + "): pass",
    "context": lambda n: "with a" + " + a" * n + " as b: pass",
    "guard": lambda n: "match a:\n  case 1 if a" + " + a" * n + ": pass",
    "elif": lambda n: "if a: pass\n" + "elif a: pass\n" * n,
}
# One function around the call has the frame that saving a module has before its source is scanned.
EXPORTS = """
import io, json, sys
from torch.package import PackageExporter

def is_scanned(source):
    exporter = PackageExporter(io.BytesIO())
    exporter.extern("**")
    exporter.save_source_string("m", source)
    return "error" not in exporter.dependency_graph.nodes["m"]

answers = []
for source in json.load(sys.stdin):  # a comprehension would have a frame of its own
    answers.append(is_scanned(source))
print(json.dumps(answers))
"""


def compiles(source: str) -> bool:
    try:
        compile(source, "source", "exec")
    except (SyntaxError, RecursionError, MemoryError):
        return False
    return True


def test_the_deepest_level() -> None:
    sources = {(name, n): f"import a\n{shape(n)}\n" for name, shape in SHAPES.items() for n in AROUND_THE_LIMIT}
    sources = {key: source for key, source in sources.items() if compiles(source)}
    child = [sys.executable, "-c", EXPORTS]
    done = subprocess.run(child, input=json.dumps([*sources.values()]), capture_output=True, text=True, check=True)
    theirs = dict(zip(sources, json.loads(done.stdout), strict=True))
    assert {True, False} == set(theirs.values())
    ours = {key: read_facts(source.encode(), sys.version_info[:2]).problem is None for key, source in sources.items()}
    assert [key for key in sources if ours[key] != theirs[key]] == []
