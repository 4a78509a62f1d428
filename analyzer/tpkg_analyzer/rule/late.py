"""Modules without an action of which more can be said than that: `sys`, and what a later pattern would match."""

from tpkg_analyzer.model.package import ActionCall, Package, Root
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.patterns import is_glob
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.globs import GlobGroup
from tpkg_runtime.spec.reasons import PackagingErrorReason

IMPLICIT_SYSTEM = frozenset({"sys", "io"})


def is_matched_later(closure: Closure, module: str) -> bool:
    """Tell whether a module had no action when it was reached, but a pattern that was declared later matches it."""
    return late_pattern(closure, module) is not None


def late_pattern(closure: Closure, module: str) -> ActionCall | None:
    """Return the first action that came too late for a module."""
    if closure.broken.get(module) is not PackagingErrorReason.NO_ACTION:
        return None
    is_saved = False
    for step in closure.package.steps:
        if isinstance(step, Root):
            is_saved = True
        elif is_saved and matches(step, module):
            return step
    return None


def matches(call: ActionCall, module: str) -> bool:
    """Tell whether an action takes a module, whatever comes before it."""
    include, exclude = [*filter(is_glob, call.include)], [*filter(is_glob, call.exclude)]
    return GlobGroup(include, exclude=exclude).matches(module)


def named_extern(package: Package, module: str) -> ActionCall | None:
    """Return the extern action that takes a module, if a pattern of it names the module or its package.

    A pattern for everything means nothing in particular.
    """
    call = next((call for call in package.actions if matches(call, module)), None)
    if call is None or call.action is not Action.EXTERN:
        return None
    top = module.partition(".")[0]
    return call if any(text.partition(".")[0] == top for text in call.include) else None
