"""What is analysed: a package is one export, its ordered actions and its roots."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tpkg_runtime.spec.actions import Action
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
    source: str | None = None
    is_package: bool = False
    dependencies: bool = True


@dataclass(frozen=True, slots=True)
class Unknown:
    """An expression that the analyzer could not evaluate."""

    path: Path
    span: Span
    expression: str


@dataclass(frozen=True, slots=True)
class Package:
    """One export: the calls on its exporter in their order. A configured one has its actions first."""

    name: str
    declared: Place
    steps: tuple[ActionCall | Root, ...] = ()
    archive: Path | None = None
    at: str | None = None
    smoke: str | None = None
    unknown: tuple[Unknown, ...] = ()

    @property
    def actions(self) -> tuple[ActionCall, ...]:
        """The patterns in order; closures name them by their index in here."""
        return tuple(step for step in self.steps if isinstance(step, ActionCall))

    @property
    def roots(self) -> tuple[Root, ...]:
        """What is saved, in order."""
        return tuple(step for step in self.steps if isinstance(step, Root))

    @property
    def is_open(self) -> bool:
        """Whether something about it is not known, so that nothing may be claimed that depends on it."""
        return bool(self.unknown)
