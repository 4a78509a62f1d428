"""Fixes that change the declaration of a package: one action more, or one root more."""

from tpkg_analyzer.model.diagnostic import Edit, Fix
from tpkg_analyzer.model.package import Package, Place, RootKind
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.source import START, Span


def add_action(package: Package, verb: str, pattern: str) -> Fix | None:
    """Add an action behind all others: what modules get that have an action already does not change."""
    if not package.actions or not _is_editable(place := package.actions[-1].place):
        return None
    gap = ", " if place.span.line == package.declared.span.line else f",{_break(place)}"
    return _fix(package, verb, pattern, place, _end(place.span), f"{gap}{_table(verb, pattern)}")


def add_action_before(package: Package, index: int | None, verb: str, pattern: str) -> Fix | None:
    """Add an action right before the one of that index, which is the one that decides now."""
    if index is None or index >= len(package.actions) or not _is_editable(place := package.actions[index].place):
        return None
    shares_line = any(
        other is not package.actions[index] and other.place.span.line == place.span.line for other in package.actions
    )
    gap = ", " if shares_line or len(package.actions) == 1 else f",{_break(place)}"
    return _fix(package, verb, pattern, place, _start(place.span), f"{_table(verb, pattern)}{gap}")


def add_module(package: Package, module: str) -> Fix | None:
    """Save one module more: a saved module is interned without asking a pattern."""
    modules = [root for root in package.roots if root.kind is RootKind.MODULE]
    if not modules or not _is_editable(place := modules[-1].place) or place.path is None:
        return None
    edit = Edit(place.path, _end(place.span), f', "{module}"')
    return Fix(f"Save `{module}` in package `{package.name}` as well", (edit,), is_safe=True)


def outside_pattern(closure: Closure, module: str, *, is_own: bool) -> str:
    """Return the pattern by which `module` is kept out: its whole top package, unless that has to stay inside."""
    top = module.partition(".")[0]
    saved = any(
        name.partition(".")[0] == top and node.rule == "root" and node.action is Action.INTERN
        for name, node in closure.modules.items()
    )
    return module if is_own or saved else f"{top}.**"


def _fix(package: Package, verb: str, pattern: str, place: Place, at: Span, text: str) -> Fix | None:
    if place.path is None:
        return None
    return Fix(f'Add {verb} "{pattern}" to package `{package.name}`', (Edit(place.path, at, text),), is_safe=True)


def _is_editable(place: Place) -> bool:
    return place.path is not None and place.path.suffix == ".toml" and place.span != START


def _table(verb: str, pattern: str) -> str:
    return f'{{ {verb} = "{pattern}" }}'


def _break(place: Place) -> str:
    return "\n" + " " * (place.span.column - 1)


def _start(span: Span) -> Span:
    return Span(span.line, span.column, span.line, span.column)


def _end(span: Span) -> Span:
    return Span(span.end_line, span.end_column, span.end_line, span.end_column)
