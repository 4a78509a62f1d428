"""The two protocols behind which archives stand."""

from collections.abc import Callable, Sequence
from typing import IO, Protocol

Data = bytes | bytearray | memoryview
Views = Callable[[str], memoryview | None]
"""Returns a mapping of a record, None where it has none. Raises RecordNotFoundError and ArchiveError."""


class RecordReader(Protocol):
    """Read access to the records of an archive; safe to use from several threads."""

    @property
    def name(self) -> str:
        """How messages name the archive: its path, or `<binary>`."""

    def names(self) -> Sequence[str]:
        """Return the names of all records, in the order of the archive."""

    def has(self, record: str) -> bool:
        """Tell whether there is a record of that name."""

    def size(self, record: str) -> int:
        """Return the size in bytes. Raises RecordNotFoundError."""

    def read(self, record: str) -> bytes:
        """Return the whole record. Raises RecordNotFoundError, and ArchiveError where it is damaged."""

    def views(self) -> Views:
        """Return a way to private, writable mappings of records, which two calls of this do not share.

        A mapping stays valid after `close`, and when the file is replaced; nothing of it is in memory before it is
        used. There is none of a record that lies compressed or in memory.
        """

    def whole(self) -> IO[bytes] | None:
        """Return the archive as one file of its own, None for a folder."""

    def close(self) -> None:
        """Give back the file; reading afterwards raises ArchiveError."""


class RecordWriter(Protocol):
    """Write access to a new archive, of which nothing can be seen before `commit`."""

    def write(self, record: str, data: Data) -> None:
        """Add a record. Raises ValueError where there is one of that name."""

    def commit(self) -> None:
        """Complete the archive and put it in its place."""

    def abort(self) -> None:
        """Drop what was written; the place stays as it was."""
