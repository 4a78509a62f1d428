"""Numbers of importers: `<torch_package_N>` is given once in a process, also beside the installed torch.package."""

import sys
from itertools import count
from threading import Lock
from typing import Any

_lock = Lock()
# torch.package counts from zero. While it is not loaded its later numbers must stay free.
_without_torch = count(1_000_000)


def new_prefix() -> str:
    """Return a prefix that no other importer has."""
    with _lock:
        mangling: Any = sys.modules.get("torch.package._mangling")
        if mangling is None or not isinstance(getattr(mangling, "_mangle_index", None), int):
            return f"<torch_package_{next(_without_torch)}>"
        number: int = mangling._mangle_index
        mangling._mangle_index = number + 1
        return f"<torch_package_{number}>"
