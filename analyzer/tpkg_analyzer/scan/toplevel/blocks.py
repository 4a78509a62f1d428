"""What a block of an outline holds, without acting it out."""

from collections.abc import Iterator
from typing import Any

from tpkg_analyzer.scan.toplevel.outline import Outline

_FAILING = frozenset({"call", "attribute", "item", "unary", "binary", "compare"})


def may_raise(term: Any) -> bool:
    """Tell whether a step, a term or a block computes anything that may fail."""
    if not isinstance(term, list) or not term:
        return False
    return (isinstance(term[0], str) and term[0] in _FAILING) or any(map(may_raise, term))


def names_bound_in(steps: Outline) -> Iterator[str]:
    """Yield the names that steps bind, those of inner blocks left out."""
    for step in steps:
        match step:
            case ["set", _, ["name", str(name)], _]:
                yield name
            case ["import", _, str(name), alias]:
                yield alias or name.partition(".")[0]
            case ["from", _, _, _, names]:
                yield from (alias or name for name, alias in names)
            case ["def" | "class", _, str(name), *_]:
                yield name
            case ["names", names]:
                yield from names
