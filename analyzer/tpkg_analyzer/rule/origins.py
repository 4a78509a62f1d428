"""Which side of the package boundary a value comes from, as far as that is certain."""

from dataclasses import dataclass, replace
from enum import Enum

import libcst as cst

from tpkg_analyzer.rule.module import AnalyzedModule


class Kind(Enum):
    """What a value is, seen from the boundary."""

    IMPORTER = "importer"
    """A PackageImporter."""
    MODULE = "module"
    """A module of a package."""
    CLASS = "class"
    """A class that is defined in a package's module."""
    FUNCTION = "function"
    """A function that is defined in a package's module."""
    OBJECT = "object"
    """An object that a package gave: unpickled, made by a class of it, an attribute of such an object."""
    HOST_OBJECT = "host object"
    """An object that the host made by calling a class of the project."""
    CONTAINER = "container"
    """A container of the host whose elements have one origin."""
    NOTHING = "nothing"
    """None, or a value that is defined by itself: agrees with every other origin."""


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """Where a value comes from.

    `source` is the expression that lets it in, in `module`. `importer` is the call that makes the PackageImporter, None
    where it may be one of several. `name` is the dotted name of a module, class or function, and of an object's class
    where that is known. `loads` are the arguments of load_pickle for what it returned itself.
    """

    kind: Kind
    module: AnalyzedModule
    source: cst.CSTNode
    importer: cst.CSTNode | None = None
    name: str | None = None
    element: "Origin | None" = None
    loads: cst.Call | None = None

    @property
    def is_packaged(self) -> bool:
        """Whether the value belongs to a package."""
        return self.kind in (Kind.MODULE, Kind.CLASS, Kind.FUNCTION, Kind.OBJECT)

    def part(self) -> "Origin":
        """Return the origin of what this object holds: the same package, an unknown class."""
        return replace(self, kind=Kind.OBJECT, name=None, loads=None)


def agreed(origins: list[Origin | None]) -> Origin | None:
    """Return the one origin of a value that may be any of these, None where they differ or one is not known."""
    known = [origin for origin in origins if origin is not None and origin.kind is not Kind.NOTHING]
    if len(known) != sum(origin is None or origin.kind is not Kind.NOTHING for origin in origins):
        return None
    if not known:
        return origins[0] if origins else None
    first = known[0]
    for other in known[1:]:
        if other.kind is not first.kind:
            return None
        if other.kind in (Kind.CLASS, Kind.FUNCTION, Kind.MODULE, Kind.HOST_OBJECT) and other.name != first.name:
            return None
        element = agreed([first.element, other.element]) if first.element or other.element else None
        if first.element and element is None:
            return None
        first = replace(
            first,
            importer=first.importer if first.importer is other.importer else None,
            name=first.name if first.name == other.name else None,
            loads=first.loads if first.loads is other.loads else None,
            element=element,
        )
    return first
