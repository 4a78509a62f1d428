"""Where the nodes of a tree stand, worked out one statement of the module at a time.

libcst knows places only by writing the whole module anew, which takes longer than parsing it; most findings are in one
or two statements.
"""

import ast
from collections.abc import Mapping
from functools import cached_property
from itertools import islice

import libcst as cst
from libcst import metadata

from tpkg_runtime.spec.source import Span


class Places:
    """The places of the nodes of one tree, which was parsed from `source`. `parents` leads from nodes to the tree."""

    def __init__(self, tree: cst.Module, source: str, parents: Mapping[cst.CSTNode, cst.CSTNode]) -> None:
        self._tree = tree
        self._source = source
        self._parents = parents
        self._ranges: dict[cst.CSTNode, Mapping[cst.CSTNode, metadata.CodeRange]] = {}

    def span(self, node: cst.CSTNode) -> Span:
        """Return where `node` stands, without the blanks around it."""
        statement = self._statement(node)
        line = self._lines.get(statement) if statement is not None else None
        if statement is None or line is None:
            place, above = self._whole[node], 0
        else:
            if statement not in self._ranges:
                alone = self._tree.with_changes(header=(), body=(statement,), footer=())
                self._ranges[statement] = _ranges_in(alone)
            place, above = self._ranges[statement][node], line - self._ranges[statement][statement].start.line
        return Span(place.start.line + above, place.start.column + 1, place.end.line + above, place.end.column + 1)

    def _statement(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the statement of the module that a node is in; None for layout and for the module itself."""
        while (parent := self._parents.get(node)) is not None:
            if parent is self._tree:
                return node
            node = parent
        return None

    @cached_property
    def _lines(self) -> dict[cst.CSTNode, int]:
        """The line of each statement's first word after its decorators; empty where that is not certain."""
        try:
            starts = iter(ast.parse(self._source).body)
        except (SyntaxError, ValueError, RecursionError):
            return {}  # libcst knows more versions of Python than the one that runs
        lines: dict[cst.CSTNode, int] = {}
        for statement in self._tree.body:
            found = list(islice(starts, len(statement.body) if isinstance(statement, cst.SimpleStatementLine) else 1))
            if not found:
                return {}
            lines[statement] = found[0].lineno
        return lines if next(starts, None) is None else {}

    @cached_property
    def _whole(self) -> Mapping[cst.CSTNode, metadata.CodeRange]:
        return _ranges_in(self._tree)


def _ranges_in(tree: cst.Module) -> Mapping[cst.CSTNode, metadata.CodeRange]:
    return metadata.MetadataWrapper(tree, unsafe_skip_copy=True).resolve(metadata.PositionProvider)
