"""The smallest list of actions under which a package can be exported, each with its reason."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tpkg_analyzer.model.package import ActionCall, Package
from tpkg_analyzer.scan.closure import MAIN, Closure
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.imports import EdgeKind
from tpkg_runtime.spec.reasons import PackagingErrorReason

_MOST_ROUNDS = 60
_SYSTEM = ("io", "sys")
_ORDER = {Action.EXTERN: 0, Action.MOCK: 1, Action.INTERN: 2}


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """One action of a plan and why it is there."""

    action: Action
    pattern: str
    reason: str

    @property
    def call(self) -> ActionCall:
        """Return the action as a package has it."""
        return ActionCall(self.action, (self.pattern,))


@dataclass(frozen=True, slots=True)
class Plan:
    """The actions in order, and the modules that no action helps, with the reason."""

    lines: tuple[PlannedAction, ...]
    left: dict[str, str]

    @property
    def actions(self) -> tuple[ActionCall, ...]:
        """The actions as a package has them."""
        return tuple(line.call for line in self.lines)


def planned(package: Package, closure_of: Callable[[Package], Closure], is_first_party: Callable[[str], bool]) -> Plan:
    """Add actions for what lacks one until the export succeeds, or nothing helps any more."""
    lines: list[PlannedAction] = []
    for _ in range(_MOST_ROUNDS):
        lines.sort(key=_rank)
        closure = closure_of(replace(package, steps=(*(line.call for line in lines), *package.roots), unknown=()))
        added = [line for name, why in closure.broken.items() if (line := _line(closure, name, why, is_first_party))]
        fresh = [line for line in dict.fromkeys(added) if all(line.pattern != known.pattern for known in lines)]
        if not fresh:
            break
        # One interned package can bring others; what is outside changes nothing for the rest.
        lines += fresh
    lines.sort(key=_rank)
    left = {name: why.name for name, why in closure.broken.items()}
    if closure.failed is not None:
        left[closure.failed.module] = closure.failed.reason
    return Plan(tuple(line for line in lines if _is_used(line, closure)), left)


def _rank(line: PlannedAction) -> tuple[int, bool, str]:
    """Put what is kept out first, the system's modules before all, so that no wide pattern takes them."""
    return _ORDER[line.action], line.pattern not in _SYSTEM, line.pattern


def _line(
    closure: Closure, name: str, why: PackagingErrorReason, is_first_party: Callable[[str], bool]
) -> PlannedAction | None:
    top = name.partition(".")[0]
    match why:
        case PackagingErrorReason.NO_ACTION if name in _SYSTEM:
            return PlannedAction(Action.EXTERN, name, "not extern by itself")
        case PackagingErrorReason.NO_ACTION if name == MAIN:
            if closure.pickles_script:
                return None  # the script that loads does not define it
            return PlannedAction(Action.EXTERN, MAIN, "the script that loads the package")
        case PackagingErrorReason.NO_ACTION if is_first_party(name):
            return PlannedAction(Action.INTERN, f"{top}.**" if _is_package(closure, top) else top, "first-party code")
        case PackagingErrorReason.NO_ACTION if _is_for_type_checkers(closure, top):
            return PlannedAction(Action.MOCK, f"{top}.**", "imported for type checkers only")
        case PackagingErrorReason.NO_ACTION:
            return PlannedAction(Action.EXTERN, f"{top}.**", "third-party, installed where the package is loaded")
        case PackagingErrorReason.IS_EXTENSION_MODULE:
            return PlannedAction(Action.EXTERN, name, "a C extension, which cannot be interned")
        case PackagingErrorReason.NO_DUNDER_FILE:
            return PlannedAction(Action.MOCK, name, "a namespace package, which has no source")
        case PackagingErrorReason.SOURCE_FILE_NOT_FOUND:
            return PlannedAction(Action.EXTERN, name, "there is no source to intern")
        case _:
            return None


def _is_package(closure: Closure, top: str) -> bool:
    return any(name.startswith(f"{top}.") for name in closure.modules)


def _is_for_type_checkers(closure: Closure, top: str) -> bool:
    kinds = [
        closure.references[by, name].origin.kind if (by, name) in closure.references else EdgeKind.PICKLE
        for by, node in closure.modules.items()
        for name in node.depends_on
        if name.partition(".")[0] == top and by.partition(".")[0] != top
    ]
    return bool(kinds) and all(kind is EdgeKind.TYPE_CHECKING for kind in kinds)


def _is_used(line: PlannedAction, closure: Closure) -> bool:
    index = next((index for index, call in enumerate(closure.package.actions) if call.include == (line.pattern,)), None)
    return index is None or index not in closure.empty_patterns
