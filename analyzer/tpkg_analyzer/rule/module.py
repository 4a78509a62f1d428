"""A module under closer look: its tree, what its names refer to, and where its nodes stand."""

import builtins
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TypeVar, cast

import libcst as cst

from tpkg_analyzer.rule.index import Index, dotted_name
from tpkg_analyzer.rule.parsing import parse
from tpkg_analyzer.rule.places import Places
from tpkg_analyzer.rule.scopes import Binding, BindingKind, Scope, ScopeKind
from tpkg_runtime.spec.imports import package_of
from tpkg_runtime.spec.source import Span

Node = TypeVar("Node", bound=cst.CSTNode)


class AnalyzedModule:
    """One parsed file. Raises libcst.ParserSyntaxError where it does not parse."""

    def __init__(self, path: Path, name: str, is_package: bool, source: str) -> None:
        self.path = path
        self.name = name
        self.is_package = is_package
        self.source = source
        self.tree = parse(source)

    @cached_property
    def index(self) -> Index:
        """Scopes and sites, made in one pass when first asked for."""
        return Index(self.tree, self.name, package_of(self.name, self.is_package))

    def sites(self, kind: type[Node]) -> Iterator[tuple[Node, Scope]]:
        """Yield all nodes of `kind` with the scope that each is evaluated in, in the order of the text."""
        for node, scope in self.index.sites.get(kind, ()):
            yield cast("Node", node), scope

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the node around `node`."""
        return self.index.parents.get(node)

    def span(self, node: cst.CSTNode) -> Span:
        """Return where `node` stands, without the blanks around it."""
        return self._places.span(node)

    def qualified(self, expression: cst.CSTNode, scope: Scope) -> str | None:
        """Return the full dotted name that an expression refers to, None where it is not certain.

        Imports are followed to the name that they import, definitions of this module carry its name, names that
        nothing binds are those of `builtins`.
        """
        dotted = dotted_name(expression)
        if dotted is None:
            return None
        first, _, rest = dotted.partition(".")
        found = scope.lookup(first)
        if found is None:
            base = f"builtins.{first}" if hasattr(builtins, first) else None
        else:
            base = self._target(first, *found)
        if base is None:
            return None
        return f"{base}.{rest}" if rest else base

    def _target(self, name: str, owner: Scope, bindings: list[Binding]) -> str | None:
        targets = {binding.target for binding in bindings}
        if len(targets) == 1 and all(binding.kind is BindingKind.IMPORT for binding in bindings):
            return targets.pop()
        if owner.kind is ScopeKind.MODULE:
            return f"{self.name}.{name}"
        if all(binding.kind is BindingKind.DEFINITION for binding in bindings):
            return f"{self.name}.{owner.qualname}.{name}"
        return None

    @cached_property
    def _places(self) -> Places:
        return Places(self.tree, self.source, self.index.parents)


def parsed_module(path: Path, name: str, is_package: bool, source: str) -> AnalyzedModule | None:
    """Return the parsed file; None for syntax that is newer than libcst's parser."""
    try:
        return AnalyzedModule(path, name, is_package, source)
    except cst.ParserSyntaxError:
        return None
