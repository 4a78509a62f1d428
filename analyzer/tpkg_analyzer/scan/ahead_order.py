"""The order in which modules are read ahead: first what is certainly asked for."""

from collections import deque
from collections.abc import Container
from enum import IntEnum


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

    def add(self, name: str, rank: Rank) -> None:
        """Put a module in line, its packages before it."""
        if name in self._interned:
            rank = Rank.WHOLE
        if self._ranks.get(name, Rank.MAYBE + 1) <= rank:
            return
        self._ranks[name] = rank
        parent = name.rpartition(".")[0]
        if parent:
            self.add(parent, rank)
        self._waiting[rank].append(name)

    def next(self) -> tuple[str, Rank] | None:
        """Return the next module and its rank, where there is one.

        Interned modules come from the end: whoever predicts walks them from the beginning, and both meet once.
        """
        for rank, names in self._waiting.items():
            if names:
                return names.pop() if rank is Rank.WHOLE else names.popleft(), rank
        return None
