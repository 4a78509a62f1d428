"""Tensor storages out of an archive: mapped from the file where that is possible. Imports torch."""

import ctypes
import sys
from importlib import import_module
from typing import Any

from tpkg_runtime.archive import layout
from tpkg_runtime.archive.errors import ArchiveError
from tpkg_runtime.archive.records import RecordReader

_ALIGNMENT = 64


def load_storage(reader: RecordReader, key: str, count: int, dtype: Any) -> Any:
    """Return the `TypedStorage` of `count` elements that a pickle calls `key`.

    Nothing is read before it is used where the archive lies on disk; writing to it never changes the file.
    Raises ArchiveError where the record is missing, damaged or too small.
    """
    torch: Any = import_module("torch")
    record = layout.storage_record(key)
    size = count * dtype.itemsize if isinstance(count, int) else -1
    if not 0 <= size <= reader.size(record):
        raise ArchiveError(
            f"{reader.name}: record '{record}' has {reader.size(record)} bytes, its tensors need {count} {dtype}"
        )
    untyped = _mapped(torch, reader, record, size) if size else torch.UntypedStorage(0)
    if untyped is None:
        untyped = torch.UntypedStorage(size)
        ctypes.memmove(untyped.data_ptr(), reader.read(record), size)
    if _is_swapped(reader):
        untyped.byteswap(dtype)
    return torch.storage.TypedStorage(wrap_storage=untyped, dtype=dtype, _internal=True)


def _mapped(torch: Any, reader: RecordReader, record: str, size: int) -> Any:
    view = reader.view(record)
    if view is None:
        return None
    storage = torch.frombuffer(view[:size], dtype=torch.uint8).untyped_storage()
    # An archive that another tool has rewritten does not keep the alignment that kernels rely on.
    return storage if storage.data_ptr() % _ALIGNMENT == 0 else storage.clone()


def _is_swapped(reader: RecordReader) -> bool:
    if not reader.has(layout.BYTEORDER):
        return False
    return reader.read(layout.BYTEORDER).decode("ascii", "replace").strip() not in {sys.byteorder, ""}
