"""TorchScript modules in a package. Their serializer insists on a writer of torch's own, which gets a file beside."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

from tpkg_runtime.archive import layout
from tpkg_runtime.archive.zipread import ZipReader

_IN_MEMORY = 16 << 20
_OWN = (layout.VERSION, layout.BYTEORDER, layout.SERIALIZATION_ID)


class ScriptModules:
    """Serializes TorchScript modules with `torch._C`; nothing happens where there are none.

    `written` gives the storages that have numbers already: scripts share tensors with the rest of the package.
    """

    def __init__(self, written: Callable[[], Iterable[Any]]) -> None:
        self._written = written
        self._serializer: Any = None

    @property
    def serializer(self) -> Any:
        """The `ScriptModuleSerializer` that a TorchScript module's `__reduce_package__` asks for."""
        if self._serializer is None:
            self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with the export
            torch: Any = import_module("torch")
            self._writer = torch._C.PyTorchFileWriter(self._file)
            self._writer.set_min_version(layout.FORMAT_VERSION)
            self._serializer = torch._C.ScriptModuleSerializer(self._writer)
            context = self._serializer.storage_context()
            for storage in self._written():
                context.get_or_add_storage(storage)
        return self._serializer

    def number(self, storage: Any, otherwise: int) -> tuple[int, bool]:
        """Return the storage's number and whether it is still to be written; `otherwise` where there are no scripts."""
        if self._serializer is None:
            return otherwise, True
        context = self._serializer.storage_context()
        written = context.has_storage(storage)
        return context.get_or_add_storage(storage), not written

    def version(self) -> int:
        """Return the format version that the package needs."""
        return layout.FORMAT_VERSION if self._serializer is None else self._format_version

    def records(self) -> Iterator[tuple[str, bytes]]:
        """Complete the serialization and return its records. Ask for `version` afterwards."""
        if self._serializer is None:
            return
        self._serializer.write_files()
        self._writer.write_end_of_file()
        self._file.seek(0)
        reader = ZipReader(self._file)
        self._format_version = int(reader.read(layout.VERSION))
        for record in reader.names():
            if record not in _OWN:
                yield record, reader.read(record)
        reader.close()
        self._file.close()


def refuse_gated(obj: Any) -> None:
    """Raise, as the original does, for a TorchScript module while the original's gate for them is closed."""
    torch: Any = import_module("torch")
    if torch.package.package_exporter._gate_torchscript_serialization and isinstance(
        obj, torch.jit.RecursiveScriptModule
    ):
        raise Exception(
            "Serializing ScriptModules directly into a package is a beta feature. To use, set global "
            "`torch.package.package_exporter._gate_torchscript_serialization` to `False`."
        )
