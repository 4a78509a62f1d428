"""The script that exports, where what it pickles is its own: not run again, but stood in for."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from tpkg_runtime.wire.messages import Request


@contextmanager
def main_module(request: Request) -> Iterator[None]:
    """Let `__main__` be the script of the request, with empty classes of the names that are pickled of it."""
    names = [
        name
        for step in request.steps
        if step.save is not None
        for module, name in step.save.globals
        if module == "__main__"
    ]
    if request.main is None or not names:
        yield
        return
    stand_in = ModuleType("__main__")
    stand_in.__file__ = request.main
    for name in names:
        setattr(stand_in, name, type(name, (), {"__module__": "__main__"}))
    before = sys.modules["__main__"]
    sys.modules["__main__"] = stand_in
    try:
        yield
    finally:
        sys.modules["__main__"] = before
