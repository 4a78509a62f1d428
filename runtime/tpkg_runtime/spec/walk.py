"""The walk that turns saves and patterns into the dependency graph of a package.

The exporter walks a real environment, the analyzer a predicted one; both get their graph from here, so that what is
predicted can only differ from what is exported where the environments differ.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Protocol

from tpkg_runtime.spec.actions import TORCH, Action, Decision, Pattern, Semantics, decide, is_implicitly_extern
from tpkg_runtime.spec.graph import DiGraph, pickle_node
from tpkg_runtime.spec.imports import Reference
from tpkg_runtime.spec.reasons import PackagingErrorReason


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """What an environment knows of a module that is to be interned: its text, or the reason why there is none."""

    name: str
    is_package: bool
    source: str | None
    path: str | None = None
    reason: PackagingErrorReason | None = None
    context: str | None = None
    asks_for_file: bool = False
    """Whether `__file__` occurs in the text: in a package that is the name of a record, not a place on disk."""


class Environment(Protocol):
    """Where modules come from: the importers of an export, or the analyzer's view of an installation."""

    def exists(self, module: str) -> bool:
        """Tell whether `module` can be imported."""

    def module(self, module: str) -> ModuleSource:
        """Return the source of an importable module. Raises ImportError, or what importing it raises."""

    def references(self, module: ModuleSource) -> Sequence[Reference]:
        """Return what the module's source imports, resolved. Raises where the source cannot be scanned."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A reference that nothing answers to: the exporter leaves it out without a word."""

    module: str
    by: str
    reference: Reference


