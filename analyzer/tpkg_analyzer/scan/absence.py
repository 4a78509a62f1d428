"""Why a module is *not* in the closure: the question that comes when a package misses something at run time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from tpkg_analyzer.scan.closure import Closure, ClosureModule, DroppedImport
from tpkg_analyzer.scan.mentions import lines_that_import
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.imports import package_of, resolve

if TYPE_CHECKING:
    from tpkg_analyzer.scan.environment import StaticEnvironment


class AbsenceKind(Enum):
    """The ways in which a module stays out."""

    DROPPED = "dropped"
    """Imported, but the import fails where the export runs: left out without a word."""
    DYNAMIC = "dynamic"
    """Imported by a call such as `import_module`, which the exporter does not record."""
    BEHIND = "behind"
    """Needed only by a module that is not interned, whose imports nobody follows."""
    PARENT = "parent"
    """The package of a module that is in: Python runs it, the exporter does not record it."""
    NOT_FOUND = "not-found"
    """Not importable, and nobody asks for it."""
    UNREACHED = "unreached"
    """Nobody imports it by a statement that the exporter follows."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that asks for a module without bringing it in."""

    module: str
    path: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a module is not in: `dropped` are the imports left out, `mentions` the places that would need it."""

    kind: AbsenceKind
    reason: str
    dropped: tuple[DroppedImport, ...] = ()
    mentions: tuple[Mention, ...] = ()


def why_not(closure: Closure, environment: StaticEnvironment, module: str) -> Absence | None:
    """Explain why `module` is not in the closure; None where it is in."""
    if module in closure.modules:
        return None
    dropped = tuple(item for item in closure.dropped if module in {item.module, _full_name(item)})
    if dropped:
        return Absence(AbsenceKind.DROPPED, dropped[0].reason, dropped)
    if dynamic := _by_name(closure, environment, module):
        return Absence(AbsenceKind.DYNAMIC, "only a call imports it, which the exporter does not see", mentions=dynamic)
    parent = _outside_parent(closure, module)
    if parent is not None:
        reason = f"it is part of {parent.name}, which is {_fate(parent)} and not looked into"
        return Absence(AbsenceKind.BEHIND, reason)
    if behind := _behind(closure, environment, module):
        first = closure.modules[behind[0].module]
        reason = f"only {first.name} imports it, which is {_fate(first)} and not looked into"
        if len(behind) > 1:
            reason = f"{len(behind)} modules import it that are not interned, the first is {first.name}, {_fate(first)}"
        return Absence(AbsenceKind.BEHIND, reason, mentions=behind)
    child = min((name for name in closure.modules if name.startswith(f"{module}.")), default=None)
    if child is not None:
        return Absence(AbsenceKind.PARENT, f"it is the package of {child}, which alone is recorded")
    verdict = environment.verdict(module)
    if not verdict.is_importable:
        return Absence(AbsenceKind.NOT_FOUND, verdict.reason or "it cannot be imported")
    if closure.failed is not None:
        return Absence(AbsenceKind.UNREACHED, f"the export ends at {closure.failed.module}")
    return Absence(AbsenceKind.UNREACHED, "no import statement that the exporter follows names it")


def _full_name(item: DroppedImport) -> str:
    name = item.reference.name
    return f"{item.module}.{name}" if name else item.module


def _fate(module: ClosureModule) -> str:
    return module.action.value if module.action else "without an action"


def _outside_parent(closure: Closure, module: str) -> ClosureModule | None:
    parent = module.rpartition(".")[0]
    while parent:
        found = closure.modules.get(parent)
        if found is not None:
            return None if found.action is Action.INTERN else found
        parent = parent.rpartition(".")[0]
    return None


def _by_name(closure: Closure, environment: StaticEnvironment, module: str) -> tuple[Mention, ...]:
    last = module.rpartition(".")[2]
    found = []
    for name, node in closure.modules.items():
        if node.action is not Action.INTERN or node.is_pickle:
            continue
        if last in environment.words(name) and (source := environment.text(name)) is not None:
            location = environment.locate(name)
            package = package_of(name, location is not None and location.is_package)
            place = str(node.path) if node.path else None
            found += [Mention(name, place, line) for line in lines_that_import(source, module, package)]
    return tuple(found)


def _behind(closure: Closure, environment: StaticEnvironment, module: str) -> tuple[Mention, ...]:
    parent, _, last = module.rpartition(".")
    found = []
    for name, node in closure.modules.items():
        if node.action is Action.INTERN or node.is_pickle or (location := environment.locate(name)) is None:
            continue
        facts = environment.facts(name)
        if facts is None or last not in environment.words(name):
            continue
        try:
            references = resolve(facts.imports, package_of(name, location.is_package))
        except ValueError:  # an import above the top: nothing of this module would be followed either
            continue
        for item in references:
            if item.module == module or (item.module == parent and item.name == last):
                found.append(Mention(name, location.path, item.origin.span.line))
                break
    return tuple(found)
