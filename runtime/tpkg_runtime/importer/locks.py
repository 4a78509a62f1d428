"""Locks by module, as importlib has them: threads that import different modules do not wait for each other.

Of threads that would wait for each other in a circle, the last one goes on with what the others have so far.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class ModuleLocks:
    """Which thread loads which module. A thread may load a module again from within."""

    def __init__(self) -> None:
        self._begin()

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        """Let nobody else load the module meanwhile, unless who does so waits for this thread."""
        if self._process != os.getpid():
            self._begin()  # the other threads did not come along into a forked process, and release nothing
        me = threading.get_ident()
        with self._changed:
            while self._owners.get(name, me) != me and not self._is_circle(me, name):
                self._waiting[me] = name
                self._changed.wait()
                del self._waiting[me]
            is_mine = name not in self._owners
            if is_mine:
                self._owners[name] = me
        try:
            yield
        finally:
            if is_mine:
                with self._changed:
                    self._owners.pop(name, None)
                    self._changed.notify_all()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._changed = threading.Condition()
        self._owners: dict[str, int] = {}
        self._waiting: dict[int, str] = {}

    def _is_circle(self, me: int, name: str) -> bool:
        """Tell whether who loads `name` waits for `me`, maybe by way of others."""
        seen: set[str] = set()
        while name not in seen:
            seen.add(name)
            owner = self._owners.get(name)
            if owner is None or owner == me:
                return owner == me
            if owner not in self._waiting:
                return False
            name = self._waiting[owner]
        return False
