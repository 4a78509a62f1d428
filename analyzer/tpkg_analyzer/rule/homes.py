"""Where a dotted name is defined, through re-exports and star imports, by the summaries of modules alone."""

from collections.abc import Callable

from tpkg_analyzer.rule.state import ModuleState

_DEPTH = 8


def home_of(
    state_of: Callable[[str], ModuleState | None], name: str, depth: int = _DEPTH
) -> tuple[ModuleState, str] | None:
    """Return the module that defines what a full dotted name stands for, and the name in it.

    None where that is not certain, or where the name is that of a module.
    """
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        state = state_of(".".join(parts[:length]))
        if state is not None:
            return _in_module(state_of, state, parts[length:], depth)
    return None


def _in_module(
    state_of: Callable[[str], ModuleState | None], state: ModuleState, parts: list[str], depth: int
) -> tuple[ModuleState, str] | None:
    first = parts[0]
    if first in state.names:
        return state, ".".join(parts)
    if depth == 0:
        return None
    if (target := state.import_of(first)) is not None:
        return home_of(state_of, ".".join([target, *parts[1:]]), depth - 1)
    for star in state.stars:
        found = home_of(state_of, ".".join([star, *parts]), depth - 1)
        if found is not None:
            return found
    return None
