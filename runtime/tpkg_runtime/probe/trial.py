"""One package under trial with one runtime: exported, repaired where that failed, loaded at most three times."""

import importlib
import io
import sys
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

from tpkg_runtime.probe.runtimes import Runtime
from tpkg_runtime.wire.messages import Declaration, Exported, Request, Save, Step

_NO_ACTION = "NO_ACTION"


@dataclass(slots=True)
class Attempt:
    """One export: the archive, what the exporter held, and what it raised."""

    archive: io.BytesIO
    held: dict[str, tuple[str, ...]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    unmatched: tuple[int, ...] = ()
    error: Exception | None = None
    substituted: list[str] = field(default_factory=list)


class Trial:
    """What can be asked of a package; each export and import is made when it is first needed, and once."""

    def __init__(self, request: Request, runtime: Runtime) -> None:
        self.request = request
        self.runtime = runtime

    @cached_property
    def attempt(self) -> Attempt:
        """The export as it is declared."""
        return self._export(self.request.steps)

    @cached_property
    def repaired(self) -> Attempt:
        """The export with an action for each module that lacks one, so that the rest can be tried.

        Raises what the export raises for another reason.
        """
        attempt, additions = self.attempt, list[Step]()
        while attempt.error is not None:
            missing = sorted(name for name, reason in attempt.broken.items() if reason == _NO_ACTION)
            if not missing:
                raise attempt.error
            additions += [Step(declaration=Declaration(self._action_for(name), (name,))) for name in missing]
            attempt = self._export((*additions, *self.request.steps))
        return attempt

    @cached_property
    def first(self) -> Any:
        """An importer of the package."""
        return self.load()

    @cached_property
    def second(self) -> Any:
        """Another importer of the same package."""
        return self.load()

    @cached_property
    def alone(self) -> Any:
        """An importer in a process that acts as if the project were not installed."""
        with without_project(self.request.paths):
            return self.load()

    def load(self) -> Any:
        """Open the package once more."""
        return self.runtime.importer(io.BytesIO(self.repaired.archive.getvalue()))

    def note(self) -> str:
        """Say what was done to the export so that it could be loaded; nothing where nothing was."""
        missing = sum(reason == _NO_ACTION for reason in self.attempt.broken.values())
        return f" (with actions added for {missing} modules that have none)" if missing else ""

    def exported(self) -> Exported:
        """Return what the export as declared held."""
        attempt = self.attempt
        held = {name: attempt.held.get(name, ()) for name in ("interned", "externed", "mocked", "denied")}
        return Exported(
            runtime=self.runtime.name,
            broken=attempt.broken,
            raised=type(attempt.error).__name__ if attempt.error else None,
            substituted=tuple(attempt.substituted),
            **held,
        )

    def _export(self, steps: tuple[Step, ...]) -> Attempt:
        attempt = Attempt(io.BytesIO())
        try:
            with self.runtime.exporter(attempt.archive) as exporter:
                try:
                    for number, step in enumerate(steps):
                        _take(exporter, step, number, attempt.substituted)
                finally:
                    self._note_what_is_held(exporter, attempt, steps)
        except Exception as error:  # noqa: BLE001 - whatever ends the export is what is asked for
            attempt.error = error
        return attempt

    def _note_what_is_held(self, exporter: Any, attempt: Attempt, steps: tuple[Step, ...]) -> None:
        for name in ("interned", "externed", "mocked", "denied"):
            attempt.held[name] = tuple(getattr(exporter, f"{name}_modules")())
        nodes = exporter.dependency_graph.nodes
        attempt.broken = {name: marks["error"].name for name, marks in nodes.items() if marks.get("error")}
        added = _declarations(steps) - _declarations(self.request.steps)
        attempt.unmatched = tuple(index - added for index in self.runtime.unmatched(exporter) if index >= added)

    def _action_for(self, module: str) -> str:
        own = _is_own(importlib.import_module(module), self.request.paths)
        return "intern" if own else "extern"


class without_project:  # noqa: N801 - reads as a statement
    """Hides the project's modules and folders for the time of a `with`, as on a machine where it is not installed."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        self._paths = paths
        self._path: list[str] = []
        self._modules: dict[str, ModuleType] = {}

    def __enter__(self) -> None:
        self._path = sys.path[:]
        sys.path[:] = [entry for entry in sys.path if entry not in self._paths]
        own = {name: module for name, module in sys.modules.items() if _is_own(module, self._paths)}
        self._modules = own
        for name in own:
            del sys.modules[name]
        importlib.invalidate_caches()

    def __exit__(self, *_: object) -> None:
        sys.path[:] = self._path
        sys.modules.update(self._modules)
        importlib.invalidate_caches()


def _is_own(module: ModuleType | None, paths: tuple[str, ...]) -> bool:
    """Tell whether a module is the project's, not one that is installed below its folders."""
    file = getattr(module, "__file__", None) or ""
    return "site-packages" not in file and any(file.startswith(f"{path}/") for path in paths)


def _declarations(steps: tuple[Step, ...]) -> int:
    return sum(step.declaration is not None for step in steps)


def _take(exporter: Any, step: Step, number: int, substituted: list[str]) -> None:
    if step.declaration is not None:
        declaration = step.declaration
        options: dict[str, Any] = {"exclude": list(declaration.exclude)}
        if declaration.action != "deny":
            options["allow_empty"] = declaration.allow_empty
        getattr(exporter, declaration.action)(list(declaration.include), **options)
    elif step.save is not None:
        _save(exporter, step.save, number, substituted)


def _save(exporter: Any, save: Save, number: int, substituted: list[str]) -> None:
    match save.how:
        case "module":
            exporter.save_module(save.name, dependencies=save.dependencies)
        case "source":
            exporter.save_source_string(save.name, save.detail or "", save.is_package, save.dependencies)
        case "resource":
            exporter.save_text(save.name, save.detail or f"{number}.txt", "")
        case "object":
            made = _object_of(save.name, save.detail, substituted)
            exporter.save_pickle("tpkg_probe", f"{number}.pkl", made, dependencies=save.dependencies)
        case "globals":
            named = [reach(importlib.import_module(module), name) for module, name in save.globals]
            exporter.save_pickle("tpkg_probe", f"{number}.pkl", named, dependencies=save.dependencies)


def reach(module: ModuleType, dotted: str) -> Any:
    """Return what a dotted name stands for in a module. Raises AttributeError."""
    value: Any = module
    for name in dotted.split("."):
        value = getattr(value, name)
    return value


def _object_of(module: str, cls: str | None, substituted: list[str]) -> Any:
    """Return an object whose pickle names the module: one of the class where it can be made, else the class itself."""
    home = importlib.import_module(module)
    if cls is None:
        return next(value for value in vars(home).values() if getattr(value, "__module__", None) == module)
    kind = getattr(home, cls)
    try:
        return kind()
    except Exception:  # noqa: BLE001 - it wants arguments, or something that is not here
        substituted.append(f"{module}:{cls}")
        return kind
