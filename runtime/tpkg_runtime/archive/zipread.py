"""Reading archives that are zip files, on disk or in a buffer."""

import io
import mmap
import os
import struct
import threading
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, cast

from tpkg_runtime.archive.errors import ArchiveError, RecordNotFoundError, describe_missing
from tpkg_runtime.archive.records import Views

_LOCAL_HEADER = struct.Struct("<4s2xH18x2H")
_LOCAL_SIGNATURE = b"PK\3\4"
_UTF8 = 0x800
_UNREADABLE = 0x1 | 0x20 | 0x40
"""Flags of entries that are encrypted or patches."""
_EXPANSION = 200
_DEPTH = 200
_ALWAYS_READ = 256 << 20


class ZipReader:
    """The records of a zip file, all of which lie in one folder, as PyTorch writes them.

    Of several entries with one name the last counts, as for all tools that append. Raises ArchiveError.
    """

    def __init__(self, source: str | IO[bytes]) -> None:
        self.path = source if isinstance(source, str) else None
        self.name = self.path or "<binary>"
        with self._translated("read"):
            self._zip = zipfile.ZipFile(source)
            self.size_on_disk = _length(self._zip)
        self._lock = threading.Lock()
        self.folder, self._entries = self._index()

    def _index(self) -> tuple[str, dict[str, zipfile.ZipInfo]]:
        entries = self._zip.infolist()
        folder = entries[0].filename.partition("/")[0] if entries else ""
        for entry in entries:
            if not entry.filename.startswith(folder + "/"):
                self.close()
                raise ArchiveError(f"{self.name}: file in archive is not in a subdirectory {folder}/: {entry.filename}")
            if entry.filename.count("/") > _DEPTH:
                self.close()
                raise ArchiveError(f"{self.name}: entry {entry.filename[:80]}... has more than {_DEPTH} folders")
        return folder, {entry.filename[len(folder) + 1 :]: entry for entry in entries if not entry.is_dir()}

    def names(self) -> Sequence[str]:
        """Return the names of all records, in the order of the archive."""
        return list(self._entries)

    def has(self, record: str) -> bool:
        """Tell whether there is a record of that name."""
        return record in self._entries

    def size(self, record: str) -> int:
        """Return the size in bytes. Raises RecordNotFoundError."""
        return self._entry(record).file_size

    def read(self, record: str) -> bytes:
        """Return the whole record, whose checksum is compared. Raises RecordNotFoundError and ArchiveError."""
        entry = self._entry(record)
        self._check_size(record, entry)
        with self._translated(f"read record '{record}' of"):
            return self._zip.read(entry)

    def views(self) -> Views:
        """Return a way to views of one private, writable mapping. Raises ArchiveError after `close`."""
        whole = self._mapping() if self.path is not None else None

        def view(record: str) -> memoryview | None:
            entry = self._entry(record)
            stored = entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & _UNREADABLE
            if whole is None or not stored or not entry.file_size:
                return None
            self._check_size(record, entry)
            with self._translated(f"read record '{record}' of"):
                start = _start(whole, entry)
            if start + entry.file_size > len(whole):
                raise ArchiveError(f"{self.name}: record '{record}' is truncated")
            return memoryview(whole)[start : start + entry.file_size]

        return view

    def entries(self) -> list[zipfile.ZipInfo]:
        """Return all entries of the zip file, repeated ones included."""
        return self._zip.infolist()

    def whole(self) -> IO[bytes]:
        """Return the archive as one file, with a position of its own."""
        with self._translated("read"), self._lock:
            file = self._zip.fp
            if file is None:
                raise ValueError("the archive is closed")
            if self.path is not None:
                # Of the open file, not of the path: an export may have replaced what the path names.
                return cast("IO[bytes]", mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            position = file.tell()
            file.seek(0)
            content = io.BytesIO(file.read())
            file.seek(position)
            return content

    def close(self) -> None:
        """Give back the file; reading afterwards raises ArchiveError."""
        self._zip.close()

    def _entry(self, record: str) -> zipfile.ZipInfo:
        try:
            return self._entries[record]
        except KeyError:
            hint = describe_missing(record, self._entries)
            raise RecordNotFoundError(f"{self.name} has no record '{record}'. {hint}") from None

    def _check_size(self, record: str, entry: zipfile.ZipInfo) -> None:
        """Refuse entries whose claim on memory has no relation to the file, before memory is asked for."""
        if entry.compress_type == zipfile.ZIP_STORED:
            if entry.file_size > self.size_on_disk:
                raise ArchiveError(f"{self.name}: record '{record}' claims more bytes than the archive has")
        elif entry.file_size > max(_ALWAYS_READ, entry.compress_size * _EXPANSION):
            raise ArchiveError(f"{self.name}: record '{record}' claims to expand more than {_EXPANSION} times")

    def _mapping(self) -> mmap.mmap:
        # Of the open file, not of the path: an export may have replaced what the path names.
        with self._translated("read"), self._lock:
            if self._zip.fp is None:
                raise ValueError("the archive is closed")
            return mmap.mmap(self._zip.fp.fileno(), 0, access=mmap.ACCESS_COPY)

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (ArchiveError, MemoryError):
            raise
        except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError) as error:
            raise ArchiveError(f"cannot {doing} {self.name}: {error}") from error
        except (NotImplementedError, RuntimeError) as error:  # compression and encryption that zipfile does not know
            raise ArchiveError(f"cannot {doing} {self.name}: {error}") from error
        except OSError as error:
            if error.errno is not None and error.filename is not None:
                raise
            raise ArchiveError(f"cannot {doing} {self.name}: {error}") from error


def _start(whole: mmap.mmap, entry: zipfile.ZipInfo) -> int:
    """Return where an entry's bytes start. Raises what zipfile raises where its two headers do not agree."""
    if entry.header_offset < 0:
        raise zipfile.BadZipFile(f"negative offset of file '{entry.orig_filename}'")
    signature, flags, name_length, extra_length = _LOCAL_HEADER.unpack_from(whole, entry.header_offset)
    if signature != _LOCAL_SIGNATURE:
        raise zipfile.BadZipFile("Bad magic number for file header")
    name_start = entry.header_offset + _LOCAL_HEADER.size
    name = whole[name_start : name_start + name_length].decode("utf-8" if flags & _UTF8 else "cp437")
    if name != entry.orig_filename:
        raise zipfile.BadZipFile(f"File name in directory {entry.orig_filename!r} and header {name!r} differ.")
    return int(name_start + name_length + extra_length)


def _length(archive: zipfile.ZipFile) -> int:
    file = archive.fp
    assert file is not None
    position = file.tell()
    length = file.seek(0, os.SEEK_END)
    file.seek(position)
    return length
