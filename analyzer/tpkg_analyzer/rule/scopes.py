"""Scopes of a module and what each name in them is bound to, by Python's rules of visibility."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from unicodedata import normalize

import libcst as cst


def identifier(text: str) -> str:
    """Return the name that the parser of Python makes of an identifier as written (PEP 3131)."""
    return text if text.isascii() else normalize("NFKC", text)


class ScopeKind(Enum):
    """What opens a scope."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    COMPREHENSION = "comprehension"


class BindingKind(Enum):
    """What gives a name its value."""

    IMPORT = "import"
    DEFINITION = "definition"
    PARAMETER = "parameter"
    ASSIGNMENT = "assignment"
    OTHER = "other"


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """One thing that binds a name.

    `target` is the dotted name that an import stands for; `value` the assigned expression where it is the whole value,
    or the default of a parameter; `node` what is to be shown.
    """

    kind: BindingKind
    node: cst.CSTNode
    target: str | None = None
    value: cst.BaseExpression | None = None


@dataclass(slots=True, eq=False)
class Scope:
    """A scope with its bindings in order of the text."""

    kind: ScopeKind
    node: cst.CSTNode
    parent: "Scope | None"
    qualname: str
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)

    @property
    def runs_at_import(self) -> bool:
        """Whether code in this scope runs when the module is imported."""
        return self.function is None

    @property
    def function(self) -> "Scope | None":
        """The innermost function that this scope is or is in."""
        return next((scope for scope in self.outward() if scope.kind is ScopeKind.FUNCTION), None)

    @property
    def module(self) -> "Scope":
        """The scope of the module."""
        return list(self.outward())[-1]

    @property
    def enclosing_class(self) -> "Scope | None":
        """The class whose method this scope is in."""
        return next((scope for scope in self.outward() if scope.kind is ScopeKind.CLASS), None)

    def outward(self) -> Iterator["Scope"]:
        """Yield this scope and those around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def bind(self, name: str, binding: Binding) -> None:
        """Bind `name` where a statement in this scope binds it."""
        name = identifier(name)
        self._owner(name).bindings.setdefault(name, []).append(binding)

    def lookup(self, name: str) -> "tuple[Scope, list[Binding]] | None":
        """Return the scope in which `name` is found from here, with its bindings; None for builtins and the unknown."""
        name = identifier(name)
        if name in self.globals:
            top = self.module
            return (top, top.bindings[name]) if name in top.bindings else None
        for scope in self.outward():
            hidden = scope.kind is ScopeKind.CLASS and scope is not self  # methods do not see the class body
            if name in scope.bindings and not hidden and not (scope is self and name in self.nonlocals):
                return scope, scope.bindings[name]
        return None

    def _owner(self, name: str) -> "Scope":
        if name in self.globals:
            return self.module
        if name in self.nonlocals:
            around = [scope for scope in self.outward() if scope.kind is ScopeKind.FUNCTION and scope is not self]
            # The enclosing function may bind the name further down in the text.
            return next((scope for scope in around if name in scope.bindings), around[0] if around else self)
        return self
