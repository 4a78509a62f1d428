"""What an answer rests on: the files and folders that were looked at, and whether they are still as they were.

A stamp that is the same proves that nothing has changed; where it differs, or was too fresh to be trusted when it was
taken, the content decides.
"""

import os
from collections.abc import Iterable, Mapping
from time import time_ns

import msgspec

from tpkg_analyzer.sources.files import COARSEST_CLOCK, Disk, Files, digest_of

Looked = tuple[str, str | None, str | None]
"""Name, stamp and digest of content; no digest where there is nothing, no stamp where only the content counts."""


class Evidence(msgspec.Struct, array_like=True):
    """The files by folder, and the folders, that an answer rests on."""

    files: dict[str, list[Looked]]
    folders: list[Looked]


class Trace:
    """Collects paths; what is remembered elsewhere and not looked at again must be added by who remembers it."""

    def __init__(self) -> None:
        self._began = time_ns()
        self.files: dict[str, str | None] = {}
        """The digest of the content of each file that was asked for."""
        self.folders: dict[str, str] = {}
        """The digest of the listing of each folder that was asked for."""

    def add(self, other: "Trace") -> None:
        """Take over what another has collected."""
        self._began = min(self._began, other._began)
        self.files.update(other.files)
        self.folders.update(other.folders)

    def below(self, folders: Iterable[str]) -> "Trace":
        """Return what was collected so far in and below some folders."""
        inside = tuple(os.path.join(folder, "") for folder in folders)
        part = Trace()
        part._began = self._began
        part.files = {path: digest for path, digest in self.files.items() if path.startswith(inside)}
        part.folders = {
            path: digest for path, digest in self.folders.items() if os.path.join(path, "").startswith(inside)
        }
        return part

    def evidence(self) -> Evidence:
        """Return what was collected, with stamps that can be compared later."""
        files: dict[str, list[Looked]] = {}
        for path, digest in self.files.items():
            folder, name = os.path.split(path)
            stamp = self._stamp(path) if digest is not None else None
            files.setdefault(folder, []).append((name, stamp, digest))
        return Evidence(files, [(folder, self._stamp(folder), digest) for folder, digest in self.folders.items()])

    def _stamp(self, path: str) -> str | None:
        found = _status(path)
        if found is None:
            return None
        # What changed after the work began, or so shortly before that its next change could go unseen, is told by its
        # content; the time of the last change of the entry catches files that were put in place with an older date.
        is_settled = max(found.st_mtime_ns, found.st_ctime_ns) < self._began - COARSEST_CLOCK
        return _in_words(found) if is_settled else None


class Traced:
    """Other files, with a trace of what is asked of them."""

    def __init__(self, below: Files, trace: Trace) -> None:
        self.below = below
        self.trace = trace

    def read(self, path: str) -> bytes:
        """Return the content of a file. Raises OSError."""
        try:
            data = self.below.read(path)
        except OSError:
            self.trace.files[path] = None
            raise
        if self.trace.files.get(path) is None:  # one that has changed since is found to differ later
            self.trace.files[path] = digest_of(data)
        return data

    def entries(self, folder: str) -> Mapping[str, bool]:
        """List a folder."""
        found = self.below.entries(folder)
        if folder not in self.trace.folders:
            self.trace.folders[folder] = listing_digest(found)
        return found

    def stamp(self, path: str) -> str | None:
        """Return the stamp from below."""
        return self.below.stamp(path)


def listing_digest(entries: Mapping[str, bool]) -> str:
    """Return the digest of a folder's names, of those that can matter to an import."""
    names = sorted(f"{name}/" if is_folder else name for name, is_folder in entries.items() if name != "__pycache__")
    return digest_of("\0".join(names).encode("utf-8", "surrogatepass"))


def holds(evidence: Evidence) -> bool:
    """Tell whether everything that an answer rests on is as it was, on disk."""
    disk = Disk()
    return all(_same_folder(disk, *looked) for looked in evidence.folders) and all(
        _same_files(disk, folder, looked) for folder, looked in evidence.files.items()
    )


def _same_files(disk: Disk, folder: str, looked: Iterable[Looked]) -> bool:
    for name, stamp, digest in looked:
        path = os.path.join(folder, name)
        if stamp is not None and _stamp(path) == stamp:
            continue
        try:
            found = digest_of(disk.read(path))
        except OSError:
            found = None
        if found != digest:
            return False
    return True


def _same_folder(disk: Disk, folder: str, stamp: str | None, digest: str | None) -> bool:
    return (stamp is not None and _stamp(folder) == stamp) or listing_digest(disk.entries(folder)) == digest


def _stamp(path: str) -> str | None:
    found = _status(path)
    return _in_words(found) if found is not None else None


def _in_words(found: os.stat_result) -> str:
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ino}"


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - thousands of them, and a Path costs more than the call
    except OSError:
        return None
