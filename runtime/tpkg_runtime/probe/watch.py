"""Watches packaged code ask the host's import system for modules, past the package."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from tpkg_runtime.spec.mangling import demangle, is_mangled
from tpkg_runtime.wire.messages import SeenImport


@contextmanager
def watched(while_running: str, is_in_package: Callable[[str], bool], seen: dict[SeenImport, None]) -> Iterator[None]:
    """Add to `seen` each call of `importlib.import_module` by packaged code within the `with`."""
    original = importlib.import_module

    def import_module(name: str, package: str | None = None) -> Any:
        caller = _packaged_caller(sys._getframe(1))
        if caller is not None:
            module, line = caller
            target = importlib.util.resolve_name(name, package) if name.startswith(".") else name
            seen[SeenImport(module, line, target, is_in_package(target), while_running)] = None
        return original(name, package)

    importlib.import_module = import_module
    try:
        yield
    finally:
        importlib.import_module = original


def _packaged_caller(frame: FrameType) -> tuple[str, int] | None:
    """Return module and line of the code that called, None if it is not packaged: importers fetch externs that way."""
    name = str(frame.f_globals.get("__name__", ""))
    return (demangle(name), frame.f_lineno) if is_mangled(name) else None
