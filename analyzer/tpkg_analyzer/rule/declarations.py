"""Fixes that change the declaration of a package: one action more, or one root more."""

from tpkg_analyzer.model.diagnostic import Edit, Fix
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.source import START, Span


def add_action(package: Package, verb: str, pattern: str) -> Fix | None:
    """Add an action behind all others: what modules get that have an action already does not change."""
    if package.is_code:
        return _add_call(package, verb, pattern, len(package.actions))
    if not package.actions or not _is_editable(place := package.actions[-1].place):
        return None
    gap = ", " if place.span.line == package.declared.span.line else f",{_break(place)}"
    return _fix(package, verb, pattern, place, _end(place.span), f"{gap}{_table(verb, pattern)}")


def add_action_before(package: Package, index: int | None, verb: str, pattern: str) -> Fix | None:
    """Add an action right before the one of that index, which is the one that decides now."""
    if package.is_code and index is not None:
        return _add_call(package, verb, pattern, index)
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


def _add_call(package: Package, verb: str, pattern: str, index: int) -> Fix | None:
    """Add to the list of the call before, if it is of the same action; else a call of its own."""
    calls = package.actions
    if any(call.place == other.place for call in calls for other in calls if call is not other):
        return None  # a loop or a comprehension: what is added would be repeated
    if index and (last := calls[index - 1]).action.value == verb and (listed := last.listed) is not None:
        at = last.place_of(len(last.include) - 1)
        if at.path is not None and at.path == listed.path and listed.span.line <= at.span.line <= listed.span.end_line:
            return _fix(package, verb, pattern, at, _end(at.span), f', "{pattern}"')
    if index < len(calls):
        step: ActionCall | Root = calls[index]
    elif calls:
        step = calls[-1]
    elif package.roots:
        step, index = package.roots[0], -1
    else:
        return None
    place = step.place if isinstance(step, ActionCall) else step.call
    if not step.receiver or place.path is None:
        return None
    if index == len(calls) and (outer := _outside(package, place)) is not None:
        step, place, index = outer, outer.call, -1
    text, gap = f'{step.receiver}.{verb}("{pattern}")', _break(place)
    if index == len(calls):
        return _fix(package, verb, pattern, place, _end(place.span), f"{gap}{text}")
    return _fix(package, verb, pattern, place, _start(place.span), f"{text}{gap}")


def _outside(package: Package, last: Place) -> Root | None:
    """Return the save behind the last action where that is in a block, such as a loop, that has ended."""
    for root in package.roots:
        span = root.call.span
        is_behind = root.call.path == last.path and span.line > last.span.end_line
        if is_behind and span.column < last.span.column and root.receiver:
            return root
    return None


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
