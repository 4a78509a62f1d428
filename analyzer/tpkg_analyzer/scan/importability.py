"""Whether a module can be imported, decided without importing it: the exporter drops what cannot."""

from collections.abc import Callable, Set
from dataclasses import dataclass

from tpkg_analyzer.scan.facts import ModuleFacts
from tpkg_analyzer.scan.resolver import Location, ModuleKind, Resolver
from tpkg_runtime.spec.imports import absolute_name, package_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an import works and, if not, why, in the words of a person who reads about a dropped module."""

    is_importable: bool
    reason: str | None = None


_YES = Verdict(True)
_STDLIB_ALIASES = frozenset({"os.path"})


class Importability:
    """Follows the imports that certainly run at a module's top level, parents first.

    What is not certain to fail counts as importable.
    """

    def __init__(
        self, resolver: Resolver, stdlib_names: Set[str], facts: Callable[[Location], ModuleFacts | None]
    ) -> None:
        self._resolver = resolver
        self._stdlib_names = stdlib_names
        self._facts = facts
        self._known: dict[str, Verdict] = {}

    def verdict(self, name: str) -> Verdict:
        """Decide on the module `name`."""
        known = self._known.get(name)
        if known is None:
            self._known[name] = _YES  # a module that is being imported is there for those that import it in a circle
            known = self._known[name] = self._decide(name)
        return known

    def _decide(self, name: str) -> Verdict:
        location = self._resolver.find(name)
        if name.partition(".")[0] in self._stdlib_names:
            exists = location is not None or name in _STDLIB_ALIASES
            return _YES if exists else Verdict(False, f"there is no module {name}")
        if location is None:
            return Verdict(False, self._why_missing(name))
        parent = name.rpartition(".")[0]
        if parent and not (above := self.verdict(parent)).is_importable:
            return above
        facts = self._facts(location)
        if facts is None:
            return _YES
        if facts.problem is not None and facts.problem.stops_import:
            return Verdict(False, f"{name} does not parse: {facts.problem.message}")
        package = package_of(name, location.is_package)
        for kind, *rest in facts.outline:
            if kind == "import":
                failure = self._failure(rest[1])
            elif kind in {"from", "star"}:
                try:
                    target = absolute_name(rest[1], package, rest[2])
                except ValueError:
                    return Verdict(False, f"{name} imports relative to a package that it is not in")
                failure = self._failure(target)
            else:
                continue
            if failure is not None:
                return Verdict(False, failure)
        return _YES

    def _failure(self, target: str) -> str | None:
        if self._is_made_by_extension(target):
            return None
        imported = self.verdict(target)
        return None if imported.is_importable else imported.reason

    def _is_made_by_extension(self, name: str) -> bool:
        """Tell whether a compiled module stands above `name`: it can make submodules that no file shows."""
        while name := name.rpartition(".")[0]:
            location = self._resolver.find(name)
            if location is not None:
                return location.kind is ModuleKind.EXTENSION
        return False

    def _why_missing(self, name: str) -> str:
        top = name.partition(".")[0]
        return f"{top} is not installed" if self._resolver.find(top) is None else f"there is no module {name}"
