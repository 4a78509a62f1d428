"""A process that acts as if the project were not installed: what a package finds where it is loaded."""

import importlib
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def without_project(paths: tuple[str, ...], interned: Iterable[str], externed: Iterable[str]) -> Iterator[None]:
    """Hide from the host's imports what the package holds, and what the project has and the package does not ask for.

    Extern modules stay, with their parents: a package says that it needs them.
    """
    held, kept = frozenset(interned), frozenset(externed)

    def is_hidden(name: str, file: str | None) -> bool:
        if name in held:
            return True
        asked_for = name in kept or any(other.startswith(f"{name}.") for other in kept)
        return not asked_for and is_own(file, paths)

    finders = sys.meta_path[:]
    modules = {
        name: module for name, module in sys.modules.items() if is_hidden(name, getattr(module, "__file__", None))
    }
    sys.meta_path[:] = [_Blind(finder, is_hidden) for finder in finders]
    for name in modules:
        del sys.modules[name]
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.meta_path[:] = finders
        sys.modules.update(modules)
        importlib.invalidate_caches()


def is_own(file: str | None, paths: tuple[str, ...]) -> bool:
    """Tell whether a module's file is the project's, not one that is installed below its folders."""
    return file is not None and "site-packages" not in file and any(file.startswith(f"{path}/") for path in paths)


class _Blind:
    """A finder that does not see some modules."""

    def __init__(self, finder: Any, is_hidden: Callable[[str, str | None], bool]) -> None:
        self._finder = finder
        self._is_hidden = is_hidden

    def find_spec(self, name: str, *arguments: Any) -> Any:
        """Find what the finder finds, unless it is hidden."""
        found = self._finder.find_spec(name, *arguments)
        return None if found is not None and self._is_hidden(name, found.origin) else found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)
