"""What is analysed: a package is one export, its ordered actions and its roots."""

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from tpkg_analyzer.model.diagnostic import Edit
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.graph import pickle_node
from tpkg_runtime.spec.source import START, Span


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is declared; the command line has no path."""

    path: Path | None
    span: Span = START


@dataclass(frozen=True, slots=True)
class ActionCall:
    """One call of intern, extern, mock or deny."""

    action: Action
    include: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    allow_empty: bool = True
    place: Place = Place(None)
    places: tuple[Place, ...] = ()
    """Where each pattern of `include` stands, where the action is written in code."""
    exclude_places: tuple[Place, ...] = ()
    listed: Place | None = None
    """The list literal that the patterns stand in, where there is one."""
    receiver: str = ""
    """The exporter as the code calls it."""
    is_certain: bool = True
    """False where an unknown condition decides whether the call is made, or some of its patterns are unknown."""

    def place_of(self, index: int) -> Place:
        """Return where a pattern of `include` stands."""
        return self.places[index] if index < len(self.places) else self.place


class RootKind(Enum):
    """How a root is saved."""

    MODULE = "module"
    """save_module."""
    OBJECT = "object"
    """save_pickle of an object of a module, of a class where one is named."""
    PICKLE = "pickle"
    """save_pickle of an object whose GLOBALs are known."""
    SOURCE = "source"
    """save_source_string, and save_source_file of one file."""
    RESOURCE = "resource"
    """save_text and save_binary: nothing to scan."""
    DEPENDENCY = "dependency"
    """add_dependency: asked of the patterns like any import."""


@dataclass(frozen=True, slots=True)
class Root:
    """Something that is saved.

    `module` is the module, or the package name of a pickle or resource; `resource` its name in there; `globals` the
    pairs of module and name that a pickle refers to; `source` the given text of a module.
    """

    kind: RootKind
    module: str
    cls: str | None = None
    place: Place = Place(None)
    resource: str | None = None
    globals: tuple[tuple[str, str], ...] = ()
    certain_globals: tuple[tuple[str, str], ...] = ()
    """Those of `globals` that are in the pickle whatever is not known, where the call is certainly made."""
    may_be_object: bool = False
    """Whether what is pickled may be an object of a class that `globals` does not name."""
    source: str | None = None
    is_package: bool = False
    dependencies: bool = True
    call: Place = Place(None)
    """The whole call, where the root is saved in code; `place` is the argument that names it."""
    package_place: Place | None = None
    resource_place: Place | None = None
    receiver: str = ""
    """The exporter as the code calls it, where the call is a statement of its own; likewise in actions."""
    is_certain: bool = True
    raises: str = ""
    """The exception that the call itself raises before anything is saved, such as for a file that is not UTF-8."""

    @property
    def file(self) -> str:
        """The name of a pickle in its package."""
        return self.resource or (f"{self.cls}.pkl" if self.kind is RootKind.OBJECT and self.cls else "object.pkl")

    @property
    def certain(self) -> "Root | None":
        """What is certain of it; None where nothing is."""
        if self.is_certain:
            return self
        if self.kind is RootKind.PICKLE and self.certain_globals:
            return replace(self, globals=self.certain_globals, is_certain=True)
        return None

    @property
    def node(self) -> str:
        """The name that what is saved has in the closure."""
        is_pickle = self.kind in (RootKind.OBJECT, RootKind.PICKLE)
        return pickle_node(self.module, self.file) if is_pickle else self.module


@dataclass(frozen=True, slots=True)
class Unknown:
    """An expression that the analyzer could not evaluate.

    `step` is the number of steps that were known before it; `is_root` tells whether it says what is saved or how.
    """

    path: Path
    span: Span
    expression: str
    step: int = 0
    is_root: bool = False


class IncidentKind(Enum):
    """What can be wrong with a call on an exporter, whatever the closure is."""

    REMOVED_API = "removed-api"
    REMOVED_KEYWORD = "removed-keyword"
    NOT_CLOSED = "not-closed"
    USED_AFTER_CLOSE = "used-after-close"
    SECOND_PATTERN = "second-pattern"
    WRONG_TARGET = "wrong-target"
    MODULE_AS_IMPORTER = "module-as-importer"
    SYSTEM_FIRST = "system-first"
    WRONG_PROTOCOL = "wrong-protocol"
    NESTED_WITH_PROTOCOL = "nested-with-protocol"
    UNPICKLABLE = "unpicklable"
    SCRIPTED = "scripted"
    TEMPORARY = "temporary"
    REEXPORT = "reexport"


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that a call on the exporter does wrong: `subject` names it, `detail` says more, `edits` mend it.

    Of a re-export the detail is the path that the object's importer opened, and the subject the record that the object
    was loaded from; both are empty where they are not known.
    """

    kind: IncidentKind
    place: Place
    subject: str = ""
    detail: str = ""
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Astray:
    """A configured place where no code makes an exporter, and what to write instead."""

    place: Place
    remedy: str


@dataclass(frozen=True, slots=True)
class Package:
    """One export: the calls on its exporter in their order. A configured one has its actions first."""

    name: str
    declared: Place
    steps: tuple[ActionCall | Root, ...] = ()
    archive: Path | None = None
    at: str | None = None
    at_place: Place = Place(None)
    astray: Astray | None = None
    smoke: str | None = None
    unknown: tuple[Unknown, ...] = ()
    incidents: tuple[Incident, ...] = ()
    reached_through: tuple[str, ...] = ()
    """The functions on the way to the code that makes the exporter, from the inside."""
    module: str = ""
    """The module whose code makes the exporter."""
    script: Path | None = None
    """The file that is run for the export, which Python calls `__main__`; None where a function is called."""
    imported: tuple[tuple[str, str], ...] = ()
    """What its code has imported before it makes the exporter, in order: modules, each with a name asked of it or "".

    These and what they leave in the process are there when the exporter imports something.
    """
    hides_names: bool = False
    """Whether it may save something under a name that is not known."""
    hides_modules: bool = False
    """Whether that may be the source of a module."""
    asks_archives: bool = False
    """Whether its importers may have modules that the host has not, or others of the same name."""
    configured: Place | None = None
    """Where the configuration completes an export in code."""
    tie: Edit | None = None
    """Names that code in the table, where only the same calls tell that both are one: then the calls may differ."""
    runtime: str | None = None
    """Whose exporter the code uses: torch or tpkg; None for a configured package."""

    @property
    def is_code(self) -> bool:
        """Whether the package was found in code."""
        return self.runtime is not None

    @property
    def actions(self) -> tuple[ActionCall, ...]:
        """The patterns in order; closures name them by their index in here."""
        return tuple(step for step in self.steps if isinstance(step, ActionCall))

    @property
    def roots(self) -> tuple[Root, ...]:
        """What is saved, in order."""
        return tuple(step for step in self.steps if isinstance(step, Root))

    @property
    def known_steps(self) -> int:
        """How many steps come before the first that is not known."""
        return min((item.step for item in self.unknown), default=len(self.steps))

    @property
    def is_open(self) -> bool:
        """Whether something about it is not known, so that nothing may be claimed that depends on it."""
        return bool(self.unknown)
