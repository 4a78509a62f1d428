"""What is known of imports from elsewhere than the sources: a person's word, or what a real process saw."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Known:
    """Modules that can be imported, and modules that cannot, with the reason. A person's word goes first."""

    importable: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    """Modules that a real process imported."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Modules whose import failed in a real process, with what was raised."""

    def is_importable(self, name: str) -> bool:
        """Tell whether `name` is known to be importable."""
        return name in self.importable or (name in self.seen and name not in self.missing)

    def failing(self, name: str) -> str | None:
        """Return why `name` is known not to be importable; None where it is not known. Children share the fate."""
        if name in self.importable:
            return None
        if name in self.missing or any(name.startswith(f"{parent}.") for parent in self.missing):
            return f"{name} is assumed to be missing"
        return self.failed.get(name)


NOTHING_KNOWN = Known()


def assumed(importable: Iterable[str], missing: Iterable[str], seen: Known = NOTHING_KNOWN) -> Known:
    """Return a person's assumptions on top of what a real process saw."""
    return Known(frozenset(importable), frozenset(missing), seen.seen, seen.failed)
