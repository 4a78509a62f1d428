"""The interpreter's own import system as an importer."""

import importlib
import pickle
import sys
from types import ModuleType
from typing import Any

from tpkg_runtime.environment.importer import Importer
from tpkg_runtime.spec.mangling import is_mangled


class SysImporter(Importer):
    """Imports as Python does."""

    def __init__(self) -> None:
        self.modules = sys.modules

    def import_module(self, module_name: str) -> ModuleType:
        """Import as `importlib.import_module` does. Packaged modules are none of its own, though Python finds them."""
        if is_mangled(module_name):
            raise ModuleNotFoundError(f"No module named '{module_name}'", name=module_name)
        return importlib.import_module(module_name)

    def whichmodule(self, obj: Any, name: str) -> str:
        """Return the module that `obj` says it is from, else what pickle finds."""
        module_name: str | None = getattr(obj, "__module__", None)
        return pickle.whichmodule(obj, name) if module_name is None else module_name  # type: ignore[attr-defined]


sys_importer = SysImporter()
"""The one instance; what exporters use where they are given no importer."""
