"""Findings, and the fixes that go with them."""

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from tpkg_runtime.spec.source import Span


class Severity(Enum):
    """How much a finding weighs; errors and warnings make the exit status 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    HINT = "hint"


class Certainty(Enum):
    """What is known of a finding: predicted from the sources, or tried by the real exporter and importer."""

    PREDICTED = "predicted"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that a finding is about."""

    path: Path
    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replaces `span` of `path` by `text`."""

    path: Path
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that settles a finding. A safe one keeps the meaning of the code; an unsafe one has to be asked for.

    One that `waits` takes away what nothing needs: it is made only where no other is left, which may bring the need.
    """

    title: str
    edits: tuple[Edit, ...]
    is_safe: bool
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    `symbol` is the dotted name that it is about and, with code, module and package, its identity: it stays the same
    when lines move. `archive` is what the code at its place opens, where that is known.
    """

    code: str
    name: str
    message: str
    severity: Severity
    path: Path
    span: Span
    symbol: str = ""
    module: str = ""
    package: str | None = None
    help: str | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    certainty: Certainty = Certainty.PREDICTED
    evidence: str | None = None
    archive: Path | None = None

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes it the same finding in every format and from run to run."""
        return self.code, self.module, self.symbol, self.package or ""

    @property
    def order(self) -> tuple[Path, Span, str, str, str, str]:
        """What findings are sorted by: no two that a reader can tell apart are left to chance."""
        return self.path, self.span, self.code, self.symbol, self.package or "", self.message

    def with_verdict(self, certainty: Certainty, evidence: str) -> "Diagnostic":
        """Return the finding with what confirm saw; place and text stay."""
        return replace(self, certainty=certainty, evidence=evidence)
