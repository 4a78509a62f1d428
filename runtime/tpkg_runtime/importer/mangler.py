"""The names of one importer's modules: `<torch_package_N>` is given once in a process, also beside torch.package."""

import sys
from itertools import count
from threading import Lock
from typing import Any

_lock = Lock()
# torch.package counts from zero. While it is not loaded its later numbers must stay free.
_without_torch = count(1_000_000)


class PackageMangler:
    """Puts a prefix before names that no other mangler has, and takes its own off again."""

    def __init__(self) -> None:
        self._prefix = f"<torch_package_{_new_number()}>"

    def mangle(self, name: str) -> str:
        """Return `name` with the prefix. Raises AssertionError for an empty name."""
        if not name:
            raise AssertionError("name must not be empty")
        return f"{self._prefix}.{name}"

    def demangle(self, name: str) -> str:
        """Take off this mangler's prefix; any other name, also one of another mangler, is returned as it is."""
        return name[len(self._prefix) + 1 :] if name.startswith(f"{self._prefix}.") else name

    def parent_name(self) -> str:
        """Return the bare prefix."""
        return self._prefix


def _new_number() -> int:
    with _lock:
        mangling: Any = sys.modules.get("torch.package._mangling")
        if mangling is None or not isinstance(getattr(mangling, "_mangle_index", None), int):
            return next(_without_torch)
        number: int = mangling._mangle_index
        mangling._mangle_index = number + 1
        return number
