"""Tables that are filled while modules are imported: which call or decorator puts something into which table."""

from collections.abc import Callable, Iterator

from tpkg_analyzer.rule.changes import Place, own_state, peers
from tpkg_analyzer.rule.context import FileContext
from tpkg_analyzer.rule.homes import home_of
from tpkg_analyzer.rule.state import Change, ModuleState

_StateOf = Callable[[str], ModuleState | None]


def table_of(state_of: _StateOf, function: str) -> tuple[ModuleState, str] | None:
    """Return the first table that a call of `function` registers in, None where it registers nothing."""
    return next(tables_of(state_of, function, decorates=True), None)


def tables_of(state_of: _StateOf, function: str, *, decorates: bool) -> Iterator[tuple[ModuleState, str]]:
    """Yield the tables that a call of `function` at import registers in, each by its module and its name there.

    What decorates may keep what it makes of what it is given; any other call has to keep the thing itself, or it would
    be one that fills a cache.
    The table is a container of a module or a class, or an object that keeps what its method, or a call of it, is given.
    """
    home = home_of(state_of, function)
    if home is None:
        return
    state, name = home
    seen: set[str] = set()
    for change in _keeping(state, name, decorates):
        target = home_of(state_of, change.target)
        if target is None or change.through_instance or change.target in seen or not _is_table(*target):
            continue
        seen.add(change.target)
        yield target
    above, _, last = name.rpartition(".")
    asked = [(above, last), (name, "__call__")] if decorates else [(above, last)]
    for holder, method in asked:
        made_by = next((item.made_by for item in state.holders if item.name == holder), None)
        maker = home_of(state_of, made_by) if made_by else None
        if maker is not None and any(change.owner for change in _keeping(maker[0], f"{maker[1]}.{method}", decorates)):
            yield state, holder


def registrations_in(context: FileContext) -> dict[str, list[Place]]:
    """Return the places that fill the tables of this module while modules are imported, by the tables' names."""
    own, state_of = own_state(context), context.project.state
    found: dict[str, list[Place]] = {}
    for change in own.changes:
        if _keeps_subclass(own, change):
            target = home_of(state_of, change.target)
            if target is not None and target[0].module == own.module and _is_table(*target):
                found.setdefault(target[1], []).append(Place(context.path, change.span, own.module))
    words = _names_of_registrars(own)
    if not words:
        return found
    sources = [(context.path, own), *((peer.path, peer.state) for peer in peers(context, words))]
    for path, state in sources:
        for call in state.import_calls:
            if words.isdisjoint(call.function.split(".")):
                continue
            for home, name in tables_of(state_of, call.function, decorates=bool(call.decorated)):
                if home.module == own.module:
                    found.setdefault(name, []).append(Place(path, call.span, state.module))
    return found


def _keeps_subclass(state: ModuleState, change: Change) -> bool:
    """Tell whether a change puts what a new subclass brings into a table that it does not make for itself."""
    if not change.function.endswith(".__init_subclass__") or not change.adds_parameter or change.is_rebinding:
        return False
    return not any(
        other.is_rebinding and (other.target, other.function) == (change.target, change.function)
        for other in state.changes
    )


def _names_of_registrars(state: ModuleState) -> frozenset[str]:
    """Return the names by which a registration in this module has to call what registers."""
    keeping = {change.function for change in state.changes if change.adds_derived and not change.is_rebinding}
    functions = {name.rpartition(".")[2] for name in keeping if name}
    objects = {holder.name for holder in state.holders if holder.made_by and "." not in holder.name}
    return frozenset(functions | objects)


def _keeping(state: ModuleState, function: str, decorates: bool) -> list[Change]:
    """Return the changes by which `function` keeps a parameter of its own."""
    return [
        change
        for change in state.changes
        if change.function == function
        and not change.is_rebinding
        and (change.adds_derived if decorates else change.adds_parameter)
    ]


def _is_table(state: ModuleState, name: str) -> bool:
    return any(holder.name == name and holder.is_container for holder in state.holders)
