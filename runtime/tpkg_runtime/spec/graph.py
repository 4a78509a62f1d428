"""The directed graph of a package: modules and pickles, and what depends on what."""

from collections import deque
from collections.abc import Iterator
from typing import Any


def pickle_node(package: str, resource: str) -> str:
    """Return the name that a pickle has in the graph, as torch.package gives it."""
    return f"<{package}.{resource}>"


class DiGraph:
    """Nodes and edges in the order of their first addition; nodes carry attributes.

    Same methods as the graph of torch.package, which follows networkx.
    """

    def __init__(self) -> None:
        self._attributes: dict[Any, dict[str, Any]] = {}
        self._successors: dict[Any, dict[Any, None]] = {}
        self._predecessors: dict[Any, dict[Any, None]] = {}

    def add_node(self, node: Any, **attributes: Any) -> None:
        """Add `node`, or update the attributes of one that is there."""
        if node in self._attributes:
            self._attributes[node].update(attributes)
            return
        self._attributes[node] = attributes
        self._successors[node] = {}
        self._predecessors[node] = {}

    def add_edge(self, source: Any, target: Any) -> None:
        """Add the edge and whichever of its ends is missing."""
        self.add_node(source)
        self.add_node(target)
        self._successors[source][target] = None
        self._predecessors[target][source] = None

    @property
    def nodes(self) -> dict[Any, dict[str, Any]]:
        """Each node with its attributes, in order of addition."""
        return self._attributes

    @property
    def edges(self) -> Iterator[tuple[Any, Any]]:
        """All edges as (source, target), grouped by source."""
        return ((source, target) for source, targets in self._successors.items() for target in targets)

    def successors(self, node: Any) -> Iterator[Any]:
        """Iterate over what `node` depends on. Raises ValueError for an unknown node."""
        return iter(self._known(self._successors, node))

    def predecessors(self, node: Any) -> Iterator[Any]:
        """Iterate over what depends on `node`. Raises ValueError for an unknown node."""
        return iter(self._known(self._predecessors, node))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._attributes)

    def __contains__(self, node: Any) -> bool:
        try:
            return node in self._attributes
        except TypeError:  # an unhashable value cannot be a node
            return False

    def forward_transitive_closure(self, source: Any) -> set[Any]:
        """Return `source` and all that can be reached from it."""
        return self._reach(source, self.successors)

    def backward_transitive_closure(self, target: Any) -> set[Any]:
        """Return `target` and all from which it can be reached."""
        return self._reach(target, self.predecessors)

    def copy(self) -> "DiGraph":
        """Return a graph of the same nodes, attributes and edges."""
        other = DiGraph()
        for node, attributes in self._attributes.items():
            other.add_node(node, **attributes)
        for source, target in self.edges:
            other.add_edge(source, target)
        return other

    def all_paths(self, source: Any, target: Any) -> str:
        """Return as DOT the subgraph of all paths from `source` to `target`."""
        between = DiGraph()
        reachable = self.forward_transitive_closure(source)
        if target in reachable:
            kept = reachable & self.backward_transitive_closure(target)
            for start, end in self.edges:
                if start in kept and end in kept:
                    between.add_edge(start, end)
        return between.to_dot()

    def first_path(self, target: Any) -> list[Any]:
        """Return the chain of nodes, oldest first, by which `target` came in."""
        order = {node: index for index, node in enumerate(self._attributes)}
        path = [target]
        while parents := [node for node in self._predecessors[path[-1]] if node not in path]:
            path.append(min(parents, key=order.__getitem__))
        return path[::-1]

    def to_dot(self) -> str:
        """Return the whole graph in the DOT language."""
        edges = "\n".join(f'"{source}" -> "{target}";' for source, target in self.edges)
        return f"digraph G {{\nrankdir = LR;\nnode [shape=box];\n{edges}\n}}\n"

    def _reach(self, start: Any, step: Any) -> set[Any]:
        seen = {start}
        queue = deque([start])
        while queue:
            for node in step(queue.popleft()):
                if node not in seen:
                    seen.add(node)
                    queue.append(node)
        return seen

    def _known(self, table: dict[Any, dict[Any, None]], node: Any) -> dict[Any, None]:
        if node not in table:
            raise ValueError(f"The node {node} is not in the digraph.")
        return table[node]
