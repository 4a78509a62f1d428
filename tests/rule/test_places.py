"""Places worked out by statement are those of the whole module."""

from pathlib import Path

import libcst as cst
import pytest
from libcst import metadata

from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_runtime.spec.source import Span

OWN = sorted((Path(__file__).parents[2] / "analyzer/tpkg_analyzer/rule").glob("*.py"))
ODD = {
    "several in a line": "x = 1; y = 2\nz = 3\n",
    "comments": "# h\n\n'''doc\n'''\n# x\nasync def f():\n  # a\n  pass\n  # b\n# c\nz\n",
    "decorators": "# a\n@b\n# c\n\n@d\n# e\nclass A: pass\n\nx = A\n",
    "line ends": "a\rb\r\n\rc\n",
    "form feeds": "def f():\n\tpass\n\x0c\n\x0cdef g():\n\tpass\n",
    "no end": "if x: y\nelse:\n  pass\n#z",
    "strings": 'x = """\n\n""" + """\n"""; y = 1\nz\n',
}


def _module(source: str) -> AnalyzedModule:
    return AnalyzedModule(Path("m.py"), "m", False, source)


@pytest.mark.parametrize("source", [*(path.read_text() for path in OWN), *ODD.values()], ids=[*map(str, OWN), *ODD])
def test_places_are_those_of_libcst(source: str) -> None:
    """For every node that rules ask about."""
    module = _module(source)
    whole = metadata.MetadataWrapper(module.tree, unsafe_skip_copy=True).resolve(metadata.PositionProvider)
    for node in module.index.parents:
        start, end = whole[node].start, whole[node].end
        assert module.span(node) == Span(start.line, start.column + 1, end.line, end.column + 1)


def test_empty_continuation() -> None:
    """libcst forgets a line that holds a backslash only; what comes after it stays where it is."""
    module = _module("x = 1\n\\\n\ny = 2\n")
    assert isinstance(module.tree.body[1], cst.SimpleStatementLine)
    assert module.span(module.tree.body[1].body[0]) == Span(4, 1, 4, 6)


def test_comma() -> None:
    """Layout has a place too."""
    module = _module("f(a, b)\n")
    comma = next(node for node in _all(module.tree) if isinstance(node, cst.Comma))
    assert module.span(comma) == Span(1, 4, 1, 5)


def _all(node: cst.CSTNode) -> list[cst.CSTNode]:
    return [node, *(below for child in node.children for below in _all(child))]
