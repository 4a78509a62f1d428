"""Why a module is in the closure: chains of imports from a root."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.imports import EdgeKind, Reference

_MOST_CHAINS = 100


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
        links.append(_link(closure, importer, at))
        at = importer
    return tuple(reversed(links))


def chains_to(closure: Closure, module: str, at_most: int = _MOST_CHAINS) -> Iterator[tuple[Link, ...]]:
    """Yield the chains from roots to `module` that pass no module twice, shorter ones first, `at_most` of them."""
    if module not in closure.modules:
        return
    importers: dict[str, list[str]] = {}
    for name, node in closure.modules.items():
        for target in node.depends_on:
            importers.setdefault(target, []).append(name)
    roots = set(roots_of(closure))
    useful = _reachable(closure, roots)
    queue: deque[tuple[str, ...]] = deque([(module,)])
    n_found = 0
    while queue and n_found < at_most:
        path = queue.popleft()
        if path[0] in roots:
            if len(path) > 1:
                yield tuple(_link(closure, importer, target) for importer, target in pairwise(path))
                n_found += 1
            continue
        queue.extend((name, *path) for name in importers.get(path[0], ()) if name not in path and name in useful)


def importers_of(closure: Closure, module: str) -> tuple[Link, ...]:
    """Return every edge of the closure that ends at `module`."""
    return tuple(_link(closure, name, module) for name, node in closure.modules.items() if module in node.depends_on)


def roots_of(closure: Closure) -> list[str]:
    """Return the modules and pickles that the package saves itself."""
    return [name for name, node in closure.modules.items() if node.rule == "root"]


def _reachable(closure: Closure, roots: set[str]) -> set[str]:
    seen, stack = set(roots), list(roots)
    while stack:
        for target in closure.modules[stack.pop()].depends_on:
            if target not in seen:
                seen.add(target)
                stack.append(target)
    return seen


def _link(closure: Closure, importer: str, target: str) -> Link:
    return Link(importer, target, closure.references.get((importer, target)))
