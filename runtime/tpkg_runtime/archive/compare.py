"""What is different between two archives, record by record."""

from dataclasses import dataclass

from tpkg_runtime.archive import layout
from tpkg_runtime.archive.opening import Source, open_archive
from tpkg_runtime.archive.records import RecordReader


@dataclass(frozen=True, slots=True)
class Comparison:
    """The sorted names of the records that only one of two archives has, and of those with other bytes."""

    removed: tuple[str, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]

    def __bool__(self) -> bool:
        """Tell whether there is any difference."""
        return bool(self.removed or self.added or self.changed)

    def __str__(self) -> str:
        marked = [f"{mark} {name}" for mark, names in zip("-+~", self._groups(), strict=True) for name in names]
        return "\n".join(sorted(marked, key=lambda line: line[2:]))

    def _groups(self) -> tuple[tuple[str, ...], ...]:
        return self.removed, self.added, self.changed


def compare(old: Source, new: Source) -> Comparison:
    """Compare two packages: archives, folders or files, in any combination; how they are compressed does not count.

    The id that an archive is written with says nothing of its contents, and is left out. Raises ArchiveError.
    """
    before, after = open_archive(old), open_archive(new)
    try:
        names, others = (set(reader.names()) - {layout.SERIALIZATION_ID} for reader in (before, after))
        changed = [name for name in names & others if _differs(before, after, name)]
        return Comparison(_sorted(names - others), _sorted(others - names), _sorted(changed))
    finally:
        before.close()
        after.close()


def _differs(before: RecordReader, after: RecordReader, name: str) -> bool:
    return before.size(name) != after.size(name) or before.read(name) != after.read(name)


def _sorted(names: "set[str] | list[str]") -> tuple[str, ...]:
    return tuple(sorted(names))
