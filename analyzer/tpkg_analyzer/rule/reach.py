"""What in a closure hangs on what: modules reached by some of the imports only, and what one import alone brings."""

from collections.abc import Callable

from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.actions import Action


def reached(closure: Closure, follows: Callable[[str, str], bool]) -> set[str]:
    """Return what is reached from the roots by the edges, importer and target, that `follows` admits."""
    stack = [name for name, node in closure.modules.items() if node.rule == "root"]
    found = set(stack)
    while stack:
        name = stack.pop()
        for target in closure.modules[name].depends_on:
            if target not in found and follows(name, target):
                found.add(target)
                stack.append(target)
    return found


def brought_by(closure: Closure, importer: str, target: str) -> list[str]:
    """Return the interned modules that come in through this one edge and by no other way, in order."""
    without = reached(closure, lambda source, end: (source, end) != (importer, target))
    return [name for name in closure.modules if name not in without and is_interned(closure, name)]


def is_interned(closure: Closure, name: str) -> bool:
    """Tell whether the package holds the source of a module; pickles are none."""
    node = closure.modules[name]
    return node.action is Action.INTERN and not node.is_pickle


def dominated(closure: Closure) -> dict[str, int]:
    """Return for each module the number of interned modules that every chain from the roots reaches through it."""
    order, predecessors = _order(closure)
    position = {name: index for index, name in enumerate(order)}
    above: dict[str, str] = {"": ""}
    changed = True
    while changed:  # Cooper, Harvey and Kennedy: a simple, fast dominance algorithm
        changed = False
        for name in order[1:]:
            known = [item for item in predecessors[name] if item in above]
            best = known[0]
            for other in known[1:]:
                while best != other:
                    if position[best] > position[other]:
                        best = above[best]
                    else:
                        other = above[other]
            if above.get(name) != best:
                above[name] = best
                changed = True
    counts = dict.fromkeys(order, 0)
    for name in reversed(order[1:]):
        counts[name] += is_interned(closure, name)
        counts[above[name]] += counts[name]
    return counts


def _order(closure: Closure) -> tuple[list[str], dict[str, list[str]]]:
    """Return all modules, each behind those that lead to it as far as cycles allow, and what leads to each.

    The empty name stands before the roots.
    """
    roots = tuple(name for name, node in closure.modules.items() if node.rule == "root")
    predecessors: dict[str, list[str]] = {}
    seen, finished = {""}, []
    stack = [("", iter(roots))]
    while stack:
        name, targets = stack[-1]
        for target in targets:
            predecessors.setdefault(target, []).append(name)
            if target not in seen:
                seen.add(target)
                stack.append((target, iter(closure.modules[target].depends_on)))
                break
        else:
            finished.append(name)
            stack.pop()
    return finished[::-1], predecessors
