"""The packages above the modules of a package, whose `__init__` Python runs first.

torch.package leaves them out unless something imports them by name, and puts an empty package in their place: what
their `__init__` defines or registers is missing at load. Here they are written where an intern pattern matches them.

They are written beside the package, with what they bring, where torch.package does not look: it would run code that it
would have left out, and may fail at it.
"""

from collections.abc import Iterator

from tpkg_runtime.spec.actions import Action, decide
from tpkg_runtime.spec.mangling import get_mangle_prefix, is_mangled
from tpkg_runtime.spec.walk import DependencyWalk


def with_ancestors(walk: DependencyWalk) -> DependencyWalk:
    """Return a walk of all that is written: that of `walk`, the packages above it, and what these need in turn.

    `walk` stays as it is. A package is left out, as in the original, where taking it in would break the export or the
    loading: where something that it imports has no action or cannot be packaged, and where it asks for its own file,
    which is nowhere on disk then.
    """
    if not walk.semantics.writes_ancestors or walk.errors():
        return walk
    complete, left_out = walk, set[str]()
    while missing := [name for name in _missing(complete) if name not in left_out]:
        together = _try_all(complete, missing)
        if together is not None:
            complete = together
            continue
        for name in missing:
            alone = _try_all(complete, [name])
            if alone is None:
                left_out.add(name)
            else:
                complete = alone
    return complete


def ancestors_in(complete: DependencyWalk, beyond: DependencyWalk) -> list[str]:
    """Return the packages that are written only because a module of the walk `beyond` lies below them, sorted."""
    known = set(beyond.modules_with(Action.INTERN))
    above = {name for module in known for name in _above(module)}
    return sorted(above.intersection(complete.modules_with(Action.INTERN)) - known)


def modules_beside(complete: DependencyWalk, beyond: DependencyWalk) -> set[str]:
    """Return the modules that are written beside the package: what `complete` has and the walk `beyond` has not."""
    written = {Action.INTERN, Action.MOCK, Action.REPACKAGED_MOCK}

    def modules(walk: DependencyWalk) -> set[str]:
        return {name for name, attributes in walk.graph.nodes.items() if attributes.get("action") in written}

    return modules(complete) - modules(beyond)


def _try_all(walk: DependencyWalk, names: list[str]) -> DependencyWalk | None:
    trial = walk.fork()
    for name in names:
        trial.add_dependency(name)
    return None if trial.errors() or _collisions(trial) > _collisions(walk) else trial


def _collisions(walk: DependencyWalk) -> int:
    """Count the written modules that lie below an extern one: such a package could not be opened."""
    externs = set(walk.modules_with(Action.EXTERN))
    return sum(any(name in externs for name in _above(module)) for module in walk.modules_with(Action.INTERN))


def _missing(walk: DependencyWalk) -> list[str]:
    """Return the packages that are above a written module, match an intern pattern, and are not written; top first."""
    nodes = walk.graph.nodes
    missing: dict[str, None] = {}
    for module, attributes in nodes.items():
        if attributes.get("action") is not Action.INTERN or not attributes.get("followed"):
            continue
        for name in _above(module):
            if name in missing or nodes.get(name, {}).get("provided"):
                continue
            decision = decide(name, walk.patterns, walk.stdlib_names, walk.semantics)
            if decision is None or decision.action is not Action.INTERN or not walk.environment.exists(name):
                continue
            # With several importers: never the code of one below the packages of another.
            found = walk.environment.module(name)
            if not found.asks_for_file and _origin(found.path) == _origin(attributes.get("path")):
                missing[name] = None
    return list(missing)


def _above(module: str) -> Iterator[str]:
    parts = module.split(".")
    return (".".join(parts[:depth]) for depth in range(1, len(parts)))


def _origin(path: str | None) -> str:
    return get_mangle_prefix(path) if path is not None and is_mangled(path) else ""
