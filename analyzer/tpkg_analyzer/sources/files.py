"""Files behind one protocol: on disk, in an editor's buffers, in memory. Nothing else in the analyzer reads files."""

import os
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Protocol

from tpkg_analyzer.sources.notebooks import SUFFIX as NOTEBOOK
from tpkg_analyzer.sources.notebooks import python_of
from tpkg_analyzer.sources.text import declared_coding, decode_exactly
from tpkg_analyzer.sources.zipped import read_zipped, zipped_entries

COARSEST_CLOCK = 2_000_000_000
"""Nanoseconds after which a change of a file is certain to show in its time of change."""

_DIGITS = 32


class Files(Protocol):
    """Read access by absolute path. An answer may be remembered for the life of the object."""

    def read(self, path: str) -> bytes:
        """Return the content of a file. Raises OSError."""

    def entries(self, folder: str) -> Mapping[str, bool]:
        """Return the names in a folder, each with whether it is a folder; nothing where there is none."""

    def stamp(self, path: str) -> str | None:
        """Return what changes when the file does; None where only reading it can tell."""


class Disk:
    """The file system, zip files as folders, notebooks as Python.

    Listings are remembered: make a new one when the disk may have changed.
    """

    def __init__(self) -> None:
        self._listings: dict[str, Mapping[str, bool]] = {}

    def read(self, path: str) -> bytes:
        """Return the content of a file. Raises OSError."""
        try:
            # Thousands of files in a row, for which a Path and a buffer take as long as the reading.
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123
                data = file.read()
        except NotADirectoryError:
            return read_zipped(path)
        return python_of(data) if path.endswith(NOTEBOOK) else data

    def entries(self, folder: str) -> Mapping[str, bool]:
        """List a folder once; one that cannot be read is empty."""
        known = self._listings.get(folder)
        if known is None:
            try:
                with os.scandir(folder) as found:
                    kinds = ((entry.name, _is_folder_or_file(entry)) for entry in found)
                    known = {name: is_folder for name, is_folder in kinds if is_folder is not None}
            except NotADirectoryError:
                known = zipped_entries(folder)
            except OSError:
                known = {}
            self._listings[folder] = known
        return known

    def stamp(self, path: str) -> str | None:
        """Return size, time of change and inode; None for a file so fresh that its next change could go unseen."""
        try:
            found = os.stat(path)  # noqa: PTH116 - thousands of them, and a Path costs more than the call
        except OSError:
            return None
        if time.time_ns() - found.st_mtime_ns < COARSEST_CLOCK:
            return None
        return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ino}"


class Memory:
    """Files from a mapping of absolute paths to texts; for tests and for code without a place on disk."""

    def __init__(self, texts: Mapping[str, str | bytes]) -> None:
        self._contents = {path: _encoded(text) if isinstance(text, str) else text for path, text in texts.items()}
        self._folders: dict[str, dict[str, bool]] = {}
        for path in self._contents:
            self._add(PurePath(path), is_folder=False)

    def read(self, path: str) -> bytes:
        """Return the content of a file. Raises FileNotFoundError."""
        try:
            return self._contents[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    def entries(self, folder: str) -> Mapping[str, bool]:
        """List a folder."""
        return self._folders.get(folder, {})

    def stamp(self, path: str) -> str | None:  # noqa: ARG002 - the protocol's signature
        """Return None: memory is read as fast as it is asked."""
        return None

    def _add(self, path: PurePath, *, is_folder: bool) -> None:
        parent = path.parent
        if parent == path:
            return
        self._folders.setdefault(str(parent), {})[path.name] = is_folder
        self._add(parent, is_folder=True)


class Overlay:
    """Unsaved texts over other files; what is not in an editor is read from below."""

    def __init__(self, below: Files, texts: Mapping[str, str | bytes]) -> None:
        self.below = below
        self.paths = frozenset(texts)
        self._above = Memory(texts)

    def read(self, path: str) -> bytes:
        """Return the editor's text where there is one. Raises OSError."""
        try:
            return self._above.read(path)
        except FileNotFoundError:
            return self.below.read(path)

    def entries(self, folder: str) -> Mapping[str, bool]:
        """List a folder with the files that are not saved yet."""
        return {**self.below.entries(folder), **self._above.entries(folder)}

    def stamp(self, path: str) -> str | None:
        """Return the stamp from below, None for an editor's text."""
        return None if is_file(self._above, path) else self.below.stamp(path)


def digest_of(data: bytes) -> str:
    """Return the digest by which the content of a file is known."""
    # Processors have instructions for this one, which make it twice as fast as those that were made to be fast.
    return sha256(data).hexdigest()[:_DIGITS]


def exact_text(files: Files, path: Path) -> str | None:
    """Return the text of a file with its own line ends; None for one that cannot be read or decoded."""
    try:
        return decode_exactly(files.read(str(path)))[0]
    except (OSError, SyntaxError, UnicodeDecodeError):
        return None


def _encoded(text: str) -> bytes:
    """Return the bytes that decode to the text again: in the coding that it declares, if that has its letters."""
    try:
        return text.encode(declared_coding(text))
    except (SyntaxError, UnicodeEncodeError):
        return text.encode()


def is_file(files: Files, path: str) -> bool:
    """Tell whether there is a file at `path`, by the listing of its folder."""
    folder, name = os.path.split(path)
    return files.entries(folder).get(name) is False


def is_folder(files: Files, path: str) -> bool:
    """Tell whether there is a folder at `path`."""
    folder, name = os.path.split(path)
    return files.entries(folder).get(name) is True


def _is_folder_or_file(entry: "os.DirEntry[str]") -> bool | None:
    """Tell whether an entry is a folder, None where it is no file either: a pipe, or a link that leads nowhere."""
    try:
        return True if entry.is_dir() else False if entry.is_file() else None
    except OSError:
        return None  # a link that leads in a circle
