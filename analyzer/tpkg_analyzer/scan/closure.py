"""The closure of a package: what the exporter would hold after the same calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tpkg_analyzer.model.package import ActionCall, IncidentKind, Package, Root, RootKind
from tpkg_analyzer.scan.patterns import Interned, globs_of, is_refused
from tpkg_analyzer.scan.recursion import Recursion, frames_of
from tpkg_runtime.spec.actions import TORCH, Action, Pattern, Semantics
from tpkg_runtime.spec.imports import Reference
from tpkg_runtime.spec.reasons import PackagingErrorReason
from tpkg_runtime.spec.walk import DependencyWalk, Dropped, ModuleSource

# Who only reads closures, as the language server does, does without what makes them.
if TYPE_CHECKING:
    from tpkg_analyzer.scan.environment import StaticEnvironment
    from tpkg_analyzer.scan.importability import Verdict

MAIN = "__main__"


@dataclass(frozen=True, slots=True)
class ClosureModule:
    """A module or pickle of the closure. `rule` says why it has its action: root, implicit or pattern."""

    name: str
    action: Action | None
    rule: str | None
    pattern: int | None
    path: Path | None
    bytes: int
    depends_on: tuple[str, ...]
    error: PackagingErrorReason | None = None
    is_pickle: bool = False
    assumed: str | None = None
    """What could not be decided, where the import of the module is only believed to work."""
    unstable: str | None = None
    """Why another history of the exporting process would lead to another answer."""


@dataclass(frozen=True, slots=True)
class DroppedImport:
    """An import that the exporter leaves out without a word: `module` cannot be imported, for `reason`."""

    module: str
    by: str
    reference: Reference
    reason: str
    unstable: str | None = None
    """Why another history of the exporting process would lead to another answer."""


_RAISED_BY_CALLS = {
    IncidentKind.REMOVED_KEYWORD: "TypeError",
    IncidentKind.SECOND_PATTERN: "TypeError",
    IncidentKind.WRONG_PROTOCOL: "AssertionError",
    IncidentKind.UNPICKLABLE: "PicklingError",
    IncidentKind.SCRIPTED: "Exception",
}


@dataclass(frozen=True, slots=True)
class FailedRoot:
    """A root that cannot be saved, as a rule because it cannot be imported: the save call itself raises `error`."""

    root: Root
    module: str
    """What cannot be imported: the root, or what a pickle refers to."""
    reason: str
    error: str = "ModuleNotFoundError"
    lacking: str = ""
    """The name that is asked of the module and that it certainly does not have, where it is that."""

    @property
    def told(self) -> str:
        """What happens to the module and why, to stand behind its name."""
        if self.lacking:
            return f"has no `{self.lacking}`"
        what = "exported" if self.is_too_deep else "imported"
        return f"cannot be {what}: {self.reason}"

    @property
    def is_missing(self) -> bool:
        """Whether some module is not found."""
        return self.error == ModuleNotFoundError.__name__ and not self.lacking

    @property
    def is_too_deep(self) -> bool:
        """Whether imports, or the exporter among them, need more frames than Python lets them have."""
        return self.error == RecursionError.__name__


@dataclass(frozen=True, slots=True)
class Closure:
    """The predicted export of one package; modules in the order in which they came in."""

    package: Package
    modules: dict[str, ClosureModule]
    references: dict[tuple[str, str], Reference] = field(default_factory=dict)
    """The import behind each edge between modules."""
    dropped: tuple[DroppedImport, ...] = ()
    empty_patterns: tuple[int, ...] = ()
    failed: FailedRoot | None = None

    def with_action(self, action: Action) -> list[str]:
        """Return the sorted modules with `action`, as the exporter's methods of that name do."""
        return sorted(name for name, module in self.modules.items() if module.action is action and not module.is_pickle)

    @property
    def broken(self) -> dict[str, PackagingErrorReason]:
        """The modules that fail the export, with the reason."""
        return {name: module.error for name, module in self.modules.items() if module.error is not None}

    @property
    def assumed(self) -> dict[str, str]:
        """The modules whose import is only believed to work, with what could not be decided."""
        return {name: module.assumed for name, module in self.modules.items() if module.assumed is not None}

    @property
    def pickles_script(self) -> bool:
        """Whether something is pickled that the script which is run defines itself."""
        return any(module == MAIN for root in self.package.roots for module, _ in root.globals)

    @property
    def unstable(self) -> dict[str, str]:
        """The names whose answer depends on what the process has imported before, in or out, with the reason."""
        found = {item.module: item.unstable for item in self.dropped if item.unstable is not None}
        return found | {name: node.unstable for name, node in self.modules.items() if node.unstable is not None}

    @property
    def outcome(self) -> str:
        """How the export would end: ok, or the name of what it raises."""
        if self.failed is not None:
            return self.failed.error
        if (raised := _raised_by_calls(self.package)) is not None:
            return raised
        if any(node.error is PackagingErrorReason.NO_ACTION and node.action for node in self.modules.values()):
            return "AssertionError"  # a later pattern matched what an earlier reference found without action
        if self.broken:
            return "PackagingError"
        required = (index for index in self.empty_patterns if not self.package.actions[index].allow_empty)
        return "EmptyMatchError" if any(True for _ in required) else "ok"


