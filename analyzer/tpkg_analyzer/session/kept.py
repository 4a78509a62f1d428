"""Facts that outlive the analyses of a project, and whether a change of them is one that others notice."""

from collections.abc import Iterable

from tpkg_analyzer.scan.facts import ModuleFacts
from tpkg_analyzer.scan.reader import FactsReader
from tpkg_analyzer.sources.files import Files
from tpkg_analyzer.sources.store import Store


class KeptFacts(FactsReader):
    """Knows which of the files read so far have to be read again."""

    def __init__(self, files: Files, version: tuple[int, int], store: Store | None = None) -> None:
        super().__init__(files, version, store)
        self._below = files
        self._kept_in = store
        self._stamps: dict[str, str | None] = {}

    def facts_of(self, path: str) -> ModuleFacts | None:
        """Return the facts of the file at `path`, None where it cannot be read."""
        if path not in self.known():
            # Before the content: a change between both is then seen later, not missed.
            self._stamps[path] = self._below.stamp(path)
        return super().facts_of(path)

    def changed_on_disk(self) -> list[str]:
        """Return the files whose stamp is another than when they were read; one without a stamp may have changed."""
        return [
            path
            for path in self.known()
            if (stamp := self._below.stamp(path)) is None or self._stamps.get(path) != stamp
        ]

    def flush(self) -> None:
        """Keep what was read for the next start."""
        if self._kept_in is not None:
            self._kept_in.flush()

    def renew(self, paths: Iterable[str]) -> tuple[set[str], set[str]]:
        """Read files anew; return which differ, and which import something else or do something else when imported."""
        changed: set[str] = set()
        moved: set[str] = set()
        for path in paths:
            if path not in self.known():
                continue
            before = self.facts_of(path)
            self.forget(path)
            after = self.facts_of(path)
            if _digest(before) != _digest(after):
                changed.add(path)
                if not _looks_the_same(before, after):
                    moved.add(path)
        return changed, moved


def _digest(facts: ModuleFacts | None) -> str | None:
    return facts.digest if facts else None


def _looks_the_same(before: ModuleFacts | None, after: ModuleFacts | None) -> bool:
    """Tell whether a closure is the same with either: its imports with their places, its outline, its problem."""
    if before is None or after is None:
        return before is after
    return (
        before.imports == after.imports
        and before.packed_outline == after.packed_outline
        and before.problem == after.problem
    )
