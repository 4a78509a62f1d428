"""Resources of a packaged package for `importlib.resources`: the newer interface, and the older reader."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from tpkg_runtime.archive.records import RecordReader


class ArchivePath:
    """A file or folder of an archive; an `importlib.resources.abc.Traversable`."""

    def __init__(self, reader: RecordReader, path: str) -> None:
        self._reader = reader
        self._path = path

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self._path.rpartition("/")[2]

    def iterdir(self) -> Iterator["ArchivePath"]:
        """Yield what lies in the folder."""
        below = f"{self._path}/"
        names = (record[len(below) :].partition("/")[0] for record in self._reader.names() if record.startswith(below))
        return (ArchivePath(self._reader, below + name) for name in dict.fromkeys(names))

    def is_dir(self) -> bool:
        """Tell whether this is a folder."""
        return any(record.startswith(f"{self._path}/") for record in self._reader.names())

    def is_file(self) -> bool:
        """Tell whether this is a file."""
        return self._reader.has(self._path)

    def joinpath(self, *descendants: str) -> "ArchivePath":
        """Return the path of something below; parts may hold several segments."""
        parts = [part for each in descendants for part in str(each).split("/") if part not in {"", "."}]
        return ArchivePath(self._reader, "/".join([self._path, *parts]))

    def __truediv__(self, child: str) -> "ArchivePath":
        return self.joinpath(child)

    def open(self, mode: str = "r", *args: Any, **kwargs: Any) -> IO[Any]:
        """Open the file for reading, as text or (`"rb"`) as bytes."""
        stream = io.BytesIO(self.read_bytes())
        return stream if "b" in mode else io.TextIOWrapper(stream, *args, **kwargs)

    def read_bytes(self) -> bytes:
        """Return the bytes of the file. Raises FileNotFoundError."""
        if self.is_dir():
            raise IsADirectoryError(self._path)
        return self._reader.read(self._path)

    def read_text(self, encoding: str | None = None, errors: str | None = None) -> str:
        """Return the text of the file. Raises FileNotFoundError."""
        with self.open(encoding=encoding or "utf-8", errors=errors or "strict") as file:
            text: str = file.read()
        return text

    def __repr__(self) -> str:
        return f"ArchivePath({self._reader.name!r}, {self._path!r})"


class PackageResources:
    """The resource reader of one package: an `importlib.resources.abc.TraversableResources`."""

    def __init__(self, reader: RecordReader, package: str) -> None:
        self._reader = reader
        self._folder = package.replace(".", "/")

    def files(self) -> ArchivePath:
        """Return the folder of the package."""
        return ArchivePath(self._reader, self._folder)

    def open_resource(self, resource: str) -> IO[bytes]:
        """Open a resource. Raises FileNotFoundError."""
        return io.BytesIO(self._reader.read(f"{self._folder}/{resource}"))

    def resource_path(self, resource: str) -> str:
        """Return the path of a resource on disk. Raises FileNotFoundError, always for archives."""
        path = Path(self._reader.name, self._folder, resource)
        if not path.is_file():
            raise FileNotFoundError(resource)
        return str(path)

    def is_resource(self, name: str) -> bool:
        """Tell whether there is a resource of that name."""
        return self._reader.has(f"{self._folder}/{name}")

    def contents(self) -> Iterator[str]:
        """Yield the names of the files and folders of the package."""
        return (path.name for path in self.files().iterdir())
