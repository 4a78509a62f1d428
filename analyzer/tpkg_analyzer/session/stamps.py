"""What findings rest on beside their own file: modules, archives and what is in them, by name, with their stamps."""

import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.sources.archives import modules_in, records_in
from tpkg_analyzer.sources.files import Files, digest_of

PACKAGED = "*"
"""Stands for all first-party modules that the packages intern, where a rule has asked about any of them."""

_ARCHIVE = "archive:"
_PICKLE = "pickle:"


def archive(path: Path) -> str:
    """Return the name under which the records of an archive are asked about."""
    return f"{_ARCHIVE}{path}"


def pickle(path: Path, record: str) -> str:
    """Return the name under which it is asked what a pickle in an archive names."""
    return f"{_PICKLE}{record}\n{path}"


class Stamps:
    """What changes when something does that was asked about, read once."""

    def __init__(self, environment: StaticEnvironment, files: Files, packaged: Callable[[], Iterable[str]]) -> None:
        """`packaged` gives the modules that PACKAGED stands for."""
        self._environment = environment
        self._files = files
        self._packaged = packaged
        self._known: dict[str, tuple[str | None, str | None]] = {}
        """Each stamp behind the file to which it belongs, None where that is not one."""

    def of(self, name: str) -> str | None:
        """Return the stamp of a dotted name or of one of the others here; None for what is not there."""
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name][1]

    def renew(self, changed: Collection[str] | None = None) -> None:
        """Read anew what may be another with the files at `changed`; None stands for all files."""
        if changed is None:
            self._known.clear()
            return
        paths = {None, *changed}
        for name in [name for name, (path, _) in self._known.items() if path in paths]:
            del self._known[name]

    def _read(self, name: str) -> tuple[str | None, str | None]:
        if name == PACKAGED:
            return None, _digest_of(f"{item}={self.of(item)}" for item in self._packaged())
        if name.startswith(_ARCHIVE):
            return None, _digest_of(records_in(self._files, Path(name.removeprefix(_ARCHIVE))))
        if name.startswith(_PICKLE):
            record, _, path = name.removeprefix(_PICKLE).partition("\n")
            return None, _digest_of(modules_in(self._files, Path(path), record))
        location = self._environment.locate(name)
        if location is None:
            return None, None
        facts = self._environment.facts(name)
        file = os.path.normpath(location.path) if location.path is not None else None
        return file, f"{facts.digest if facts else ''}:{location.path}:{location.is_first_party}"


def _digest_of(items: Iterable[str] | None) -> str | None:
    return None if items is None else digest_of("\n".join(sorted(items)).encode(errors="backslashreplace"))
