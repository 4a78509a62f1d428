"""What the patterns of an export say of a module by its name alone, before anything is read."""

from dataclasses import dataclass
from functools import cached_property

from tpkg_analyzer.model.package import ActionCall, Package
from tpkg_runtime.spec.actions import Action, Pattern, decide
from tpkg_runtime.spec.globs import GlobGroup, compile_glob


def globs_of(call: ActionCall) -> GlobGroup:
    """Return the patterns of a call without those that the glob language refuses: these are findings of their own."""
    return GlobGroup([*filter(is_glob, call.include)], exclude=[*filter(is_glob, call.exclude)])


def is_refused(call: ActionCall) -> bool:
    """Tell whether the glob language refuses a pattern of a call, which raises ValueError then."""
    return not all(map(is_glob, (*call.include, *call.exclude)))


def is_glob(pattern: str) -> bool:
    """Tell whether the glob language knows what `pattern` means."""
    try:
        compile_glob(pattern)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Interned:
    """The modules that an export saves, and those that its patterns would intern if they were met."""

    saved: tuple[str, ...]
    calls: tuple[tuple[Action, tuple[str, ...], tuple[str, ...]], ...]
    """What to do with what, in order: an action with its include and exclude."""
    stdlib_names: frozenset[str]

    @classmethod
    def by(cls, package: Package, stdlib_names: frozenset[str]) -> "Interned":
        """Return what an export of a package interns."""
        calls = tuple((call.action, call.include, call.exclude) for call in package.actions)
        return cls(tuple(dict.fromkeys(root.module for root in package.roots)), calls, stdlib_names)

    @cached_property
    def _patterns(self) -> tuple[Pattern, ...]:
        calls = (ActionCall(*call) for call in self.calls)
        return tuple(Pattern(call.action, globs_of(call)) for call in calls)

    @cached_property
    def _answers(self) -> dict[str, bool]:
        return dict.fromkeys(self.saved, True)

    def __contains__(self, name: object) -> bool:
        """Tell whether a module would be interned, by the patterns that come before its import or after it."""
        if not isinstance(name, str):
            return False
        if name not in self._answers:
            decision = decide(name, self._patterns, self.stdlib_names)
            self._answers[name] = decision is not None and decision.action is Action.INTERN
        return self._answers[name]
