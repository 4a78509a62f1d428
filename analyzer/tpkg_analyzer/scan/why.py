"""Why a module is in the closure: the shortest chain of imports from a root."""

from collections import deque
from dataclasses import dataclass

from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.imports import EdgeKind, Reference


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
    roots = [name for name, node in closure.modules.items() if node.rule == "root"]
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
        links.append(Link(importer, at, closure.references.get((importer, at))))
        at = importer
    return tuple(reversed(links))


def importers_of(closure: Closure, module: str) -> tuple[Link, ...]:
    """Return every edge of the closure that ends at `module`."""
    return tuple(
        Link(name, module, closure.references.get((name, module)))
        for name, node in closure.modules.items()
        if module in node.depends_on
    )
