"""What a rule may ask: one file, its facts, and the closures of the project's packages. Nothing else."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tpkg_analyzer.model.diagnostic import Diagnostic, Fix, Related, Severity
from tpkg_analyzer.model.package import Package, RootKind
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.state import ModuleState
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.facts import ModuleFacts
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.source import Span, split_lines


class Identified(Protocol):
    """The part of a rule that its findings carry."""

    @property
    def code(self) -> str:
        """The code, TPK with three digits."""

    @property
    def name(self) -> str:
        """The name in words with hyphens."""

    @property
    def severity(self) -> Severity:
        """The severity before any override."""


@dataclass(frozen=True, slots=True)
class Project:
    """The packages of a project and the modules that they reach."""

    closures: tuple[Closure, ...]
    stdlib_names: frozenset[str]
    module: Callable[[str], AnalyzedModule | None]
    """Gives the parsed module of a dotted name, None where it has no source that parses."""
    facts: Callable[[str], ModuleFacts | None]
    words: Callable[[str], frozenset[str]]
    """Gives all names that occur in the source of a module, none where it has no source."""
    is_first_party: Callable[[str], bool]
    state: Callable[[str], ModuleState | None]
    """Gives the summary of what a module holds and changes, without a tree; None where it has no source."""
    mentioning: Callable[[Iterable[str]], list[str]]
    """Gives the first-party modules that a package interns and in which one of the words occurs."""
    packages: tuple[Package, ...] = ()
    """All packages of the project, those too that were not asked for: their closures are not among the others."""
    root: Path = Path()
    """The folder that relative paths start from."""
    records: Callable[[Path], frozenset[str] | None] = lambda _: None
    """Gives the records of an archive that is there, without those of the framework; None where there is none."""
    pickled: Callable[[Path, str], frozenset[str] | None] = lambda _archive, _record: None
    """Gives the modules that a pickle in an archive names; None where that cannot be told."""
    loading: frozenset[str] = frozenset()
    """The modules of the project in whose files the name PackageImporter occurs."""
    tables: str = "tool.tpkg-lint."
    """What comes before the name of a table in the project's configuration: nothing in a tpkg-lint.toml."""
    runtime: str = "torch"
    """Whose behaviour the findings are about: "torch", or "tpkg", which repairs some of it."""

    def interning(self, module: str) -> tuple[Closure, ...]:
        """Return the closures that intern `module`."""
        return tuple(closure for closure in self.closures if action_in(closure, module) is Action.INTERN)

    def holding(self, module: str, text: str) -> tuple[Closure, ...]:
        """Return the closures that intern `module` with this text, and not with another one that an export gives it."""
        lines = split_lines(text)
        return tuple(
            closure
            for closure in self.interning(module)
            if all(
                root.source is not None and split_lines(root.source) == lines
                for root in closure.package.roots
                if root.kind is RootKind.SOURCE and root.module == module
            )
        )


@dataclass(frozen=True, slots=True)
class FileContext:
    """One file that is checked, before any parse."""

    path: Path
    name: str
    is_package: bool
    source: str
    facts: ModuleFacts
    words: frozenset[str]
    """All names that occur in the file."""
    project: Project
    closures: tuple[Closure, ...]
    """The closures that intern the file's module, as it is in the file."""

    @property
    def is_packaged(self) -> bool:
        """Whether the module goes into a package; where no package is known, any that uses torch may.

        Not in a project that makes no package and loads some: it is their host, and its code stays outside of them.
        """
        if self.project.closures:
            return bool(self.closures)
        return "torch" in self.words and not self.project.loading

    @property
    def package(self) -> Package | None:
        """The package that a finding in this file is about."""
        return self.closures[0].package if self.closures else None

    def finding(
        self,
        rule: Identified,
        span: Span,
        message: str,
        *,
        symbol: str,
        help: str | None = None,  # noqa: A002 - the field's name in every output format
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
        package: str | None = None,
        archive: Path | None = None,
    ) -> Diagnostic:
        """Return a finding of `rule` in this file."""
        return Diagnostic(
            code=rule.code,
            name=rule.name,
            message=message,
            severity=rule.severity,
            path=self.path,
            span=span,
            symbol=symbol,
            module=self.name,
            package=package or (self.package.name if self.package else None),
            help=help,
            related=related,
            fix=fix,
            archive=archive,
        )


@dataclass(frozen=True, slots=True)
class ModuleContext(FileContext):
    """One file that is checked, parsed."""

    module: AnalyzedModule


def action_in(closure: Closure, module: str) -> Action | None:
    """Return what a closure does with `module`, None where it does not reach it."""
    found = closure.modules.get(module)
    return found.action if found else None
