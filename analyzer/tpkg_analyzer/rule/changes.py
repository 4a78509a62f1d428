"""Who changes what the top level of a module holds, in the module itself and in the others of its packages."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tpkg_analyzer.model.diagnostic import Related
from tpkg_analyzer.rule.context import FileContext, action_in
from tpkg_analyzer.rule.homes import home_of
from tpkg_analyzer.rule.state import Change, ModuleState
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.source import Span

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Peer:
    """A first-party module that goes into the same package as the one that is looked at."""

    path: Path
    state: ModuleState


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happens to an object."""

    path: Path
    span: Span
    module: str


def own_state(context: FileContext) -> ModuleState:
    """Return the summary of the file that is looked at."""
    return context.project.state(context.name) or ModuleState(context.name)


def peers(context: FileContext, words: frozenset[str]) -> Iterator[Peer]:
    """Yield the other first-party modules that a package of this one interns and that hold one of the words."""
    for name in context.project.mentioning(words) if context.closures else ():
        closure = next((item for item in context.closures if action_in(item, name) is Action.INTERN), None)
        if closure is None or name == context.name:
            continue
        path, state = closure.modules[name].path, context.project.state(name)
        if path is not None and state is not None:
            yield Peer(path, state)


def changes_to(context: FileContext, names: frozenset[str]) -> dict[str, list[tuple[Place, Change]]]:
    """Return the changes after import of objects of this module, by their dotted names in it.

    `names` are of the top level. What the top level does to its own objects builds them up and is no change; what
    another module does to them is one at any time.
    """
    found: dict[str, list[tuple[Place, Change]]] = {}
    if not names:
        return found
    own = own_state(context)
    for change in own.changes:
        name = _below(own.module, change.target)
        if name is not None and name.partition(".")[0] in names and change.is_exposed:
            found.setdefault(name, []).append((Place(context.path, change.span, own.module), change))
    for peer in peers(context, names):
        for change in peer.state.changes:
            if change.target.startswith(f"{peer.state.module}.") or names.isdisjoint(change.target.split(".")):
                continue
            home = home_of(context.project.state, change.target)
            if home is not None and home[0].module == own.module:
                found.setdefault(home[1], []).append((Place(peer.path, change.span, peer.state.module), change))
    return found


def related(places: list[Place], message: str) -> tuple[Related, ...]:
    """Return the first of the places as those that a finding shows."""
    return tuple(Related(place.path, place.span, message) for place in places[:_SHOWN])


def is_interned_with(context: FileContext, module: str) -> bool:
    """Tell whether a package of this file interns `module` as well."""
    return any(action_in(closure, module) is Action.INTERN for closure in context.closures)


def _below(module: str, target: str) -> str | None:
    return target[len(module) + 1 :] if target.startswith(f"{module}.") else None
