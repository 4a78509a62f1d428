"""A rule: one question about a file, a parsed module or a closure."""

from collections.abc import Iterator
from functools import cache
from typing import ClassVar

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.rule.context import FileContext, ModuleContext, Project
from tpkg_analyzer.rule.unused import UnusedSuppression
from tpkg_analyzer.scan.closure import Closure
from tpkg_runtime.wire.messages import Experiment, ExperimentKind


def occur(entries: frozenset[str], words: frozenset[str]) -> bool:
    """Tell whether all words of one of the entries are among `words`."""
    return any(words.issuperset(entry) for entry in _split(entries))


@cache
def _split(entries: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(entry.split()) for entry in sorted(entries))


_EVALUATING = frozenset(
    {
        ExperimentKind.HOST_IMPORT,
        ExperimentKind.SUBMODULE_MISSING,
        ExperimentKind.RAISES_INSIDE,
        ExperimentKind.DIFFERS_INSIDE,
        ExperimentKind.GIVES_LOADER,
        ExperimentKind.DISTRIBUTION,
    }
)


class Rule:
    """Subclasses say what they are by class attributes, what they mean by their docstring, and override one check.

    A rule has no state, does no I/O, and knows no editor, no output format and no override of its severity.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    since: ClassVar[str]
    words: ClassVar[frozenset[str]] = frozenset()
    """A file without any of these words has no finding of this rule and is not parsed for it.

    An entry of several words, separated by blanks, counts where all of them occur.
    """
    confirmed_by: ClassVar[ExperimentKind | None] = None
    """What a probe tries to prove a finding."""
    runs_inside: ClassVar[bool] = False
    """Whether a finding in a module is about what its code does in a package: there is none in code for the host."""

    def concerns(self, context: FileContext) -> bool:
        """Tell, without a parse, whether the rule can have a finding in a file."""
        return not self.words or occur(self.words, context.words)

    def check_file(self, context: FileContext) -> Iterator[Diagnostic]:
        """Look at a file by its facts alone."""
        yield from ()

    def check_module(self, context: ModuleContext) -> Iterator[Diagnostic]:
        """Look at a parsed module."""
        yield from ()

    def check_closure(self, closure: Closure, project: Project) -> Iterator[Diagnostic]:
        """Look at the closure of a package."""
        yield from ()

    def experiment(self, finding: Diagnostic, code: str) -> Experiment | str | None:
        """Return what a probe is to try to prove a finding; `code` is what stands at its place.

        Where this one finding cannot be tried, return the reason; None where the rule has nothing to prove.
        """
        if self.confirmed_by is None:
            return None
        expression = code if self.confirmed_by in _EVALUATING else ""
        if self.confirmed_by is ExperimentKind.IMPORT_RAISES:
            expression = str(finding.span.line)
        return Experiment(0, self.confirmed_by, finding.module, finding.symbol, expression)

    def check_suppressions(self, context: FileContext, unused: tuple[UnusedSuppression, ...]) -> Iterator[Diagnostic]:
        """Look at the comments of a file that keep nothing quiet, when all other rules have looked."""
        yield from ()

    @classmethod
    def overrides(cls, check: str) -> bool:
        """Tell whether the rule has a check of that name of its own."""
        return getattr(cls, check) is not getattr(Rule, check)
