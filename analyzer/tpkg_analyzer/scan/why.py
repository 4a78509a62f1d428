"""Why a module is in the closure: chains of imports from a root."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise

from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.imports import EdgeKind, Reference

MOST_CHAINS = 100
# A graph with cycles has more beginnings of chains than anybody waits for; those that lead nowhere are given up.
_MOST_STEPS = 200_000


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a chain: `importer` needs `target`, by `reference` where the edge is an import."""

    importer: str
    target: str
    reference: Reference | None

    @property
    def kind(self) -> EdgeKind:
        """How the importer needs the target."""
        return self.reference.origin.kind if self.reference else EdgeKind.PICKLE

    @property
    def line(self) -> int:
        """The line of the import, 0 where it is none."""
        return self.reference.origin.span.line if self.reference else 0


def chain_to(closure: Closure, module: str) -> tuple[Link, ...]:
    """Return the shortest chain from a root to `module`; nothing for a root itself or a module that is not in."""
    roots = roots_of(closure)
    came_from: dict[str, str | None] = dict.fromkeys(roots)
    queue = deque(roots)
    while queue and module not in came_from:
        name = queue.popleft()
        for target in closure.modules[name].depends_on:
            if target not in came_from:
                came_from[target] = name
                queue.append(target)
    links: list[Link] = []
    at = module
    while (importer := came_from.get(at)) is not None:
        links.append(link_of(closure, importer, at))
        at = importer
    return tuple(reversed(links))


def chains_to(closure: Closure, module: str, at_most: int = MOST_CHAINS) -> Iterator[tuple[Link, ...]]:
    """Yield the chains from roots to `module` that pass no module twice, shorter ones first, `at_most` of them.

    A chain begins at the last root on its way. The search goes backwards and prefers what is nearest to a root, so that
    its effort is that of the chains it yields, not of all there are.
    """
    far = distances(closure)
    if not far.get(module):
        return
    importers: dict[str, list[str]] = {}
    for name in far:
        for target in closure.modules[name].depends_on:
            importers.setdefault(target, []).append(name)
    heap: list[tuple[int, tuple[str, ...]]] = [(far[module], (module,))]
    n_found = n_steps = 0
    while heap and n_found < at_most and n_steps < _MOST_STEPS:
        _, path = heappop(heap)
        if not far[path[0]]:
            yield tuple(link_of(closure, importer, target) for importer, target in pairwise(path))
            n_found += 1
            continue
        for name in importers[path[0]]:
            if name not in path:
                n_steps += 1
                heappush(heap, (len(path) + far[name], (name, *path)))


def importers_of(closure: Closure, module: str) -> tuple[Link, ...]:
    """Return every edge of the closure that ends at `module`."""
    return tuple(link_of(closure, name, module) for name, node in closure.modules.items() if module in node.depends_on)


def roots_of(closure: Closure) -> list[str]:
    """Return the modules and pickles that the package saves itself."""
    return [name for name, node in closure.modules.items() if node.rule == "root"]


def distances(closure: Closure) -> dict[str, int]:
    """Return how many imports each module is away from the nearest root; those that no root leads to are left out."""
    far = dict.fromkeys(roots_of(closure), 0)
    queue = deque(far)
    while queue:
        name = queue.popleft()
        for target in closure.modules[name].depends_on:
            if target not in far:
                far[target] = far[name] + 1
                queue.append(target)
    return far


def link_of(closure: Closure, importer: str, target: str) -> Link:
    """Return the edge between two modules of the closure."""
    return Link(importer, target, closure.references.get((importer, target)))
