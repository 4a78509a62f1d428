"""What a module costs: the modules and bytes that a package would not hold without it.

A module alone brings in exactly what it dominates in the graph of imports, seen from all roots together. The dominators
are found as Cooper, Harvey and Kennedy describe ("A Simple, Fast Dominance Algorithm").
"""

from dataclasses import dataclass

from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.why import roots_of

_START = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What only `module` brings into the closure, itself included; `bytes` are those of interned sources."""

    module: str
    modules: tuple[str, ...]
    bytes: int


def cost_of(closure: Closure, module: str) -> Cost:
    """Return what would leave the closure with `module`; nothing for one that is not in."""
    return next((cost for cost in costs(closure) if cost.module == module), Cost(module, (), 0))


def costs(closure: Closure) -> list[Cost]:
    """Return the cost of every module that the roots lead to, the dearest first."""
    order = _reverse_postorder(closure)
    dominators = _immediate_dominators(closure, order)
    owned: dict[str, list[str]] = {name: [name] for name in order}
    for name in reversed(order):
        if name != _START:
            owned[dominators[name]].extend(owned[name])
    found = [
        Cost(name, tuple(sorted(modules)), sum(closure.modules[item].bytes for item in modules))
        for name, modules in owned.items()
        if name != _START
    ]
    return sorted(found, key=lambda cost: (-cost.bytes, -len(cost.modules), cost.module))


def _successors(closure: Closure, name: str) -> tuple[str, ...]:
    return tuple(roots_of(closure)) if name == _START else closure.modules[name].depends_on


def _reverse_postorder(closure: Closure) -> list[str]:
    finished: list[str] = []
    seen = {_START}
    stack = [(_START, iter(_successors(closure, _START)))]
    while stack:
        name, successors = stack[-1]
        following = next((item for item in successors if item not in seen), None)
        if following is None:
            finished.append(name)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(_successors(closure, following))))
    return finished[::-1]


def _immediate_dominators(closure: Closure, order: list[str]) -> dict[str, str]:
    position = {name: index for index, name in enumerate(order)}
    predecessors: dict[str, list[str]] = {name: [] for name in order}
    for name in order:
        for target in _successors(closure, name):
            predecessors[target].append(name)
    found = {_START: _START}
    has_changed = True
    while has_changed:
        has_changed = False
        for name in order[1:]:
            known = [item for item in predecessors[name] if item in found]
            nearest = known[0]
            for other in known[1:]:
                nearest = _common(nearest, other, found, position)
            if found.get(name) != nearest:
                found[name] = nearest
                has_changed = True
    return found


def _common(one: str, other: str, dominators: dict[str, str], position: dict[str, int]) -> str:
    while one != other:
        if position[one] > position[other]:
            one = dominators[one]
        else:
            other = dominators[other]
    return one
