"""What all pictures of a closure share: the nodes, the edges, the colour of each status, and smaller pictures."""

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from tpkg_analyzer.render.paths import shown
from tpkg_analyzer.render.whys import pattern_of
from tpkg_analyzer.scan.closure import Closure, ClosureModule
from tpkg_analyzer.scan.why import link_of
from tpkg_runtime.spec.imports import EdgeKind

COLOURS = {
    "intern": "#2e7d46",
    "extern": "#2f6db5",
    "mock": "#7d5bb5",
    "deny": "#8f2f52",
    "broken": "#c62f2f",
    "pickle": "#93650a",
    "none": "#66707a",
}
"""One colour for each status of a node, the gravest last but two; dark enough for white text (WCAG AA)."""

_GRAVITY = ("none", "extern", "mock", "intern", "pickle", "deny", "broken")


@dataclass(frozen=True, slots=True)
class Node:
    """A module or pickle in a picture, or a group of them: `modules` is their number."""

    name: str
    status: str
    is_root: bool
    bytes: int
    path: str | None = None
    pattern: str | None = None
    rule: str | None = None
    error: str | None = None
    modules: int = 1


@dataclass(frozen=True, slots=True)
class Edge:
    """An import in a picture; `line` is 0 where it is no import, `imports` the number that it stands for."""

    importer: str
    target: str
    kind: str
    line: int
    imports: int = 1

    @property
    def is_certain(self) -> bool:
        """Whether the import runs whenever its module does."""
        return self.kind in {EdgeKind.STATIC.value, EdgeKind.PICKLE.value}


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn of a closure, in its order; edges grouped by importer."""

    package: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def picture_of(closure: Closure, base: Path) -> Picture:
    """Return the whole closure as a picture, paths relative to `base`."""
    nodes = tuple(_node(name, module, closure, base) for name, module in closure.modules.items())
    links = (link_of(closure, name, target) for name, node in closure.modules.items() for target in node.depends_on)
    edges = tuple(Edge(link.importer, link.target, link.kind.value, link.line) for link in links)
    return Picture(closure.package.name, nodes, edges)


def within(picture: Picture, depth: int) -> Picture:
    """Return what is at most `depth` imports away from what the package saves."""
    return _only(picture, _reached(picture, [node.name for node in picture.nodes if node.is_root], depth))


def leading_to(picture: Picture, module: str) -> Picture:
    """Return what leads from the roots to `module`: every chain of imports, and nothing else."""
    turned = replace(picture, edges=tuple(replace(e, importer=e.target, target=e.importer) for e in picture.edges))
    back = _reached(turned, [module], None)
    return _only(picture, back & _reached(picture, [node.name for node in picture.nodes if node.is_root], None))


def with_statuses(picture: Picture, statuses: Collection[str]) -> Picture:
    """Return the nodes of these statuses and the imports between them."""
    return _only(picture, {node.name for node in picture.nodes if node.status in statuses})


def grouped(picture: Picture, parts: int) -> Picture:
    """Return a picture of packages: names are cut to `parts` components, and what then has one name is one node."""
    return _merged(picture, lambda name: name if name.startswith("<") else ".".join(name.split(".")[:parts]))


def _merged(picture: Picture, name_of: Callable[[str], str]) -> Picture:
    nodes: dict[str, Node] = {}
    for node in picture.nodes:
        name = name_of(node.name)
        known = nodes.get(name)
        alone = replace(node, name=name, path=node.path if name == node.name else None)
        nodes[name] = alone if known is None else _both(known, alone)
    edges: dict[tuple[str, str], Edge] = {}
    for edge in picture.edges:
        ends = name_of(edge.importer), name_of(edge.target)
        if ends[0] == ends[1]:
            continue
        old = edges.get(ends)
        if old is None:
            edges[ends] = replace(
                edge, importer=ends[0], target=ends[1], line=edge.line if ends[0] == edge.importer else 0
            )
        else:
            # One import that surely runs makes the whole arrow certain.
            kind = old.kind if old.is_certain or not edge.is_certain else edge.kind
            edges[ends] = replace(old, kind=kind, line=0, imports=old.imports + 1)
    return Picture(picture.package, tuple(nodes.values()), tuple(edges.values()))


def _both(one: Node, other: Node) -> Node:
    status = max(one.status, other.status, key=_GRAVITY.index)
    return Node(
        one.name,
        status,
        one.is_root or other.is_root,
        one.bytes + other.bytes,
        one.path or other.path,
        one.pattern if one.pattern == other.pattern else None,
        one.rule if one.rule == other.rule else None,
        one.error or other.error,
        one.modules + other.modules,
    )


def _only(picture: Picture, names: Collection[str]) -> Picture:
    nodes = tuple(node for node in picture.nodes if node.name in names)
    edges = tuple(edge for edge in picture.edges if edge.importer in names and edge.target in names)
    return Picture(picture.package, nodes, edges)


def _reached(picture: Picture, starts: list[str], depth: int | None) -> set[str]:
    targets: dict[str, list[str]] = {}
    for edge in picture.edges:
        targets.setdefault(edge.importer, []).append(edge.target)
    far = dict.fromkeys(starts, 0)
    queue = deque(starts)
    while queue:
        name = queue.popleft()
        if depth is not None and far[name] >= depth:
            continue
        for target in targets.get(name, ()):
            if target not in far:
                far[target] = far[name] + 1
                queue.append(target)
    return set(far)


def _node(name: str, module: ClosureModule, closure: Closure, base: Path) -> Node:
    return Node(
        name,
        _status(module),
        module.rule == "root",
        module.bytes,
        shown(module.path, base) if module.path else None,
        pattern_of(module, closure.package) if module.rule == "pattern" else None,
        module.rule,
        module.error.name if module.error else None,
    )


def _status(module: ClosureModule) -> str:
    if module.error is not None:
        return "broken"
    if module.is_pickle:
        return "pickle"
    return module.action.value if module.action is not None else "none"
