"""A zip file written record by record to any stream: stored, with aligned data, as PyTorch's reader wants it.

The format is APPNOTE 6.3: local headers, central directory, and the zip64 records where sizes need them. Each record
is whole when it is written, so that the stream need not be able to seek.
"""

import struct
import zlib
from typing import Protocol

from tpkg_runtime.archive.records import Data

ALIGNMENT = 64
"""Data begins at a multiple of this, as in torch's archives, so that tensors can be used from the mapped file."""

_LIMIT = 0xFFFFFFFF
_PIECE = 16 << 20
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_DATE = (1 << 5) | 1  # 1980-01-01, so that equal contents give equal archives
_UTF8 = 0x800


class Sink(Protocol):
    """What the bytes go to."""

    def write(self, data: Data, /) -> object:
        """Take all of `data`."""


class ZipStream:
    """Writes one archive whose records all lie in the folder `archive_name`."""

    def __init__(self, sink: Sink, archive_name: str) -> None:
        self._sink = sink
        self._folder = archive_name
        self._offset = 0
        self._is_whole = True
        self._central: list[bytes] = []
        self.checksums: dict[str, int] = {}
        """The CRC-32 of each record so far."""

    def write(self, record: str, data: Data) -> None:
        """Add a record. Raises ValueError where there is one of that name, and OSError after a failure."""
        self._check()
        if record in self.checksums:
            raise ValueError(f"record '{record}' exists already")
        name = f"{self._folder}/{record}".encode()
        view = memoryview(data)
        crc = self.checksums[record] = zlib.crc32(view)
        size, offset = view.nbytes, self._offset
        shown = _capped(size)
        large = struct.pack("<2H2Q", 1, 16, size, size) if size >= _LIMIT else b""
        extra = large + _padding(offset + _LOCAL.size + len(name) + len(large))
        needed = 45 if size >= _LIMIT or offset >= _LIMIT else 20
        header = (needed, _UTF8, 0, 0, _DATE, crc, shown, shown, len(name))
        self._put(_LOCAL.pack(b"PK\3\4", *header, len(extra)) + name + extra)
        self._put(view)
        large = _central_extra(size, offset)
        place = (len(large), 0, 0, 0, 0, _capped(offset))
        self._central.append(_CENTRAL.pack(b"PK\1\2", needed, *header, *place) + name + large)

    def finish(self) -> None:
        """Write the central directory, which completes the archive. Raises OSError after a failure."""
        self._check()
        start, count = self._offset, len(self._central)
        for entry in self._central:
            self._put(entry)
        size = self._offset - start
        if start >= _LIMIT or size >= _LIMIT or count >= 0xFFFF:
            end = self._offset
            self._put(_END64.pack(b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start))
            self._put(_LOCATOR.pack(b"PK\6\7", 0, end, 1))
        many = min(count, 0xFFFF)
        self._put(_END.pack(b"PK\5\6", 0, 0, many, many, _capped(size), _capped(start), 0))

    def _check(self) -> None:
        if not self._is_whole:
            raise OSError("the archive cannot be completed: a part of it could not be written")

    def _put(self, data: Data) -> None:
        self._is_whole = False  # until all of it is written
        # In pieces: writes of gigabytes at once are slow on common file systems.
        for start in range(0, len(data), _PIECE):
            self._sink.write(data[start : start + _PIECE])
        self._offset += len(data)
        self._is_whole = True


def _capped(value: int) -> int:
    return min(value, _LIMIT)


def _padding(offset: int) -> bytes:
    """Return an extra field that brings data which would begin at `offset` to its alignment; named as torch does."""
    fill = -(offset + 4) % ALIGNMENT
    return struct.pack("<2sH", b"FB", fill) + b"Z" * fill


def _central_extra(size: int, offset: int) -> bytes:
    fields = [size, size] if size >= _LIMIT else []
    if offset >= _LIMIT:
        fields.append(offset)
    return struct.pack(f"<2H{len(fields)}Q", 1, 8 * len(fields), *fields) if fields else b""
