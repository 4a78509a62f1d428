"""The archive as code of torch sees it, which asks an importer for its `zip_reader`."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from tpkg_runtime.archive import layout
from tpkg_runtime.archive.records import RecordReader


def torch_reader(reader: RecordReader) -> Any:
    """Return torch's own reader of the archive; for a folder, which that cannot read, something of the same form."""
    whole = reader.whole()
    return FolderReader(reader) if whole is None else import_module("torch")._C.PyTorchFileReader(whole)


class FolderReader:
    """An extracted archive, with the methods of `torch._C.PyTorchFileReader` that make sense for it."""

    def __init__(self, reader: RecordReader) -> None:
        self._reader = reader

    def get_record(self, name: str) -> bytes:
        """Return the bytes of a record."""
        return self._reader.read(name)

    def has_record(self, name: str) -> bool:
        """Tell whether there is a record."""
        return self._reader.has(name)

    def get_all_records(self) -> Sequence[str]:
        """Return the names of all records."""
        return self._reader.names()

    def serialization_id(self) -> bytes | str:
        """Return the id that the archive was written with, an empty text where it has none."""
        return self._reader.read(layout.SERIALIZATION_ID) if self._reader.has(layout.SERIALIZATION_ID) else ""
