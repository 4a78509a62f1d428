"""Why a module is *not* in the closure: the question that comes when a package misses something at run time."""

from dataclasses import dataclass
from enum import Enum

from tpkg_analyzer.scan.closure import Closure, DroppedImport
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_runtime.spec.actions import Action


class AbsenceKind(Enum):
    """The ways in which a module stays out."""

    DROPPED = "dropped"
    """Imported, but the import fails where the export runs: left out without a word."""
    BEHIND = "behind"
    """Needed only by a module that is not interned, whose imports nobody follows."""
    PARENT = "parent"
    """The package of a module that is in: Python runs it, the exporter does not record it."""
    NOT_FOUND = "not found"
    """Not importable, and nobody asks for it."""
    UNREACHED = "unreached"
    """Nobody imports it by a statement; a call of `import_module` would not be seen."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a module is not in. `dropped` are the imports that were left out, `behind` the modules that would need it."""

    kind: AbsenceKind
    reason: str
    dropped: tuple[DroppedImport, ...] = ()
    behind: tuple[str, ...] = ()


def why_not(closure: Closure, environment: StaticEnvironment, module: str) -> Absence | None:
    """Explain why `module` is not in the closure; None where it is in."""
    if module in closure.modules:
        return None
    dropped = tuple(item for item in closure.dropped if module in {item.module, _full_name(item)})
    if dropped:
        return Absence(AbsenceKind.DROPPED, dropped[0].reason, dropped)
    behind = tuple(sorted(_would_need(closure, environment, module)))
    if behind:
        first = closure.modules[behind[0]]
        action = first.action.value if first.action else "without an action"
        return Absence(AbsenceKind.BEHIND, f"only {behind[0]} imports it, which is {action}", behind=behind)
    children = sorted(name for name in closure.modules if name.startswith(f"{module}."))
    if children:
        return Absence(AbsenceKind.PARENT, f"it is the package of {children[0]}, which alone is recorded")
    verdict = environment.verdict(module)
    if not verdict.is_importable:
        return Absence(AbsenceKind.NOT_FOUND, verdict.reason or "it cannot be imported")
    return Absence(AbsenceKind.UNREACHED, "no import statement that the exporter follows names it")


def _full_name(item: DroppedImport) -> str:
    name = item.reference.name
    return f"{item.module}.{name}" if name else item.module


def _would_need(closure: Closure, environment: StaticEnvironment, module: str) -> set[str]:
    found = set()
    for name, node in closure.modules.items():
        if node.action is Action.INTERN or node.is_pickle or (facts := environment.facts(name)) is None:
            continue
        parent, _, last = module.rpartition(".")
        for item in facts.imports:
            if not item.level and (item.module == module or (item.module == parent and item.name == last)):
                found.add(name)
                break
    return found
