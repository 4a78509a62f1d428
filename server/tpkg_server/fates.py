"""What happens to a module in an export, and why: the answer behind hovers, hints and lenses."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tpkg_analyzer.model.package import ActionCall, Package
from tpkg_analyzer.scan.closure import Closure, ClosureModule, DroppedImport
from tpkg_analyzer.scan.why import Link, chain_to
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.imports import Reference


@dataclass(frozen=True, slots=True)
class Fate:
    """A module in a closure; `dropped` is set where the exporter leaves it out without a word."""

    closure: Closure
    module: str
    node: ClosureModule | None
    dropped: DroppedImport | None = None

    @property
    def word(self) -> str:
        """The one word for it."""
        if self.node is None:
            return "dropped"
        if self.node.error is not None:
            return self.node.error.name
        return self.node.action.value if self.node.action is not None else "unknown"

    @property
    def because(self) -> str:
        """Why it is so, in a few words."""
        if self.dropped is not None:
            return f"it cannot be imported: {self.dropped.reason}"
        if self.node is None:
            return ""
        if self.node.error is not None:
            return "the export raises PackagingError"
        if self.node.rule == "root":
            return "the package saves it"
        if self.node.rule == "implicit":
            return "before any pattern is asked"
        return f"by `{shown(call)}`" if (call := self.call) is not None else ""

    @property
    def call(self) -> ActionCall | None:
        """The call whose pattern took the module."""
        if self.node is None or self.node.pattern is None:
            return None
        return self.closure.package.actions[self.node.pattern]

    @property
    def chain(self) -> tuple[Link, ...]:
        """The shortest way of imports from what is saved to it."""
        return chain_to(self.closure, self.module) if self.node is not None else ()

    def brings(self) -> tuple[int, int]:
        """Return how many modules are interned from here on, itself included, and their bytes."""
        seen: set[str] = set()
        stack = [self.module]
        while stack:
            name = stack.pop()
            node = self.closure.modules.get(name)
            if node is not None and node.action is Action.INTERN and name not in seen:
                seen.add(name)
                stack += node.depends_on
        return len(seen), sum(self.closure.modules[name].bytes for name in seen)


def fates_of(reference: Reference, importer: str, closures: Iterable[Closure]) -> Iterator[Fate]:
    """Yield what each export does with an import; what only others import stands for itself."""
    names = [reference.module] if reference.name is None else [f"{reference.module}.{reference.name}", reference.module]
    for closure in closures:
        for name in names:
            dropped = next((item for item in closure.dropped if item.module == name and item.by == importer), None)
            if name in closure.modules or dropped is not None:
                yield Fate(closure, name, closure.modules.get(name), dropped)
                break


def fate_of(module: str, closure: Closure) -> Fate | None:
    """Return what an export does with a module, None where it never meets it."""
    dropped = next((item for item in closure.dropped if item.module == module), None)
    if module not in closure.modules and dropped is None:
        return None
    return Fate(closure, module, closure.modules.get(module), dropped)


def taken_by(closure: Closure, call: ActionCall) -> list[str]:
    """Return the modules that a call's patterns took."""
    if call not in closure.package.actions:
        return []
    index = closure.package.actions.index(call)
    return sorted(name for name, node in closure.modules.items() if node.pattern == index)


def numbers(closure: Closure) -> str:
    """Return the closure in numbers."""
    listed = ((action, len(closure.with_action(action))) for action in Action)
    verbs = {Action.INTERN: "interned", Action.EXTERN: "extern", Action.MOCK: "mocked", Action.DENY: "denied"}
    parts = [f"{count} {verbs[action]}" for action, count in listed if count and action in verbs]
    parts += [f"{len(closure.broken)} broken"] if closure.broken else []
    parts += [f"{len(closure.dropped)} dropped"] if closure.dropped else []
    return ", ".join(parts) or "empty"


def shown(call: ActionCall) -> str:
    """Return a call as one would write it in the configuration."""
    exclude = f" except {', '.join(call.exclude)}" if call.exclude else ""
    return f"{call.action.value} {', '.join(call.include)}{exclude}"


def declared_in(closures: Iterable[Closure], path: object) -> Iterator[tuple[Closure, Package]]:
    """Yield the closures whose package is declared in a file."""
    for closure in closures:
        if closure.package.declared.path == path:
            yield closure, closure.package
