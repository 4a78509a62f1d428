"""Facts that outlive the analyses of a project, and whether a change of them is one that others notice."""

from collections.abc import Iterable

from tpkg_analyzer.scan.facts import ModuleFacts, Problem, TopLevel, read_facts
from tpkg_analyzer.scan.reader import FactsReader
from tpkg_analyzer.sources.compiler import Compiler
from tpkg_analyzer.sources.files import Files
from tpkg_analyzer.sources.store import Store


class KeptFacts(FactsReader):
    """Knows which of the files read so far have to be read again."""

    def __init__(
        self,
        files: Files,
        version: tuple[int, int],
        store: Store | None = None,
        compiler: Compiler | None = None,
    ) -> None:
        super().__init__(files, version, store, compiler)
        self._stamps: dict[str, str | None] = {}

    def facts_of(self, path: str) -> ModuleFacts | None:
        """Return the facts of the file at `path`, None where it cannot be read."""
        self._stamp(path)
        return super().facts_of(path)

    def top_level_of(self, path: str) -> TopLevel | None:
        """Return what importing the file at `path` does, None where it cannot be read."""
        self._stamp(path)
        return super().top_level_of(path)

    def words_of(self, path: str) -> frozenset[str]:
        """Return all names that occur in the file at `path`; none where it cannot be read."""
        self.facts_of(path)  # by which a change of the file is noticed
        return super().words_of(path)

    def problem_of(self, text: str) -> Problem | None:
        """Return why a text could not be checked as a file; None where it could be."""
        facts = read_facts(text.encode("utf-8", "surrogatepass"), self._version, compiler=self._compiler)
        return None if facts.is_parsed else facts.problem

    def _stamp(self, path: str) -> None:
        if not self.has_read(path):
            # Before the content: a change between both is then seen later, not missed.
            self._stamps[path] = self._files.stamp(path)

    def changed_on_disk(self) -> list[str]:
        """Return the files whose stamp is another than when they were read; one without a stamp may have changed."""
        return [
            path
            for path in self.known()
            if (stamp := self._files.stamp(path)) is None or self._stamps.get(path) != stamp
        ]

    def flush(self) -> None:
        """Keep what was read for the next start."""
        if self._store is not None:
            self._store.flush()

    def renew(self, paths: Iterable[str]) -> tuple[set[str], set[str]]:
        """Read files anew; return which differ, and which import something else or do something else when imported."""
        changed: set[str] = set()
        moved: set[str] = set()
        for path in paths:
            if not self.has_read(path):
                continue
            before, after = self.read_again(path)
            if _digest(before) != _digest(after):
                changed.add(path)
                if not _looks_the_same(before, after):
                    moved.add(path)
        return changed, moved


def _digest(facts: TopLevel | None) -> str | None:
    return facts.digest if facts else None


def _looks_the_same(before: TopLevel | None, after: TopLevel | None) -> bool:
    """Tell whether a closure is the same with either: its imports with their places, its outline, its problem."""
    if before is None or after is None:
        return before is after
    if isinstance(before, ModuleFacts) and isinstance(after, ModuleFacts) and before.imports != after.imports:
        return False
    return before.packed_outline == after.packed_outline and before.problem == after.problem
