"""Metadata of distributions on its way into an archive."""

from collections.abc import Iterator
from importlib import metadata

from tpkg_runtime.archive import layout

_FILES = ("METADATA", "PKG-INFO", "entry_points.txt", "top_level.txt")


def metadata_records(distribution: str) -> Iterator[tuple[str, bytes]]:
    """Yield the records that hold the metadata of an installed distribution. Raises PackageNotFoundError."""
    found = metadata.distribution(distribution)
    for file in _FILES:
        text = found.read_text(file)
        if text is not None:
            yield f"{layout.METADATA}{found.metadata['Name']}/{file}", text.encode()