def _raised_by_calls(package: Package) -> str | None:
    """Return what a call on the exporter raises by itself, whatever the closure is."""
    for step in package.steps:
        if isinstance(step, ActionCall) and step.is_certain and is_refused(step):
            return ValueError.__name__
    found = (_RAISED_BY_CALLS.get(incident.kind) for incident in package.incidents)
    return next((error for error in found if error is not None), None)


def build_closure(package: Package, environment: StaticEnvironment, semantics: Semantics = TORCH) -> Closure:
    """Walk the package as the exporter would: its steps in their order."""
    from tpkg_analyzer.scan.importability import AbortedError

    environment.begin(Interned.by(package, environment.interpreter.stdlib_names), package.imported)
    script = _WithScript(environment, package)
    walk = DependencyWalk(script, environment.interpreter.stdlib_names, semantics)
    frames = frames_of(environment.interpreter.version)
    failed = None
    for step in package.steps:
        if isinstance(step, ActionCall):
            walk.declare(Pattern(step.action, globs_of(step), step.allow_empty))
            continue
        if step.raises:
            failed = FailedRoot(step, step.module, f"{step.module} cannot be saved", step.raises)
            break
        if semantics is TORCH:
            script.recursion = Recursion(frames, step.kind, lambda: walk.chain)
            environment.n_frames = script.recursion.n_frames
        try:
            _save(walk, step)
        except AbortedError as error:
            if package.asks_archives:
                continue  # one of its importers may have the module
            failed = FailedRoot(step, error.module or step.module, str(error), error.type_name)
            break
        if (name := _lacking(step, walk, environment)) is not None:
            reason = f"{step.module} has no {name}"
            failed = FailedRoot(step, step.module, reason, ImportError.__name__, name)
            break
    verdicts, assumed = environment.importability.answers, environment.importability.assumed()
    modules = {
        name: ClosureModule(
            name=name,
            action=attributes.get("action"),
            rule=attributes.get("rule"),
            pattern=attributes.get("pattern"),
            path=Path(attributes["path"]) if attributes.get("path") else None,
            bytes=environment.size(name) if "source" in attributes else 0,
            depends_on=tuple(walk.graph.successors(name)),
            error=attributes.get("error"),
            is_pickle=attributes.get("is_pickle", False),
            assumed=assumed.get(name),
            unstable=verdicts[name].unstable if name in verdicts else None,
        )
        for name, attributes in walk.graph.nodes.items()
    }
    dropped = tuple(
        _dropped(item, verdicts.get(item.module) or environment.verdict(item.module)) for item in walk.dropped
    )
    return Closure(package, modules, walk.references, dropped, tuple(walk.empty_patterns()), failed)


@dataclass(slots=True)
class _WithScript:
    """The environment of an export: what is installed, the script that is run, and how deep the exporter is in it."""

    installed: StaticEnvironment
    package: Package
    recursion: Recursion | None = None

    def exists(self, module: str) -> bool:
        return module == MAIN or self.installed.exists(module)

    def module(self, module: str) -> ModuleSource:
        if self.recursion is not None and not self.recursion.can_read():
            from tpkg_analyzer.scan.importability import AbortedError

            reason = f"the chain of imports down to {module} is longer than the exporter can recurse"
            raise AbortedError(reason, RecursionError.__name__)
        if module != MAIN:
            return self.installed.module(module)
        script = self.package.script
        if script is None or script.suffix != ".py":  # a notebook
            return ModuleSource(MAIN, False, None, reason=PackagingErrorReason.NO_DUNDER_FILE)
        return ModuleSource(MAIN, False, "", str(script))

    def references(self, module: ModuleSource) -> Sequence[Reference]:
        if self.recursion is not None and not self.recursion.can_scan(lambda: self.installed.text(module.name) or ""):
            raise RecursionError("maximum recursion depth exceeded")
        return self.installed.references(module)


def _lacking(root: Root, walk: DependencyWalk, environment: StaticEnvironment) -> str | None:
    """Return the class of an object where its module, which is interned, certainly has no such name."""
    if root.kind is not RootKind.OBJECT or root.cls is None:
        return None
    if walk.graph.nodes.get(root.module, {}).get("action") is not Action.INTERN:
        return None
    name = root.cls.partition(".")[0]
    return name if environment.lacks(root.module, name) else None


def _dropped(item: Dropped, verdict: Verdict) -> DroppedImport:
    return DroppedImport(item.module, item.by, item.reference, verdict.reason or "", verdict.unstable)


def _save(walk: DependencyWalk, root: Root) -> None:
    match root.kind:
        case RootKind.MODULE:
            walk.save_module(root.module, root.dependencies)
        case RootKind.OBJECT:
            walk.save_pickle(root.module, root.file, [(root.module, root.cls or "")], root.dependencies)
        case RootKind.PICKLE:
            walk.save_pickle(root.module, root.file, root.globals, root.dependencies)
        case RootKind.SOURCE:
            walk.save_source(ModuleSource(root.module, root.is_package, root.source or ""), root.dependencies)
        case RootKind.DEPENDENCY:
            walk.add_dependency(root.module, root.dependencies)
        case RootKind.RESOURCE:
            pass
