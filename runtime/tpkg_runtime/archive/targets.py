"""Where new archives go: a path, a buffer, a folder. Nothing shows there before the archive is whole."""

import errno
import hashlib
import os
import secrets
import shutil
import stat
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import IO

from tpkg_runtime.archive import layout
from tpkg_runtime.archive.records import Data
from tpkg_runtime.archive.zipstream import Sink, ZipStream

_IN_MEMORY = 16 << 20
_LONGEST_NAME = 50
"""How much of a file's name is in that of the one beside it: a file system may take 255 bytes."""


class ZipWriter:
    """Writes to a temporary file and hands it over on commit. The file is made when there is something to write."""

    def __init__(self, archive_name: str, open_file: Callable[[], IO[bytes]], deliver: Callable[[IO[bytes]], None]):
        self._archive_name = archive_name
        self._open_file = open_file
        self._deliver = deliver
        self._file: IO[bytes] | None = None
        self._zip: ZipStream | None = None
        self._drop: weakref.finalize[..., ZipWriter] | None = None
        self._is_open = True

    def write(self, record: str, data: Data) -> None:
        """Add a record. Raises ValueError where there is one of that name."""
        self._stream().write(record, data)

    def commit(self) -> None:
        """Add an id of the contents, and put the archive in its place."""
        stream = self._stream()
        stream.write(layout.SERIALIZATION_ID, _serialization_id(stream.checksums))
        stream.finish()
        assert self._file is not None
        assert self._drop is not None
        self._deliver(self._file)
        self._drop()

    def abort(self) -> None:
        """Drop what was written; the place stays as it was, and nothing can be written any more."""
        self._is_open = False
        if self._drop is not None:
            self._drop()

    def _stream(self) -> ZipStream:
        if not self._is_open:
            raise OSError("the archive cannot be completed: what was written of it was dropped")
        if self._zip is None:
            self._file = self._open_file()
            # An exporter that is neither closed nor left by `with` must not leave its file behind.
            self._drop = weakref.finalize(self, _discard, self._file, os.getpid())
            self._zip = ZipStream(self._file, self._archive_name)
        return self._zip


def to_path(path: str) -> ZipWriter:
    """Return a writer that replaces the file at `path` in one step, on commit.

    A file that can be written to, but not replaced, is written over when the archive is complete. Raises
    FileNotFoundError where the folder is missing, IsADirectoryError where `path` is a folder, and PermissionError.
    """
    place = Path(os.path.realpath(path))
    name = place.name.rpartition(".")[0] or place.name
    if not place.parent.is_dir():
        raise FileNotFoundError(f"Parent directory {place.parent} does not exist.")
    if place.is_dir():
        raise IsADirectoryError(f"Cannot write an archive to {path}: it is a directory.")
    is_beside = os.access(place.parent, os.W_OK)
    if not is_beside and not os.access(place, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))
    # A device or a pipe takes the bytes but must not be replaced.
    if not is_beside or (place.exists() and not place.is_file()):
        return ZipWriter(name, _spool, lambda file: _copy_to_path(file, place))
    beside = place.with_name(f".{place.name[:_LONGEST_NAME]}.{secrets.token_hex(8)}.tmp")
    return ZipWriter(name, lambda: beside.open("xb"), lambda file: _replace(file, place))


def to_buffer(buffer: Sink) -> ZipWriter:
    """Return a writer that copies the whole archive to `buffer` on commit, from its position on."""
    return ZipWriter("archive", _spool, lambda file: _copy(file, buffer))


class DirectoryWriter:
    """Writes records as files of a new folder, which appears on commit."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._place = Path(path)
        if self._place.exists():
            raise FileExistsError(f"{self._place} exists already")
        self._beside = self._place.with_name(f".{self._place.name}.{secrets.token_hex(8)}.tmp")

    def write(self, record: str, data: Data) -> None:
        """Add a file. Raises ValueError where the name would lead outside of the folder or exists already."""
        parts = record.replace("\\", "/").split("/")
        if any(part in {"", ".", ".."} or ":" in part or "\0" in part for part in parts):
            raise ValueError(f"record '{record}' is no name for a file inside of the folder")
        file = self._beside.joinpath(*parts)
        if file.exists():
            raise ValueError(f"record '{record}' exists already")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def commit(self) -> None:
        """Let the folder appear at its place."""
        self._beside.mkdir(parents=True, exist_ok=True)
        self._beside.rename(self._place)

    def abort(self) -> None:
        """Drop what was written."""
        shutil.rmtree(self._beside, ignore_errors=True)


def _serialization_id(checksums: dict[str, int]) -> bytes:
    """Return 40 digits that are a function of the contents, like the id that torch writes."""
    digest = hashlib.sha256(repr(sorted(checksums.items())).encode()).digest()
    return b"%040d" % (int.from_bytes(digest[:16], "big"))


def _spool() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)


def _copy(file: IO[bytes], buffer: Sink) -> None:
    file.seek(0)
    while chunk := file.read(1 << 20):
        buffer.write(chunk)
    flush = getattr(buffer, "flush", None)
    if flush is not None:
        flush()


def _copy_to_path(file: IO[bytes], place: Path) -> None:
    with place.open("wb") as device:
        _copy(file, device)


def _replace(file: IO[bytes], place: Path) -> None:
    file.close()
    if place.exists():
        Path(file.name).chmod(stat.S_IMODE(place.stat().st_mode))
    try:
        Path(file.name).replace(place)
    except OSError as error:
        if error.errno != errno.EBUSY:  # as a mounted file is
            raise
        with Path(file.name).open("rb") as whole:
            _copy_to_path(whole, place)


def _discard(file: IO[bytes], process: int) -> None:
    if os.getpid() != process:
        return  # a forked process ends, and the one that writes the file goes on
    file.close()
    if isinstance(file.name, str):
        Path(file.name).unlink(missing_ok=True)
