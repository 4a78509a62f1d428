"""Metadata of distributions that was saved with a package, as `importlib.metadata` gives it."""

import importlib.metadata
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from tpkg_runtime.archive import layout
from tpkg_runtime.archive.records import RecordReader


class SavedDistribution(importlib.metadata.Distribution):
    """A distribution whose metadata lies in an archive."""

    def __init__(self, reader: RecordReader, folder: str) -> None:
        self._reader = reader
        self._folder = folder

    def read_text(self, filename: Any) -> str | None:
        """Return the text of a metadata file, None where it was not saved."""
        record = f"{self._folder}/{filename}"
        return self._reader.read(record).decode("utf-8") if self._reader.has(record) else None

    def locate_file(self, path: Any) -> Any:
        """Return the path inside of the archive: a distribution's files are not saved as such."""
        return PurePosixPath(str(path))


def saved_distributions(reader: RecordReader) -> Iterator[SavedDistribution]:
    """Yield the distributions whose metadata was saved."""
    start = len(layout.METADATA)
    names = (record[start:].partition("/")[0] for record in reader.names() if record.startswith(layout.METADATA))
    return (SavedDistribution(reader, layout.METADATA + name) for name in dict.fromkeys(names))


def find_distribution(reader: RecordReader, name: str) -> importlib.metadata.Distribution:
    """Return the saved distribution of a name, else the installed one. Raises PackageNotFoundError."""
    for distribution in saved_distributions(reader):
        if _normalized(distribution.metadata["Name"]) == _normalized(name):
            return distribution
    return importlib.metadata.distribution(name)


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
