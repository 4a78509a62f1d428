"""Which modules a callable uses, seen by running it."""

import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any


def trace_dependencies(callable: Callable[..., Any], inputs: Iterable[tuple[Any, ...]]) -> list[str]:  # noqa: A002
    """Run `callable` with each tuple of arguments; return the names of the modules whose functions ran meanwhile."""
    used: dict[str, None] = {}

    def watch(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            module = _module_of(frame)
            if module:
                used[module] = None

    sys.setprofile(watch)
    try:
        for arguments in inputs:
            callable(*arguments)
    finally:
        sys.setprofile(None)
    return list(used)


def _module_of(frame: FrameType) -> str | None:
    """Return the module of the function that a frame runs, None where it cannot be found by its name."""
    name = frame.f_code.co_name
    for namespace in (frame.f_globals, frame.f_locals):
        if name in namespace:
            return getattr(namespace[name], "__module__", None)
    # A method is found on the object that it is called on.
    method = getattr(frame.f_locals.get("self"), name, None)
    return getattr(method, "__module__", None)
