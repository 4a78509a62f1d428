"""What a block of an outline holds, without acting it out."""

from collections.abc import Iterator
from typing import Any

from tpkg_analyzer.scan.toplevel.outline import Outline, Step
from tpkg_analyzer.scan.toplevel.terms import FAILING, Term

BLOCKS = {"if": (3, 4), "try": (2, 4, 5), "with": (3,), "for": (4, 5), "while": (3, 4)}
"""Where the compound steps of an outline hold others; a `try` has handlers besides."""


def may_raise(term: Any) -> bool:
    """Tell whether a step, a term or a block computes anything that may fail."""
    if not isinstance(term, list) or not term:
        return False
    return (isinstance(term[0], str) and term[0] in FAILING) or any(map(may_raise, term))


def names_of_function(steps: Outline) -> frozenset[str]:
    """Return the names that belong to a function because it binds them anywhere, with `:=` left out."""
    own: set[str] = set()
    declared: set[str] = set()
    for step in steps_in(steps):
        if step[0] in {"global", "nonlocal"}:
            declared.update(step[1])
        else:
            own.update(names_bound_in([step]))
        if step[0] == "try":
            own.update(name for _, name, _ in step[3] if name is not None)
    return frozenset(own - declared)


def steps_in(steps: Outline) -> Iterator[Step]:
    """Yield steps with those of inner blocks, but for those of classes."""
    for step in steps:
        yield step
        if step[0] in BLOCKS:
            for block in blocks_of(step):
                yield from steps_in(block)


def blocks_of(step: Step) -> Iterator[Outline]:
    """Yield the blocks of one of BLOCKS, those of handlers last."""
    yield from (step[position] for position in BLOCKS[step[0]])
    if step[0] == "try":
        yield from (block for _, _, block in step[3])


def names_bound_in(steps: Outline) -> Iterator[str]:
    """Yield the names that steps bind, those of inner blocks left out."""
    for step in steps:
        match step:
            case ["set" | "for" | "augment", _, target, *_]:
                yield from _names_of_target(target)
            case ["with", _, entered, _]:
                yield from (name for _, target in entered if target is not None for name in _names_of_target(target))
            case ["delete", _, targets]:
                yield from (name for target in targets for name in _names_of_target(target))
            case ["import", _, str(name), alias]:
                yield alias or name.partition(".")[0]
            case ["from", _, _, _, names]:
                yield from (alias or name for name, alias in names)
            case ["def" | "class", _, str(name), *_]:
                yield name
            case ["names", names]:
                yield from names


def _names_of_target(target: Term) -> Iterator[str]:
    match target:
        case ["name", str(name)]:
            yield name
        case ["tuple" | "list", items]:
            yield from (name for item in items for name in _names_of_target(item))
        case ["star", item]:
            yield from _names_of_target(item)
