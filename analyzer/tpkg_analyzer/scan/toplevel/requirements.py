"""Models of `packaging`, by which modules compare versions with what they require (PEP 440 and 508)."""

from typing import TYPE_CHECKING

from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.natives import Arguments, Named, class_in, registering_in
from tpkg_analyzer.scan.toplevel.record import Record
from tpkg_analyzer.scan.toplevel.values import UNKNOWN, Comparable, Instance, RaisedError, Value
from tpkg_analyzer.scan.toplevel.versions import Version

if TYPE_CHECKING:
    from tpkg_analyzer.scan.toplevel.process import Process

REQUIREMENTS: dict[str, Value] = {}
native = registering_in(REQUIREMENTS)


class Specifiers(Comparable):
    """A set of version specifiers. Raises ValueError for a text that is none."""

    def __init__(self, text: str, prereleases: bool | None = None) -> None:
        from packaging.specifiers import SpecifierSet  # few ask for it

        self._set = SpecifierSet(text, prereleases=prereleases)

    def contains(self, version: Version | str, prereleases: bool | None = None) -> bool:
        """Tell whether a version is one of those that are meant."""
        return self._set.contains(str(version), prereleases=prereleases)

    def __contains__(self, version: Version | str) -> bool:
        return self.contains(version)

    def __len__(self) -> int:
        return len(self._set)

    def __str__(self) -> str:
        return str(self._set)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Specifiers) and self._set == other._set

    def __hash__(self) -> int:
        return hash(self._set)


@native("packaging.version.parse", "packaging.version.Version")
def _version(process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    text = arguments[0] if arguments else UNKNOWN
    if isinstance(text, Instance) and text.text is not None:
        text = text.text
    if not isinstance(text, str):
        return UNKNOWN
    try:
        return Version(text)
    except ValueError as error:
        raise RaisedError(class_in(process, "packaging.version", "InvalidVersion", ValueError), str(error)) from None


@native("packaging.specifiers.SpecifierSet")
def _specifiers(process: "Process", _frame: Frame, arguments: Arguments, named: Named) -> Value:
    text = arguments[0] if arguments else named.get("specifiers", "")
    prereleases = named.get("prereleases")
    if not isinstance(text, str) or not (prereleases is None or isinstance(prereleases, bool)):
        return UNKNOWN
    try:
        return Specifiers(text, prereleases)
    except ValueError as error:
        kind = class_in(process, "packaging.specifiers", "InvalidSpecifier", ValueError)
        raise RaisedError(kind, str(error)) from None


@native("packaging.requirements.Requirement")
def _requirement(process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    from packaging.requirements import InvalidRequirement, Requirement

    text = arguments[0] if arguments else UNKNOWN
    if not isinstance(text, str):
        return UNKNOWN
    try:
        read = Requirement(text)
    except InvalidRequirement as error:
        kind = class_in(process, "packaging.requirements", "InvalidRequirement", ValueError)
        raise RaisedError(kind, str(error)) from None
    return Record(
        name=read.name,
        url=read.url,
        extras=set(read.extras),
        specifier=Specifiers(str(read.specifier)),
        marker=None if read.marker is None else UNKNOWN,
    )