@dataclass(slots=True)
class DependencyWalk:
    """The state of one export: patterns so far, the graph so far, what was dropped.

    Nodes of the graph carry `action`, `rule` ("root", "implicit" or "pattern"), `pattern` (an index), and where they
    apply `is_package`, `source`, `path`, `error`, `error_context`, `is_pickle`, and `followed` (whether what an
    interned module depends on was asked for).
    """

    environment: Environment
    stdlib_names: Set[str]
    semantics: Semantics = TORCH
    graph: DiGraph = field(default_factory=DiGraph)
    patterns: list[Pattern] = field(default_factory=list)
    matched: set[int] = field(default_factory=set)
    dropped: list[Dropped] = field(default_factory=list)
    references: dict[tuple[str, str], Reference] = field(default_factory=dict)
    """The reference behind each edge between modules."""
    chain: int = 0
    """How many modules are between the saved one and the one that is looked at."""

    def declare(self, pattern: Pattern) -> None:
        """Add a pattern; it is asked after all earlier ones, and only for what is reached from now on."""
        self.patterns.append(pattern)

    def save_module(self, module: str, dependencies: bool = True) -> None:
        """Intern `module` without asking a pattern. Raises what importing it raises."""
        self._follow(self._intern(module, dependencies, Decision(Action.INTERN), "root"))

    def save_source(self, module: ModuleSource, dependencies: bool = True) -> None:
        """Intern a module whose source is given."""
        assert module.source is not None
        self.graph.add_node(
            module.name,
            source=module.source,
            path=module.path,
            is_package=module.is_package,
            provided=True,
            action=Action.INTERN,
            rule="root",
            followed=dependencies,
        )
        if dependencies:
            self._follow(self._dependencies(module))

    def save_pickle(
        self, package: str, resource: str, names: Iterable[tuple[str, str]], dependencies: bool = True
    ) -> None:
        """Add a pickle with its GLOBALs, pairs of module and qualified name in the order of the pickle."""
        node = pickle_node(package, resource)
        self.graph.add_node(node, action=Action.INTERN, provided=True, is_pickle=True, rule="root")
        if not dependencies:
            return
        mocked: dict[str, list[str]] = {}
        modules: dict[str, None] = {}
        for module, name in names:
            modules[module] = None
            if self._is_mocked(module):
                mocked.setdefault(module, []).append(name)
        for module in modules:
            self.graph.add_edge(node, module)
            if module not in mocked:
                self.add_dependency(module)
                continue
            self.graph.add_node(
                module,
                action=Action.MOCK,
                rule="pattern",
                error=PackagingErrorReason.MOCKED_BUT_STILL_USED,
                error_context=f"Object(s) '{mocked[module]}' from module `{module}` was mocked out during packaging "
                f"but is being used in resource - `{resource}` in package `{package}`. ",
                provided=True,
            )

    def add_dependency(self, module: str, dependencies: bool = True) -> None:
        """Take in `module` as the patterns say, and what it needs in turn."""
        self._follow(self._add(module, dependencies))

    def modules_with(self, action: Action) -> list[str]:
        """Return the sorted names of the modules that have `action`; pickles are no modules."""
        return sorted(
            name
            for name, attributes in self.graph.nodes.items()
            if attributes.get("action") is action and "is_pickle" not in attributes
        )

    def errors(self) -> dict[str, PackagingErrorReason]:
        """Return each broken node with its reason, in the order of the graph."""
        return {name: attributes["error"] for name, attributes in self.graph.nodes.items() if "error" in attributes}

    def empty_patterns(self) -> list[int]:
        """Return the indices of the patterns that no module was given to."""
        return [index for index in range(len(self.patterns)) if index not in self.matched]

    def fork(self) -> "DependencyWalk":
        """Return a walk that goes on from here on its own."""
        return replace(
            self,
            graph=self.graph.copy(),
            patterns=list(self.patterns),
            matched=set(self.matched),
            dropped=list(self.dropped),
            references=dict(self.references),
        )

    def _follow(self, first: Iterator[str]) -> None:
        # Depth first, as the original recurses, but without its limit on the length of a chain of imports.
        stack = [first]
        while stack:
            self.chain = len(stack)
            module = next(stack[-1], None)
            if module is None:
                stack.pop()
            else:
                stack.append(self._add(module, True))
        self.chain = 0

    def _add(self, module: str, dependencies: bool) -> Iterator[str]:
        if self.graph.nodes.get(module, {}).get("provided") is True:
            return iter(())
        decision = decide(module, self.patterns, self.stdlib_names, self.semantics)
        if decision is None:
            self.graph.add_node(module, error=PackagingErrorReason.NO_ACTION)
            return iter(())
        if self.semantics.later_patterns_settle:
            self.graph.nodes.get(module, {}).pop("error", None)
        rule = "implicit" if decision.pattern is None else "pattern"
        if decision.pattern is not None:
            self.matched.add(decision.pattern)
        self.graph.add_node(module, action=decision.action, provided=True, rule=rule, pattern=decision.pattern)
        if decision.action is Action.DENY:
            self.graph.add_node(module, error=PackagingErrorReason.DENIED)
        if decision.action is Action.INTERN:
            return self._intern(module, dependencies, decision, rule)
        return iter(())

    def _intern(self, name: str, dependencies: bool, decision: Decision, rule: str) -> Iterator[str]:
        module = self.environment.module(name)
        self.graph.add_node(
            module.name,
            action=Action.INTERN,
            is_package=module.is_package,
            path=module.path,
            provided=True,
            rule=rule,
            pattern=decision.pattern,
        )
        if module.source is None:
            self.graph.add_node(module.name, error=module.reason, error_context=module.context)
            return iter(())
        self.graph.add_node(module.name, source=module.source, followed=dependencies)
        return self._dependencies(module) if dependencies else iter(())

    def _dependencies(self, module: ModuleSource) -> Iterator[str]:
        """Decide on all references of `module` first, then yield them one by one, each joined to it by an edge."""
        try:
            references = self.environment.references(module)
        except Exception as error:  # noqa: BLE001 - whatever stops the scan is the module's error, as in the original
            self.graph.add_node(
                module.name, error=PackagingErrorReason.DEPENDENCY_RESOLUTION_FAILED, error_context=str(error)
            )
            return iter(())
        targets: dict[str, Reference] = {}
        for reference in references:
            target = self._target(reference)
            if target is None:
                self.dropped.append(Dropped(reference.module, module.name, reference))
            else:
                targets.setdefault(target, reference)
        return self._edges(module.name, targets)

    def _edges(self, module: str, targets: dict[str, Reference]) -> Iterator[str]:
        for target, reference in targets.items():
            self.graph.add_edge(module, target)
            self.references.setdefault((module, target), reference)
            yield target

    def _target(self, reference: Reference) -> str | None:
        # A submodule is recorded without its package; an attribute stands for its module.
        if reference.name is not None:
            submodule = f"{reference.module}.{reference.name}"
            if self.environment.exists(submodule):
                return submodule
        return reference.module if self.environment.exists(reference.module) else None

    def _is_mocked(self, module: str) -> bool:
        if is_implicitly_extern(module, self.stdlib_names, self.semantics):
            return False
        first = next((pattern for pattern in self.patterns if pattern.globs.matches(module)), None)
        return first is not None and first.action is Action.MOCK
