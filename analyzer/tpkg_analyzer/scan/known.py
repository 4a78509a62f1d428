"""What is known of imports from elsewhere than the sources: a person's word, or what a real process saw."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Failure:
    """What an import raised in a real process: the class, the builtin class above it, the message.

    `missing` is the module that was not found, where that was the reason: another project may have it.
    `left` are the modules that stayed in `sys.modules` all the same.
    """

    type: str
    base: str
    message: str
    missing: str = ""
    left: tuple[str, ...] = ()

    @property
    def depends_on_order(self) -> bool:
        """Whether another order of imports may have gone well: modules that import each other."""
        return "partially initialized module" in self.message or "circular import" in self.message


@dataclass(frozen=True, slots=True)
class Known:
    """Modules that can be imported, and modules that cannot, with the reason. A person's word goes first."""

    importable: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    """Modules that a real process imported."""
    failed: Mapping[str, Failure] = field(default_factory=dict)
    """Modules whose import failed in a real process."""
    made: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Names in `sys.modules` that no finder gives, each with its file or nothing, by the module that makes them."""
    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The names in compiled modules."""

    def is_importable(self, name: str) -> bool:
        """Tell whether `name` is known to be importable."""
        return name in self.importable or (name in self.seen and name not in self.missing)

    def is_missing(self, name: str) -> bool:
        """Tell whether a person says that `name` cannot be imported. Children share the fate."""
        if name in self.importable or not self.missing:
            return False
        return name in self.missing or any(name.startswith(f"{parent}.") for parent in self.missing)

    def failure(self, name: str) -> Failure | None:
        """Return how the import of `name` fails whatever was imported before; None where that is not known."""
        found = self.failed.get(name)
        return None if found is None or found.depends_on_order or name in self.importable else found

    def makers(self) -> dict[str, tuple[str, list[str]]]:
        """Return the file of each name that no finder gives, and the modules after whose import it is there.

        These are the module whose import was seen to make it, and a compiled module that is its parent: another
        import may have needed that one first.
        """
        found: dict[str, tuple[str, list[str]]] = {}
        for module, made in self.made.items():
            for name, file in made.items():
                _, makers = found.setdefault(name, (file, []))
                parent = name.rpartition(".")[0]
                makers += [module, parent] if parent in self.names or parent in made else [module]
        return found


NOTHING_KNOWN = Known()


def assumed(importable: Iterable[str], missing: Iterable[str], seen: Known = NOTHING_KNOWN) -> Known:
    """Return a person's assumptions on top of what a real process saw."""
    return Known(frozenset(importable), frozenset(missing), seen.seen, seen.failed, seen.made, seen.names)
