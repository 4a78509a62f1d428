"""Pickling with an importer's names: at the speed of C, unless an object comes from a package."""

import io
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType
from typing import Any

from tpkg_runtime.environment.errors import naming_errors
from tpkg_runtime.environment.importer import Importer, look_up
from tpkg_runtime.environment.system import SysImporter
from tpkg_runtime.spec.mangling import get_mangle_prefix, is_mangled
from tpkg_runtime.spec.pickles import pickle_globals

PersistentId = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Pickled:
    """A pickle and its GLOBALs in order; `objects` holds each one's object where it is not simply the host's."""

    data: bytes
    names: tuple[tuple[str, str], ...]
    objects: dict[tuple[str, str], Any]


def dump(obj: Any, importer: Importer, protocol: int, persistent_id: PersistentId) -> Pickled:
    """Pickle `obj`. Raises PicklingError where the importer has not just this object under its name."""
    host_only = _is_host(importer)
    try:
        data = _dump_fast(obj, protocol, persistent_id, watch=not host_only)
    except _FromPackageError:
        return _dump_named(obj, importer, protocol, persistent_id)
    names = tuple(pickle_globals(data))
    if any(is_mangled(module) for module, _ in names):
        return _dump_named(obj, importer, protocol, persistent_id)
    if host_only:
        return Pickled(data, names, {})
    objects = {(module, name): look_up(sys.modules[module], name) for module, name in names}
    if any(_name(importer, found, None) != named for named, found in objects.items()):
        return _dump_named(obj, importer, protocol, persistent_id)
    return Pickled(data, names, objects)


def check_supplier(importer: Importer, module: str, name: str, obj: Any) -> None:
    """Raise PicklingError, naming both, where `importer` has another object than `obj` under the name of its GLOBAL.

    It would supply its own source for a class that came from elsewhere.
    """
    supplier = importer.import_module(module)
    try:
        found = look_up(supplier, name)
    except AttributeError:
        found = None
    if found is not obj:
        raise pickle.PicklingError(
            f"Can't pickle {obj}: it comes from {_place(getattr(obj, '__module__', None) or module)}, but the source "
            f"of '{module}' would be taken from {_place(supplier.__name__)}. Objects of one package must come from "
            "one importer; list that importer first."
        )


def _dump_fast(obj: Any, protocol: int, persistent_id: PersistentId, watch: bool) -> bytes:
    buffer = io.BytesIO()
    kind = _WatchingPickler if watch else _FastPickler
    try:
        kind(buffer, protocol, persistent_id).dump(obj)
    except AttributeError as error:
        if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
            raise  # from code of the objects
        # What the C pickler says of objects that are local to a function, and the Python one with the class of errors
        # that is documented.
        raise pickle.PicklingError(str(error)) from error
    return buffer.getvalue()


def _dump_named(obj: Any, importer: Importer, protocol: int, persistent_id: PersistentId) -> Pickled:
    buffer = io.BytesIO()
    pickler = _NamingPickler(buffer, protocol, persistent_id, importer)
    pickler.dump(obj)
    data = buffer.getvalue()
    return Pickled(data, tuple(pickle_globals(data)), pickler.objects)


class _FromPackageError(Exception):
    """The C pickler met an object whose name only an importer knows."""


class _FastPickler(pickle.Pickler):
    """The C pickler."""

    def __init__(self, buffer: io.BytesIO, protocol: int, persistent_id: PersistentId) -> None:
        super().__init__(buffer, protocol)
        self._persistent_id = persistent_id

    def persistent_id(self, obj: Any) -> Any:
        if type(obj) in _NEVER_PERSISTENT:
            return None
        return self._persistent_id(obj)


class _WatchingPickler(_FastPickler):
    """The C pickler, which gives up at the first object of a package."""

    def reducer_override(self, obj: Any) -> Any:
        named = obj if isinstance(obj, _NAMED) else type(obj)
        module = getattr(named, "__module__", None)
        if isinstance(module, str) and is_mangled(module):
            raise _FromPackageError
        return NotImplemented


_PythonPickler: Any = pickle._Pickler


class _NamingPickler(_PythonPickler):  # type: ignore[misc]
    """The Python pickler, which asks the importer for the names of all classes and functions."""

    def __init__(self, buffer: io.BytesIO, protocol: int, persistent_id: PersistentId, importer: Importer) -> None:
        super().__init__(buffer, protocol)
        self._importer = importer
        self._persistent_id = persistent_id
        self.objects: dict[tuple[str, str], Any] = {}
        # Copied now: libraries change the table of the parent class at run time.
        self.dispatch = {**_PythonPickler.dispatch, FunctionType: type(self).save_global}

    def persistent_id(self, obj: Any) -> Any:
        if type(obj) in _NEVER_PERSISTENT:
            return None
        return self._persistent_id(obj)

    def save_global(self, obj: Any, name: str | None = None) -> None:
        """Write the importer's name for `obj`."""
        module, name = _name(self._importer, obj, name)
        self.objects[module, name] = obj
        owner, _, last = name.rpartition(".")
        if self.proto >= 4:
            self.save(module)
            self.save(name)
            self.write(pickle.STACK_GLOBAL)
        elif owner:
            self.save_reduce(getattr, (look_up(self._importer.import_module(module), owner), last))
        else:
            self.write(pickle.GLOBAL + f"{module}\n{name}\n".encode())
        self.memoize(obj)


_NEVER_PERSISTENT = frozenset(
    {
        str,
        int,
        float,
        bool,
        complex,
        bytes,
        bytearray,
        type(None),
        dict,
        list,
        tuple,
        set,
        frozenset,
        FunctionType,
        type,
    }
)
_NAMED = (type, FunctionType, BuiltinFunctionType)


def _is_host(importer: Importer) -> bool:
    if isinstance(importer, SysImporter):
        return True
    original = sys.modules.get("torch.package.importer")
    return original is not None and importer is original.sys_importer


def _name(importer: Importer, obj: Any, name: str | None) -> tuple[str, str]:
    try:
        return importer.get_name(obj, name)
    except naming_errors() as error:
        raise pickle.PicklingError(f"Can't pickle {obj}: {error}") from error


def _place(module: str) -> str:
    if is_mangled(module):
        return f"the importer {get_mangle_prefix(module)}"
    return "the Python environment ('sys_importer')"
