"""Reading archives that were extracted to a folder."""

import mmap
import os
from collections.abc import Sequence
from pathlib import Path

from tpkg_runtime.archive.errors import RecordNotFoundError, describe_missing
from tpkg_runtime.archive.records import Views


class DirectoryReader:
    """The files below a folder as records; links that lead out of the folder are no records."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.name = path
        root = os.path.realpath(path)
        self._files: dict[str, Path] = {}
        for folder, folders, files in os.walk(root):
            folders.sort()
            for file in sorted(files):
                place = Path(folder, file)
                if place.is_file() and place.resolve().is_relative_to(root):
                    self._files[place.relative_to(root).as_posix()] = place

    def names(self) -> Sequence[str]:
        """Return the names of all records, sorted folder by folder."""
        return list(self._files)

    def has(self, record: str) -> bool:
        """Tell whether there is a record of that name."""
        return record in self._files

    def size(self, record: str) -> int:
        """Return the size in bytes. Raises RecordNotFoundError."""
        return self._file(record).stat().st_size

    def read(self, record: str) -> bytes:
        """Return the whole record. Raises RecordNotFoundError."""
        return self._file(record).read_bytes()

    def views(self) -> Views:
        """Return a way to private, writable mappings of files; there is none of an empty one."""
        return self._view

    def _view(self, record: str) -> memoryview | None:
        with self._file(record).open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                return None
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))

    def whole(self) -> None:
        """Return None: a folder is not one file."""

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def _file(self, record: str) -> Path:
        try:
            return self._files[record]
        except KeyError:
            hint = describe_missing(record, self._files)
            raise RecordNotFoundError(f"{self.name} has no record '{record}'. {hint}") from None
