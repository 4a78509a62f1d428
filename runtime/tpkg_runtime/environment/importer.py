"""An importer is a namespace of modules: it imports by name and finds the name of an object.

Several may have a module of one name. Mirrors `torch.package.importer`.
"""

import logging
import pickle
import sys
from abc import ABC, ABCMeta, abstractmethod
from functools import reduce
from types import ModuleType
from typing import Any

from tpkg_runtime.environment.errors import ObjMismatchError, ObjNotFoundError, naming_errors
from tpkg_runtime.spec.mangling import demangle, get_mangle_prefix, is_mangled

_log = logging.getLogger(__name__)


class _ImporterMeta(ABCMeta):
    """Makes importers of a loaded torch.package count as importers."""

    def __instancecheck__(cls, instance: Any) -> bool:
        if super().__instancecheck__(instance):
            return True
        original = sys.modules.get("torch.package.importer")
        return cls is Importer and original is not None and isinstance(instance, original.Importer)


class Importer(ABC, metaclass=_ImporterMeta):
    """Imports modules and names objects so that for each object that it can name

    module_name, name = importer.get_name(obj)
    getattr(importer.import_module(module_name), name) is obj
    """

    modules: dict[str, ModuleType]

    @abstractmethod
    def import_module(self, module_name: str) -> ModuleType:
        """Import a module as `importlib.import_module` does, with the same errors."""

    def get_name(self, obj: Any, name: str | None = None) -> tuple[str, str]:
        """Return the module and the qualified name under which this importer has `obj`.

        `name` overrides the object's own, for a `__reduce__` that returns a string. Raises ObjNotFoundError where
        there is nothing of that name and ObjMismatchError where there is another object.
        """
        name = name or _own_name(obj)
        module_name = demangle(self.whichmodule(obj, name))
        try:
            found = look_up(self.import_module(module_name), name)
        except (ImportError, KeyError, AttributeError):
            raise ObjNotFoundError(f"{obj} was not found as {module_name}.{name}") from None
        if found is not obj:
            raise ObjMismatchError(self._mismatch(obj, found, name))
        return module_name, name

    def whichmodule(self, obj: Any, name: str) -> str:
        """Return the module that `obj` says it is from, else the one that has it as `name`, else `__main__`."""
        module_name: str | None = getattr(obj, "__module__", None)
        if module_name is not None:
            return module_name
        for candidate, module in list(self.modules.items()):
            if candidate in {"__main__", "__mp_main__"} or module is None:
                continue
            try:
                if look_up(module, name) is obj:
                    return candidate
            except AttributeError:
                pass
        return "__main__"

    def _mismatch(self, obj: Any, found: Any, name: str) -> str:
        module, place, importer = _origin(self.whichmodule(obj, name))
        other_module, other_place, other_importer = _origin(self.whichmodule(found, name))
        return (
            f"\n\nThe object provided is from '{module}', which is coming from {place}."
            f"\nHowever, when we import '{other_module}', it's coming from {other_place}."
            f"\nTo fix this, make sure this 'PackageExporter's importer lists {importer} before {other_importer}."
        )


class OrderedImporter(Importer):
    """Importers in a row: the first that has what is asked for gives it."""

    def __init__(self, *importers: Importer) -> None:
        self._importers = list(importers)

    def import_module(self, module_name: str) -> ModuleType:
        """Return the module of the first importer that has it, passing over empty stand-ins for packages.

        Raises ModuleNotFoundError, and TypeError where something in the row is no importer.
        """
        missing: ModuleNotFoundError | None = None
        for importer in self._importers:
            if not isinstance(importer, Importer):
                raise TypeError(
                    f"{importer} is not a Importer. All importers in OrderedImporter must inherit from Importer."
                )
            try:
                module = importer.import_module(module_name)
            except ModuleNotFoundError as error:
                missing = error
                continue
            if not is_stand_in(module):
                return module
        raise missing if missing is not None else ModuleNotFoundError(module_name)

    def get_name(self, obj: Any, name: str | None = None) -> tuple[str, str]:
        """Return the name that the first importer gives which knows `obj`. Raises ObjNotFoundError where none does."""
        for importer in self._importers:
            try:
                return importer.get_name(obj, name)
            except naming_errors() as error:
                _log.warning(
                    "Tried to call get_name with obj %s, and name %s on %s and got %s", obj, name, importer, error
                )
        raise ObjNotFoundError(f"Could not find obj {obj} and name {name} in any of the importers {self._importers}")

    def whichmodule(self, obj: Any, name: str) -> str:
        """Return what the first importer says which says more than `__main__`."""
        answers = (importer.whichmodule(obj, name) for importer in self._importers)
        return next((answer for answer in answers if answer != "__main__"), "__main__")


def look_up(module: Any, name: str) -> Any:
    """Return the object of a qualified name. Raises AttributeError, also for what is local to a function."""
    if "<locals>" in name.split("."):
        raise AttributeError(f"Can't get local attribute {name!r} on {module!r}")
    return reduce(getattr, name.split("."), module)


def is_stand_in(module: ModuleType) -> bool:
    """Tell whether a packaged package has no source: it is there only because something below it is."""
    return (
        bool(getattr(module, "__torch_package__", False))
        and hasattr(module, "__path__")
        and getattr(module, "__file__", None) is None
    )


def _own_name(obj: Any) -> str:
    if obj and type(obj) not in _BUILT_IN:
        # A `__reduce__` that returns a string names a global.
        try:
            reduced = obj.__reduce__()
        except Exception:  # noqa: BLE001 - any object's own code may run here
            reduced = None
        if isinstance(reduced, str):
            return reduced
    name: str | None = getattr(obj, "__qualname__", None)
    return obj.__name__ if name is None else name


_BUILT_IN = frozenset(pickle._Pickler.dispatch)
"""Types that pickle knows by itself and never asks to reduce."""


def _origin(module_name: str) -> tuple[str, str, str]:
    if is_mangled(module_name):
        prefix = get_mangle_prefix(module_name)
        return module_name, prefix, f"the importer for {prefix}"
    return module_name, "the current Python environment", "'sys_importer'"
