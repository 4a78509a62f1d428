"""Tensor storages on their way into an archive. Imports torch when the first one comes."""

import ctypes
import sys
from typing import Any

from tpkg_runtime.archive import layout
from tpkg_runtime.archive.records import RecordWriter
from tpkg_runtime.exporter.script import ScriptModules


class Storages:
    """Writes each storage once, at the time it is first saved, under a number."""

    def __init__(self, writer: RecordWriter, script: ScriptModules) -> None:
        self._writer = writer
        self._script = script
        self._known: dict[int, tuple[int, Any]] = {}

    def persistent_id(self, obj: Any) -> tuple[Any, ...] | None:
        """Return what stands for a storage in a pickle, None where `obj` is no storage."""
        torch = sys.modules.get("torch")
        if torch is None or not hasattr(torch, "storage"):
            return None  # nothing can be a storage
        if isinstance(obj, torch.storage.TypedStorage):
            untyped = obj._untyped_storage
            kind, count = getattr(torch, obj._pickle_storage_type()), obj._size()
        elif isinstance(obj, torch.UntypedStorage):
            untyped = obj
            kind, count = torch.serialization.normalize_storage_type(type(obj)), obj.nbytes()
        else:
            return None
        return "storage", kind, self._number(untyped), torch.serialization.location_tag(untyped), count

    def _number(self, storage: Any) -> int:
        known = self._known.get(storage._cdata)
        if known is not None:
            return known[0]
        number, is_new = self._script.number(storage, len(self._known))
        # Kept alive with its number: the address of a storage that is gone comes back for another.
        self._known[storage._cdata] = number, storage
        if is_new:
            on_cpu = storage if storage.device.type == "cpu" else storage.cpu()
            self._writer.write(layout.storage_record(number), _bytes_of(on_cpu))
        return number

    def all(self) -> list[Any]:
        """Return the storages in the order of their numbers."""
        return [storage for _, storage in self._known.values()]


def _bytes_of(storage: Any) -> memoryview:
    size = storage.nbytes()
    if not size:
        return memoryview(b"")
    return memoryview((ctypes.c_char * size).from_address(storage.data_ptr())).cast("B")
