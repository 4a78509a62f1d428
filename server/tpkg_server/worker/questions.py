"""What the server asks its worker, and what it gets: plain data that travels by pickle."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.scan.absence import Absence
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.session.change import Change
from tpkg_runtime.spec.imports import Reference

Answer = TypeVar("Answer", covariant=True)


class Question(Generic[Answer]):
    """Something to be answered by the worker; the parameter is the type of the answer."""

    runs_code_of_others: ClassVar[bool] = False
    """Whether a process is started for it that would outlive a worker that is killed."""


@dataclass(frozen=True, slots=True)
class FileView:
    """A file as the editor shows it: its findings, its imports, and where it belongs."""

    path: Path
    root: Path
    module: str
    findings: tuple[Diagnostic, ...]
    references: tuple[Reference, ...]
    is_settled: bool
    """Whether the closures that the findings rest on are those of the files as they are now."""


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project: its closures and what was found about them, at the places that the editor shows."""

    root: Path
    config: Path | None
    closures: tuple[Closure, ...]
    """Left out where the stamp is the one that the question names."""
    findings: tuple[Diagnostic, ...]
    stdlib_names: frozenset[str]
    stamp: str
    """Another one whenever the closures are others."""


@dataclass(frozen=True, slots=True)
class LookAtFile(Question[FileView]):
    """The findings of a file, under the closures that are known."""

    path: Path


@dataclass(frozen=True, slots=True)
class LookAtFiles(Question[tuple[FileView, ...]]):
    """The same for several files: thousands of questions take longer than their answers."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Settle(Question[ProjectView]):
    """The closures of the project that a file belongs to, brought up to date."""

    path: Path
    known: str = ""
    """The stamp of the closures that are known already: thousands of modules are a lot to send for each edit."""


@dataclass(frozen=True, slots=True)
class WhyNot(Question[tuple[tuple[str, Absence], ...]]):
    """Why a module is not in the packages of the project that a file belongs to, by name of the package."""

    path: Path
    module: str


@dataclass(frozen=True, slots=True)
class RuleCard:
    """What a person may want to read about a rule."""

    code: str
    name: str
    severity: str
    summary: str
    document: str


@dataclass(frozen=True, slots=True)
class Catalogue(Question[tuple[RuleCard, ...]]):
    """All rules; asked here because loading them takes a parser that the server does without."""


@dataclass(frozen=True, slots=True)
class Faults(Question[tuple[Diagnostic, ...]]):
    """What is wrong with the configuration files."""


@dataclass(frozen=True, slots=True)
class ListFiles(Question[tuple[Path, ...]]):
    """The files that the command line would check below some folders."""

    roots: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Prove(Question[tuple[Diagnostic, ...]]):
    """All findings of a project with the verdicts of a real export; runs the user's code in a child process."""

    runs_code_of_others: ClassVar[bool] = True

    path: Path
    package: str | None = None


@dataclass(frozen=True, slots=True)
class PlanView:
    """The smallest list of actions of a package, as configuration and as code."""

    package: str
    toml: str
    python: str
    left: dict[str, str]
    """The modules that no action helps, with the reason."""
    unknown: str | None = None
    """What the package saves and cannot be known; there is no plan then."""
    path: Path | None = None
    """The file in which the package is declared."""
    texts: dict[Path, str] | None = None
    """The texts of the files that tell the actions, with these in them; None where they cannot be put there."""


@dataclass(frozen=True, slots=True)
class PlanFor(Question[PlanView | None]):
    """The plan of a package of the project that a file belongs to, by default the first; None if there is none."""

    path: Path
    package: str | None = None


@dataclass(frozen=True, slots=True)
class Prepare(Question[None]):
    """Do ahead what a later answer would have to wait for."""

    path: Path


@dataclass(frozen=True, slots=True)
class Nothing(Question[None]):
    """No more than to take note of the changes."""


@dataclass(frozen=True, slots=True)
class Job:
    """One question, with the changes since the last one."""

    id: int
    change: Change | None
    question: Question[Any]


@dataclass(frozen=True, slots=True)
class Cancel:
    """Break off the job of this id, if it is the one at work."""

    id: int


@dataclass(frozen=True, slots=True)
class Reply:
    """The end of a job: its answer, or what went wrong, or neither where it was broken off."""

    id: int
    answer: Any = None
    error: str | None = None
    is_cancelled: bool = False
