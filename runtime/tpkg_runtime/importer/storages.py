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
    """Loads the storages of one archive for one load; no other one shares their memory."""

    def __init__(self, reader: RecordReader, is_mapped: bool) -> None:
        """Map the storages, or read them as they are loaded."""
        self._reader = reader
        self._view = reader.views() if is_mapped else None
        self._torch: Any = import_module("torch")

    def load(self, key: str, count: int, dtype: Any) -> Any:
        """Return the `TypedStorage` that a pickle calls `key`, of `count` elements at least.

        It is the whole record: tensors that look at it with a narrower type may use more. Nothing is read before it is
        used where the archive is mapped; writing to it never changes the file. It cannot be resized, as in the
        original. Raises ArchiveError where the record is missing, damaged or too small.
        """
        record = layout.storage_record(key)
        there = self._reader.size(record)
        size = count * dtype.itemsize if isinstance(count, int) else -1
        if not 0 <= size <= there:
            raise ArchiveError(
                f"{self._reader.name}: record '{record}' has {there} bytes, its tensors need {count} {dtype}"
            )
        untyped = self._loaded(record) if there else self._torch.UntypedStorage(0)
        if self._is_swapped:
            untyped.byteswap(dtype)
        return self._torch.storage.TypedStorage(wrap_storage=untyped, dtype=dtype, _internal=True)

    def _loaded(self, record: str) -> Any:
        view = self._view(record) if self._view is not None else None
        if view is not None:
            storage = self._torch.frombuffer(view, dtype=self._torch.uint8).untyped_storage()
            # An archive that another tool has rewritten does not keep the alignment that kernels rely on.
            return storage if storage.data_ptr() % _ALIGNMENT == 0 else self._copied(view)
        return self._copied(self._reader.read(record))

    def _copied(self, data: bytes | memoryview) -> Any:
        memory = bytearray(len(data) + _ALIGNMENT)
        start = -ctypes.addressof(ctypes.c_char.from_buffer(memory)) % _ALIGNMENT
        memory[start : start + len(data)] = data
        whole = self._torch.frombuffer(memory, dtype=self._torch.uint8, offset=start, count=len(data))
        return whole.untyped_storage()

    @cached_property
    def _is_swapped(self) -> bool:
        if not self._reader.has(layout.BYTEORDER):
            return False
        return self._reader.read(layout.BYTEORDER).decode("ascii", "replace").strip() not in {sys.byteorder, ""}
