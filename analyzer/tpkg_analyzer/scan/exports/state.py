"""The state of one run of the interpreter: where it is, under which conditions, and how much further it may go."""

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tpkg_analyzer.model.package import Place, Unknown
from tpkg_analyzer.scan.exports.code import Code, SourceModule
from tpkg_analyzer.scan.exports.values import FunctionValue, Namespace, Opaque, Value

STEPS = 120_000
LIBRARY_STEPS = 40_000
STATEMENT_STEPS = 60_000
LOAD_STEPS = 60_000
BYTES_PER_STEP = 50
DEPTH = 28


class OutOfStepsError(Exception):
    """The run has taken all the steps that it may; what it has seen so far is open."""


class OutOfAllowanceError(Exception):
    """A call into a library, or a statement, has taken all the steps that it may; what it gives is not known."""


@dataclass(frozen=True, slots=True)
class Site:
    """A node of a module that is being evaluated."""

    module: SourceModule
    node: ast.AST

    @property
    def place(self) -> Place:
        """Return where the node stands."""
        return self.module.place(self.node)

    @property
    def unknown(self) -> Unknown:
        """Return the node as an expression that could not be evaluated."""
        return self.module.unknown(self.node)

    @property
    def opaque(self) -> Opaque:
        """Return the node's value, of which nothing is known."""
        return Opaque(self.unknown)


@dataclass(slots=True, eq=False)
class Frame:
    """A block that runs: a module, the body of a class, or a call."""

    module: SourceModule
    names: Namespace
    function: FunctionValue | None = None
    receiver: Value | None = None
    returned: list[Value] = field(default_factory=list)
    yielded: list[Value] = field(default_factory=list)
    on_yield: Callable[[Value], None] | None = None
    """What runs where the block yields: the body of the `with` statement over a generator."""
    leaving: set[str] = field(default_factory=set)
    """How branches that may have been taken have left the block, or the loop that is running."""

    def site(self, node: ast.AST) -> Site:
        """Return the place of a node in this frame."""
        return Site(self.module, node)


@dataclass(slots=True, eq=False)
class Machine:
    """What all parts of the interpreter share. The four functions are its parts, joined in `machine`."""

    code: Code
    run: Callable[["Machine", Sequence[ast.stmt], Frame], str | None]
    evaluate: Callable[["Machine", ast.expr, Frame], Value]
    call: Callable[["Machine", Value, "Arguments", Site], Value]
    attribute: Callable[["Machine", Value, str, Site], Value | None]
    steps_left: int = STEPS
    parsed: int = 0
    """How much of the libraries was parsed at the last step; a parse counts like steps of the same time."""
    reserve: int | None = None
    """How many steps have to be left when the present call into a library or statement ends, if it is bounded."""
    depth: int = 0
    conditions: list[Unknown] = field(default_factory=list)
    """The conditions that nobody knows and on which it depends whether the present statement runs."""
    namespaces: dict[str, Namespace] = field(default_factory=dict)
    finished: set[int] = field(default_factory=set)
    loaded: set[str] = field(default_factory=set)
    """The modules of which the top level has run, as far as it does something to others."""
    loaded_lines: int = 0
    load_steps_left: int = LOAD_STEPS
    running: dict[str, ast.stmt] = field(default_factory=dict)
    """The statement at the top level of each module that is being run: what stands behind it has not run yet."""
    exporters: list[Any] = field(default_factory=list)
    ended: list[Site] = field(default_factory=list)
    """Where the exporters were made whose exports have ended: this is where an export raises."""
    calls: list[Site] = field(default_factory=list)
    main: str | None = None
    """The module that runs as a script."""
    imported: dict[tuple[str, str], None] = field(default_factory=dict)
    """What code of the project has certainly imported so far: modules, each with a name asked of it or ""."""
    patched: Unknown | None = None
    """Where a method of torch's own exporter class, which that calls itself, is set to something else."""

    @property
    def level(self) -> int:
        """How many unknown conditions are around the present statement."""
        return len(self.conditions)

    def doubt_since(self, level: int) -> Unknown | None:
        """Return the condition that came between the making of an object at `level` and the present statement."""
        return self.conditions[level] if level < len(self.conditions) else None

    def spend(self) -> None:
        """Count one step, and what was parsed for it. Raises OutOfStepsError, and OutOfAllowanceError."""
        self.steps_left -= 1
        if self.code.library_bytes != self.parsed:
            self.steps_left -= (self.code.library_bytes - self.parsed) // BYTES_PER_STEP
            self.parsed = self.code.library_bytes
        if self.reserve is not None and self.steps_left < self.reserve:
            raise OutOfAllowanceError
        if self.steps_left < 0:
            raise OutOfStepsError

    def runs_as(self, module: str) -> str:
        """Return the name that a module has while it runs: that of the script is not its own."""
        return "__main__" if self.main == module else module

    @contextmanager
    def allowance(self, steps: int) -> Iterator[None]:
        """Run a block that may take so many steps, of those that are left."""
        before = self.reserve
        self.reserve = max(self.steps_left - steps, before or 0)
        try:
            yield
        finally:
            self.reserve = before

    @contextmanager
    def under(self, cause: Unknown) -> Iterator[None]:
        """Run a block that only may run."""
        level = self.level
        self.conditions.append(cause)
        try:
            yield
        finally:
            del self.conditions[level:]


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call. `doubt` stands for those behind a star that are not known."""

    positional: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()
    doubt: Unknown | None = None
    nodes: tuple[ast.expr, ...] = ()
    """The expressions of the positional arguments, as far as they are known one by one."""
    on_yield: Callable[[Value], None] | None = None
    """See Frame."""

    def get(self, position: int, keyword: str) -> Value | None:
        """Return an argument given by position or by name."""
        if position < len(self.positional):
            return self.positional[position]
        return next((value for name, value in self.keywords if name == keyword), None)


@dataclass(frozen=True, slots=True)
class Pending:
    """The payload of a context manager that a generator function makes: nothing of it has run yet."""

    function: FunctionValue
    arguments: Arguments


def entered(machine: Machine, pending: Pending, site: Site) -> Value:
    """Run such a generator where its end is not known to come after what follows; return what it yields."""
    values: list[Value] = []
    told: list[int] = []

    def keep(value: Value) -> None:
        values.append(value)
        told[:] = [len(log.steps) for log in machine.exporters]

    machine.call(machine, pending.function, replace(pending.arguments, on_yield=keep), site)
    for log, before in zip(machine.exporters, told, strict=False):
        log.is_closed = False
        if len(log.steps) > before:
            log.lose(site.unknown)  # this comes later
    return values[0] if values else site.opaque
