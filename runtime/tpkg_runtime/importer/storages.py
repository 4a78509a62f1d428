"""Tensor storages out of an archive: mapped from the file where that is possible. Imports torch."""

import ctypes
import sys
from functools import cached_property
from importlib import import_module
from typing import Any

from tpkg_runtime.archive import layout
from tpkg_runtime.archive.errors import ArchiveError
from tpkg_runtime.archive.records import RecordReader

_ALIGNMENT = 64


class StorageLoader:
    """Loads the storages of one archive."""

    def __init__(self, reader: RecordReader) -> None:
        self._reader = reader
        self._torch: Any = import_module("torch")

    def load(self, key: str, count: int, dtype: Any) -> Any:
        """Return the `TypedStorage` of `count` elements that a pickle calls `key`.

        Nothing is read before it is used where the archive lies on disk; writing to it never changes the file.
        Raises ArchiveError where the record is missing, damaged or too small.
        """
        record = layout.storage_record(key)
        there = self._reader.size(record)
        size = count * dtype.itemsize if isinstance(count, int) else -1
        if not 0 <= size <= there:
            raise ArchiveError(
                f"{self._reader.name}: record '{record}' has {there} bytes, its tensors need {count} {dtype}"
            )
        untyped = self._mapped(record, size) if size else self._torch.UntypedStorage(0)
        if untyped is None:
            untyped = self._torch.UntypedStorage(size)
            ctypes.memmove(untyped.data_ptr(), self._reader.read(record), size)
        if self._is_swapped:
            untyped.byteswap(dtype)
        return self._torch.storage.TypedStorage(wrap_storage=untyped, dtype=dtype, _internal=True)

    def _mapped(self, record: str, size: int) -> Any:
        view = self._reader.view(record)
        if view is None:
            return None
        storage = self._torch.frombuffer(view, dtype=self._torch.uint8, count=size).untyped_storage()
        # An archive that another tool has rewritten does not keep the alignment that kernels rely on.
        return storage if storage.data_ptr() % _ALIGNMENT == 0 else storage.clone()

    @cached_property
    def _is_swapped(self) -> bool:
        if not self._reader.has(layout.BYTEORDER):
            return False
        return self._reader.read(layout.BYTEORDER).decode("ascii", "replace").strip() not in {sys.byteorder, ""}
