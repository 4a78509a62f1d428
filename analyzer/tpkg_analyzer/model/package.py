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
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Root:
    """Something that is saved: a module by save_module, or an object of `module` (of class `cls`) by save_pickle."""

    kind: RootKind
    module: str
    cls: str | None = None
    place: Place = Place(None)


@dataclass(frozen=True, slots=True)
class Unknown:
    """An expression that the analyzer could not evaluate."""

    path: Path
    span: Span
    expression: str


@dataclass(frozen=True, slots=True)
class Package:
    """One export. All actions come first, then the modules, then the objects, each in their order."""

    name: str
    declared: Place
    actions: tuple[ActionCall, ...] = ()
    roots: tuple[Root, ...] = ()
    archive: Path | None = None
    at: str | None = None
    smoke: str | None = None
    unknown: tuple[Unknown, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether something about it is not known, so that nothing may be claimed that depends on it."""
        return bool(self.unknown)
