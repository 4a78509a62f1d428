"""Unpickling inside a package: classes come through its importer, storages and custom objects from its archive."""

import _compat_pickle
import io
import pickle
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from tpkg_runtime.archive.errors import ArchiveError
from tpkg_runtime.archive.records import RecordReader
from tpkg_runtime.environment.importer import look_up
from tpkg_runtime.importer.storages import StorageLoader
from tpkg_runtime.importer.torchscript.checking import ScriptStorages, is_script_reader
from tpkg_runtime.spec.pickles import asks_for_memory

FindClass = Callable[[str, str], Any]


class Load:
    """One call of `load_pickle`: what it has loaded so far, for nobody else to see."""

    def __init__(self, importer: Any, reader: RecordReader, map_location: Any, faithful: bool) -> None:
        self.map_location = map_location
        self._faithful = faithful
        self._importer = importer
        self._reader = reader
        self._restore: Any = None
        self._loader: StorageLoader | None = None
        self._storages: dict[str, Any] = {}
        self._reduced: dict[int, Any] = {}
        self._shared: Any = None
        self._scripts = ScriptStorages({}, frozenset())

    @property
    def storage_context(self) -> Any:
        """The storages in the form in which torch's TorchScript reader shares them.

        Only that reader asks for it, just before it begins: this is where what it will read is checked.
        Raises ArchiveError.
        """
        if self._shared is None:
            if not self._faithful:
                self._scripts = self._importer.used_by_scripts
                if self._scripts.meta and self.map_location is not None:
                    raise ArchiveError(f"{self._reader.name}: tensors on the device meta cannot be loaded to another")
            torch: Any = import_module("torch")
            self._shared = torch._C.DeserializationStorageContext()
            for key, storage in self._storages.items():
                self._share(key, storage)
        return self._shared

    def run(self, data: bytes, find_class: FindClass) -> Any:
        """Unpickle `data`. Raises UnpicklingError for what is no pickle, and what the package's code raises."""
        if asks_for_memory(data):
            raise pickle.UnpicklingError("the pickle is damaged: it has an index that is larger than itself")
        unpickler = _Unpickler(data, find_class, self._persistent_load)
        try:
            result = unpickler.load()
        except pickle.UnpicklingError:
            raise
        except Exception as error:
            if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
                raise  # from code of the package
            raise pickle.UnpicklingError(f"the pickle is damaged: {type(error).__name__}: {error}") from error
        if self._storages:
            sys.modules["torch"]._utils._validate_loaded_sparse_tensors()
        return result

    def _persistent_load(self, saved_id: Any) -> Any:
        kind, *data = saved_id if isinstance(saved_id, tuple) and saved_id else (saved_id,)
        match _text(kind), data:
            case "storage", [storage_type, key, location, count]:
                return self._storage(storage_type, str(_text(key)), _text(location), count)
            case "reduce_package", [function, arguments]:  # as torch wrote it up to 1.9: one object for each mention
                return self._reduce(function, arguments)
            case "reduce_package", [number, function, arguments]:
                if number not in self._reduced:
                    self._reduced[number] = self._reduce(function, arguments)
                return self._reduced[number]
        if self._faithful:
            return None
        named = kind if isinstance(kind, (str, int)) else type(kind).__name__
        raise pickle.UnpicklingError(
            f"Unknown typename for persistent_load, expected 'storage' or 'reduce_package' but got '{named}'"
        )

    def _reduce(self, function: Any, arguments: Any) -> Any:
        if self._faithful:
            return function(self._importer, *arguments)
        if not callable(function) or not isinstance(arguments, tuple):
            raise pickle.UnpicklingError("the pickle is damaged: an object is to be rebuilt by what is no function")
        if not is_script_reader(function):
            return function(self._importer, *arguments)
        try:
            return function(self._importer, *arguments)
        except (ArchiveError, MemoryError):
            raise
        except Exception as error:
            name = f"{self._reader.name}: TorchScript module {', '.join(map(repr, arguments))}"
            raise ArchiveError(f"{name} cannot be read: {str(error).strip() or type(error).__name__}") from error

    def _storage(self, storage_type: Any, key: str, location: Any, count: int) -> Any:
        if self._loader is None:
            self._loader = StorageLoader(self._reader, is_mapped=not self._faithful)
        torch: Any = sys.modules["torch"]
        # `dtype` of the old classes of storages is deprecated; what it returns is not.
        dtype = torch.uint8 if storage_type is torch.UntypedStorage else storage_type._dtype
        if key not in self._storages:
            if self._restore is None:
                self._restore = torch.serialization._get_restore_location(self.map_location)
            self._storages[key] = self._restore(self._load_or_share(self._loader, key, count, dtype), location)
        untyped = self._storages[key]._untyped_storage
        return torch.storage.TypedStorage(wrap_storage=untyped, dtype=dtype, _internal=True)

    def _load_or_share(self, loader: StorageLoader, key: str, count: int, dtype: Any) -> Any:
        name = f"{key}.storage"
        if self._shared is not None and name not in self._scripts.meta and self._shared.has_storage(name):
            return self._shared.get_storage(name, dtype)._typed_storage()
        storage = loader.load(key, count, dtype)
        if self._shared is not None:
            self._share(key, storage)
        return storage

    def _share(self, key: str, storage: Any) -> None:
        torch = sys.modules["torch"]
        # Shared as it lies in the archive; the TorchScript reader brings it to its device by itself.
        untyped = storage._untyped_storage
        if untyped.device.type == "cpu" and untyped.nbytes() >= self._scripts.used.get(f"{key}.storage", 0):
            tensor = torch.tensor([], dtype=storage.dtype, device="cpu").set_(untyped)
            self._shared.add_storage(f"{key}.storage", tensor)


class _Unpickler(pickle.Unpickler):
    """The C unpickler, with names that an importer resolves."""

    def __init__(self, data: bytes, find_class: FindClass, persistent_load: Callable[[Any], Any]) -> None:
        super().__init__(io.BytesIO(data))
        self._find_class = find_class
        self._persistent_load = persistent_load
        self._renames = data[:1] != b"\x80" or data[1] < 3

    def find_class(self, module: str, name: str) -> Any:
        if self._renames:
            module, name = _name_of_python_3(module, name)
        return self._find_class(module, name)

    def persistent_load(self, saved_id: Any) -> Any:
        return self._persistent_load(saved_id)


def find_global(importer: Any, module: str, name: str) -> Any:
    """Return the object of a GLOBAL, nested ones included. Raises what importing raises, and AttributeError."""
    return look_up(importer.import_module(module), name)


def find_plain_global(importer: Any, module: str, name: str) -> Any:
    """Do the same as the original does, which does not find nested ones."""
    return getattr(importer.import_module(module), name)


def _name_of_python_3(module: str, name: str) -> tuple[str, str]:
    if (module, name) in _compat_pickle.NAME_MAPPING:
        return _compat_pickle.NAME_MAPPING[module, name]
    return _compat_pickle.IMPORT_MAPPING.get(module, module), name


def _text(value: Any) -> Any:
    return value.decode("ascii") if isinstance(value, bytes) else value
