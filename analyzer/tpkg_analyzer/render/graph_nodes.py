"""What all pictures of a closure share: the nodes, the edges, and the colour of each action."""

from collections.abc import Iterator
from dataclasses import dataclass

from tpkg_analyzer.scan.closure import Closure, ClosureModule
from tpkg_analyzer.scan.why import Link
from tpkg_runtime.spec.imports import EdgeKind

COLOURS = {
    "intern": "#4c9a2a",
    "extern": "#3b78c2",
    "mock": "#8a6bbf",
    "deny": "#c0392b",
    "broken": "#c0392b",
    "pickle": "#b7791f",
    "none": "#7f8c8d",
}
"""One colour for each status of a node; dark enough for white text."""


@dataclass(frozen=True, slots=True)
class Node:
    """A module or pickle in a picture."""

    name: str
    status: str
    is_root: bool
    bytes: int


@dataclass(frozen=True, slots=True)
class Edge:
    """An import in a picture; `line` is 0 where it is no import."""

    importer: str
    target: str
    kind: str
    line: int

    @property
    def is_certain(self) -> bool:
        """Whether the import runs whenever its module does."""
        return self.kind in {EdgeKind.STATIC.value, EdgeKind.PICKLE.value}


def nodes_of(closure: Closure) -> Iterator[Node]:
    """Yield the nodes in the order of the closure."""
    for name, module in closure.modules.items():
        yield Node(name, _status(module), module.rule == "root", module.bytes)


def edges_of(closure: Closure) -> Iterator[Edge]:
    """Yield the edges, grouped by importer."""
    for name, module in closure.modules.items():
        for target in module.depends_on:
            link = Link(name, target, closure.references.get((name, target)))
            line = link.reference.origin.span.line if link.reference is not None else 0
            yield Edge(name, target, link.kind.value, line)


def _status(module: ClosureModule) -> str:
    if module.is_pickle:
        return "pickle"
    if module.error is not None:
        return "broken"
    return module.action.value if module.action is not None else "none"
