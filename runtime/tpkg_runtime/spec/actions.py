"""What an exporter does with a module, and the ordered patterns that decide it."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from enum import Enum

from tpkg_runtime.spec.globs import GlobGroup

RESERVED_MOCK = "_mock"
RESERVED_IMPORTER = "torch_package_importer"

_NEVER_IMPLICIT = frozenset({"sys", "io"})


class Action(Enum):
    """What happens to a module of the closure."""

    INTERN = "intern"
    EXTERN = "extern"
    MOCK = "mock"
    DENY = "deny"
    REPACKAGED_MOCK = "repackaged-mock"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Semantics:
    """Where torch.package and tpkg_runtime differ on purpose; everything else is the same for both."""

    name: str
    deny_first: bool
    """Whether `deny` patterns are asked before a module becomes extern by itself."""
    implicit_sys_io: bool
    """Whether `sys` and `io` become extern by themselves like the rest of the standard library."""
    later_patterns_settle: bool
    """Whether a module that no pattern matched is settled by a pattern that is declared before it is met again."""
    writes_ancestors: bool
    """Whether the `__init__` of packages above an interned module are written (see `spec.ancestors`)."""


TORCH = Semantics(
    name="torch", deny_first=False, implicit_sys_io=False, later_patterns_settle=False, writes_ancestors=False
)
TPKG = Semantics(name="tpkg", deny_first=True, implicit_sys_io=True, later_patterns_settle=True, writes_ancestors=True)


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """One call of intern, extern, mock or deny. Compared by identity: two equal calls are two patterns."""

    action: Action
    globs: GlobGroup
    allow_empty: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """The action for a module, and the index of the pattern that gave it; no index means it is implicit."""

    action: Action
    pattern: int | None = None


def decide(
    module: str, patterns: Iterable[Pattern], stdlib_names: Set[str], semantics: Semantics = TORCH
) -> Decision | None:
    """Return what the exporter does with `module`, None where no pattern has a word for it.

    The order is torch.package's: reserved names, implicit externs, then the patterns as they were declared.
    """
    if module == RESERVED_IMPORTER:
        return Decision(Action.SKIP)
    if module == RESERVED_MOCK:
        return Decision(Action.REPACKAGED_MOCK)
    implicit = is_implicitly_extern(module, stdlib_names, semantics)
    if implicit and not semantics.deny_first:
        return Decision(Action.EXTERN)
    for index, pattern in enumerate(patterns):
        if implicit and pattern.action is not Action.DENY:
            continue
        if pattern.globs.matches(module):
            return Decision(pattern.action, index)
    return Decision(Action.EXTERN) if implicit else None


def is_implicitly_extern(module: str, stdlib_names: Set[str], semantics: Semantics = TORCH) -> bool:
    """Tell whether `module` is extern before any pattern is asked: torch and the standard library."""
    top = module.partition(".")[0]
    if top in _NEVER_IMPLICIT:
        return semantics.implicit_sys_io
    return top == "torch" or top in stdlib_names
