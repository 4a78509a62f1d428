"""One package under trial with one runtime: exported, repaired where that failed, loaded at most three times."""

import importlib
import io
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any
from zipfile import ZipFile

from tpkg_runtime.probe.absence import is_own, without_project
from tpkg_runtime.probe.mains import main_module
from tpkg_runtime.probe.observer import Observer, Record
from tpkg_runtime.probe.runtimes import Runtime
from tpkg_runtime.spec.actions import Action, Pattern, decide
from tpkg_runtime.spec.globs import GlobGroup
from tpkg_runtime.spec.mangling import demangle, is_mangled
from tpkg_runtime.wire.messages import Declaration, Exported, Request, Save, Step

NO_ACTION = "NO_ACTION"
_WITHOUT_SOURCE = ("IS_EXTENSION_MODULE", "NO_DUNDER_FILE", "SOURCE_FILE_NOT_FOUND")
_REPAIRED = (NO_ACTION, "DENIED", "MOCKED_BUT_STILL_USED", *_WITHOUT_SOURCE)
"""The errors of modules that another action settles."""


@dataclass(slots=True)
class Attempt:
    """One export: the archive, what the exporter held, and what it raised."""

    archive: io.BytesIO
    held: dict[str, tuple[str, ...]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    unmatched: tuple[int, ...] = ()
    error: BaseException | None = None
    substituted: list[str] = field(default_factory=list)
    is_whole: bool = False
    """Whether all calls were made, whatever the closing of the exporter raised then."""

    def repairable(self) -> list[str]:
        """Return the modules whose error another action settles."""
        return sorted(name for name, reason in self.broken.items() if reason in _REPAIRED)


class Trial:
    """What can be asked of a package; each export and import is made when it is first needed, and once."""

    def __init__(self, request: Request, runtime: Runtime, observer: Observer) -> None:
        self.request = request
        self.runtime = runtime
        self.observer = observer
        self._third: Any = None
        self._failed: dict[int, dict[str, BaseException]] = {}

    @cached_property
    def attempt(self) -> Attempt:
        """The export as it is declared; of an archive that is there, what it holds."""
        if self.request.archive is not None:
            return _opened(self.request.archive)
        return self._export(self.request.steps)

    @cached_property
    def repaired(self) -> Attempt:
        """The export with another action for each module that fails it, so that the rest can be tried.

        Raises what the export raises for another reason.
        """
        attempt, actions = self.attempt, dict[str, str]()
        while attempt.error is not None:
            failing = [name for name in attempt.repairable() if name not in actions]
            if not failing:
                raise attempt.error
            actions |= {name: self._action_for(name, attempt) for name in failing}
            steps = (Step(declaration=Declaration(action, (name,))) for name, action in actions.items())
            attempt = self._export((*steps, *self.request.steps))
        return attempt

    @cached_property
    def record(self) -> Record:
        """What was seen of the package while its code ran."""
        return Record(self.interned)

    @property
    def interned(self) -> frozenset[str]:
        """The modules that the package holds."""
        return frozenset(self.repaired.held["interned"])

    @cached_property
    def first(self) -> Any:
        """An importer of the package."""
        return self.load()

    @cached_property
    def second(self) -> Any:
        """Another importer of the same package."""
        return self.load()

    def packaged(self, module: str) -> ModuleType:
        """Return a module of the package, as the first importer gives it. Raises what its import raises."""
        return self._imported(self.first, module, f"importing {module}")

    def packaged_again(self, module: str) -> ModuleType:
        """Return the same module as the second importer gives it."""
        return self._imported(self.second, module, f"importing {module} once more")

    def _imported(self, importer: Any, module: str, doing: str) -> ModuleType:
        # torch's importer keeps a module whose import has failed, and gives it to whoever asks next.
        failed = self._failed.setdefault(id(importer), {})
        if module in failed:
            raise failed[module]
        try:
            with self.noting(doing):
                found: ModuleType = importer.import_module(module)
        except (Exception, SystemExit) as error:
            failed.update(dict.fromkeys([module, *_left_half(error)], error))
            raise
        return found

    @contextmanager
    def alone(self, module: str) -> Iterator[ModuleType]:
        """Within the `with` the project is not installed; give the module as a third importer does."""
        with self._without_project():
            if self._third is None:
                self._third = self.load()
            yield self._third.import_module(module)

    def leaves_to_host(self, module: str) -> bool:
        """Tell whether the exporter makes a module extern if it meets it."""
        calls = (step.declaration for step in self.request.steps if step.declaration is not None)
        patterns = [Pattern(Action(call.action), GlobGroup(call.include, exclude=call.exclude)) for call in calls]
        decision = decide(module, patterns, sys.stdlib_module_names)
        return decision is not None and decision.action is Action.EXTERN

    def noting(self, doing: str) -> AbstractContextManager[None]:
        """Note in the record what packaged code asks the process for within the `with`."""
        return self.observer.noting(self.record, doing)

    def _without_project(self) -> AbstractContextManager[None]:
        return without_project(self.request.paths, self.interned, self.repaired.held["externed"])

    def load(self) -> Any:
        """Open the package once more."""
        return self.runtime.importer(self.request.archive or io.BytesIO(self.repaired.archive.getvalue()))

    def note(self) -> str:
        """Say what was done to the export so that it could be loaded; nothing where nothing was."""
        count = len(self.attempt.repairable())
        return (
            f" (with other actions for {count} module{'s' if count > 1 else ''} that fail the export)" if count else ""
        )

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
            with main_module(self.request), self.runtime.exporter(attempt.archive) as exporter:
                try:
                    for number, step in enumerate(steps):
                        _take(exporter, step, number, attempt.substituted)
                    attempt.is_whole = True
                finally:
                    self._note_what_is_held(exporter, attempt, steps)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever ends the export is what is asked for
            attempt.error = error
        return attempt

    def _note_what_is_held(self, exporter: Any, attempt: Attempt, steps: tuple[Step, ...]) -> None:
        for name in ("interned", "externed", "mocked", "denied"):
            attempt.held[name] = tuple(getattr(exporter, f"{name}_modules")())
        nodes = exporter.dependency_graph.nodes
        attempt.broken = {name: marks["error"].name for name, marks in nodes.items() if marks.get("error")}
        added = _declarations(steps) - _declarations(self.request.steps)
        attempt.unmatched = tuple(index - added for index in self.runtime.unmatched(exporter) if index >= added)

    def _action_for(self, module: str, attempt: Attempt) -> str:
        if attempt.broken[module] in _WITHOUT_SOURCE:
            # An archive with an extern module above one that it holds cannot be opened.
            is_above = any(name.startswith(f"{module}.") for name in attempt.held["interned"])
            return "mock" if is_above else "extern"
        own = is_own(getattr(importlib.import_module(module), "__file__", None), self.request.paths)
        return "intern" if own else "extern"


def _opened(path: str) -> Attempt:
    with ZipFile(path) as archive:
        names = [name.partition("/")[2] for name in archive.namelist()]
    sources = (name for name in names if name.endswith(".py") and not name.startswith(".data/"))
    modules = (name.removesuffix(".py").removesuffix("/__init__") for name in sources)
    interned = tuple(sorted(name.replace("/", ".") for name in modules))
    return Attempt(io.BytesIO(), {"interned": interned, "externed": ()}, is_whole=True)


def _left_half(error: BaseException) -> Iterator[str]:
    """Yield the packaged modules whose top level an error has ended."""
    trace = error.__traceback__
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        if trace.tb_frame.f_code.co_name == "<module>" and is_mangled(name):
            yield demangle(name)
        trace = trace.tb_next


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
        case "dependency":
            exporter.add_dependency(save.name, dependencies=save.dependencies)
        case "source":
            exporter.save_source_string(save.name, save.detail or "", save.is_package, save.dependencies)
        case "resource":
            exporter.save_text(save.name, save.detail or f"{number}.txt", "")
        case "object":
            made = _object_of(save.name, save.detail, substituted)
            exporter.save_pickle("tpkg_probe", f"{number}.pkl", made, dependencies=save.dependencies)
        case "globals":
            named = [reach(importlib.import_module(module), name) for module, name in save.globals]
            home, resource = (save.name, save.detail) if save.detail else ("tpkg_probe", f"{number}.pkl")
            exporter.save_pickle(home, resource, named, dependencies=save.dependencies)


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
    kind = reach(home, cls)
    try:
        return kind()
    except Exception:  # noqa: BLE001 - it wants arguments, or something that is not here
        substituted.append(f"{module}:{cls}")
        return kind
