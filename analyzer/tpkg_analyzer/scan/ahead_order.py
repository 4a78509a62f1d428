"""The order in which modules are read ahead: first what is certainly asked for."""

from collections import deque
from collections.abc import Container
from enum import IntEnum

# Enough that both do not meet again at once, few enough that both come to the end at the same time.
_SKIPPED = 30


class Rank(IntEnum):
    """What is read first."""

    NEEDED = 0
    """What the exporter and interned modules import, and what that imports in turn: an export begins with that."""
    WHOLE = 1
    """Modules that are interned, whose functions count as well."""
    MAYBE = 2
    """What others import only under some condition, much of which is never asked for."""


class Queue:
    """The modules that are to be read, each once unless it turns out to be needed after all."""

    def __init__(self, interned: Container[str]) -> None:
        self._interned = interned
        self._ranks: dict[str, Rank] = {}
        self._waiting: dict[Rank, deque[str]] = {rank: deque() for rank in Rank}
        self._importers: dict[str, list[str]] = {}
        """By module, who certainly imports it."""
        self._failed: set[str] = set()

    def add(self, name: str, rank: Rank) -> None:
        """Put a module in line, its packages before it."""
        known = self._ranks.get(name, Rank.MAYBE + 1)
        if known > rank and name in self._interned:
            rank = Rank.WHOLE
        if known <= rank:
            return
        self._ranks[name] = rank
        parent = name.rpartition(".")[0]
        if parent:
            self.add(parent, rank)
        self._waiting[rank].append(name)

    def note_import(self, by: str, name: str) -> None:
        """Note that importing `by` certainly imports `name`."""
        self._importers.setdefault(name, []).append(by)
        if name in self._failed:
            self.note_failure(by)

    def note_failure(self, name: str) -> None:
        """Note that a module cannot be imported, and so none that certainly imports it.

        What is below these is hardly asked for: whoever imports the package comes no further.
        """
        failing = [name]
        while failing:
            name = failing.pop()
            if name not in self._failed:
                self._failed.add(name)
                failing += self._importers.pop(name, ())

    def next(self) -> tuple[str, Rank] | None:
        """Return the next module and its rank, where there is one."""
        for rank, names in self._waiting.items():
            while names:
                name = names.popleft()
                if rank is Rank.NEEDED and self._is_below_failed(name):
                    self._waiting[Rank.MAYBE].append(name)
                else:
                    return name, rank
        return None

    def skip(self) -> None:
        """Go on further ahead: whoever predicts has come to where this is, and does what is next."""
        names = next(filter(None, self._waiting.values()), None)
        if names is not None:
            names.rotate(-min(_SKIPPED, len(names) // 2))

    def _is_below_failed(self, name: str) -> bool:
        return any(name[:end] in self._failed for end, character in enumerate(name) if character == ".")
