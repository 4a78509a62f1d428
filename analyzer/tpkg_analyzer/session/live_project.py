"""One project in an editor: findings are kept for as long as nothing that they depend on has changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from tpkg_analyzer.config.load import Config
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.model.package import Package
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.facts import ModuleFacts, Problem
from tpkg_analyzer.scan.known import NOTHING_KNOWN, Known
from tpkg_analyzer.session.buffers import Buffers
from tpkg_analyzer.session.kept import KeptFacts
from tpkg_analyzer.session.session import Session, known_of, roots_of
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_analyzer.sources.recent import Recent
from tpkg_analyzer.sources.store import Store

# Rules and libcst are loaded when there is something that nobody remembers.
if TYPE_CHECKING:
    from tpkg_analyzer.rule.module import AnalyzedModule
    from tpkg_analyzer.rule.state import ModuleState

_MOST_TREES = 64
_MOST_STATES = 20_000


@dataclass(frozen=True, slots=True)
class _Checked:
    """Findings in one file, and what they depend on."""

    digest: str
    findings: tuple[Diagnostic, ...]
    closures: tuple[Closure, ...]
    loading: frozenset[str]
    asked: dict[str, str | None]


class LiveProject:
    """Two speeds: `check` looks at one file under the closures as they were, `settle` brings these up to date."""

    def __init__(
        self,
        config: Config,
        files: Buffers,
        facts: KeptFacts,
        interpreter: Interpreter,
        members: Callable[[Config], tuple[Path, ...]],
        like: LiveProject | None = None,
        *,
        store: Store | None = None,
        seen: Known = NOTHING_KNOWN,
    ) -> None:
        """`like` is another project of the same interpreter, `seen` what real imports in its environment did."""
        self.config = config
        self.interpreter = interpreter
        self._files = files
        self._facts = facts
        self._members = members
        self._store = store
        self._seen = seen
        self._trees: Recent[str, AnalyzedModule | None] = Recent(_MOST_TREES)
        self._states: Recent[tuple[str, str], ModuleState] = Recent(_MOST_STATES)
        self._checked: dict[str, _Checked] = {}
        self._packages: tuple[Package, ...] = ()
        self._closures: tuple[Closure, ...] | None = None
        self._walked: dict[Package, tuple[Closure, frozenset[str]]] = {}
        """Closures with the files that were looked at for them."""
        self.stamp = ""
        """Another one whenever the closures are others."""
        self._package_findings: tuple[Diagnostic, ...] = ()
        self._is_settled = False
        self._has_moved = False
        self._is_prepared = False
        self._environment: StaticEnvironment | None = like._environment if like is not None else None
        self.session = self._new_session(goes_on=True)

    @property
    def is_settled(self) -> bool:
        """Whether the closures are those of the files as they are."""
        return self._is_settled

    @property
    def closures(self) -> tuple[Closure, ...]:
        """The closures as of the last `settle`."""
        return self._closures or ()

    @property
    def package_findings(self) -> tuple[Diagnostic, ...]:
        """The findings about the closures as of the last `settle`."""
        return self._package_findings

    def facts_of(self, path: Path) -> ModuleFacts | None:
        """Return the facts of one file."""
        return self._facts.facts_of(str(path))

    def problem_of(self, text: str) -> Problem | None:
        """Return why a text could not be checked as a file of this project; None where it could be."""
        return self._facts.problem_of(text)

    def renew(self, paths: Iterable[str] | None, *, relisted: bool) -> None:
        """Take note that files have changed (None: any file on disk may have), and whether any came or went."""
        changed, moved = self._facts.renew(self._facts.changed_on_disk() if paths is None else paths)
        for path in changed:
            self._trees.pop(path, None)
        if changed or relisted:
            self._is_settled = False
            self.session.renew(None if relisted else changed)
        if moved or relisted:
            self._has_moved = True
            is_other = relisted or any(self._is_installed(path) for path in changed)
            self._walked = {
                package: (closure, files)
                for package, (closure, files) in self._walked.items()
                if not is_other and moved.isdisjoint(files)
            }
            self._replace_session(goes_on=not any(self._is_installed(path) for path in changed))

    def check(self, path: Path) -> tuple[Diagnostic, ...]:
        """Return the findings in one file, as `Session.check` does, under the closures of the last `settle`."""
        facts = self.facts_of(path)
        if facts is None:
            return ()
        if self._closures is None:
            self._walk()
        known = self._checked.get(str(path))
        if known is None or known.digest != facts.digest or not self._holds(known):
            closures = self._under(self.closures)
            self.session.asked.clear()
            found = tuple(self.session.check(path))
            asked = {name: self.session.stamp_of(name) for name in self.session.asked}
            known = self._checked[str(path)] = _Checked(facts.digest, found, closures, self.session.loading, asked)
        return known.findings

    def settle(self) -> None:
        """Bring closures and the findings about them up to date, as far as what has changed can matter to them."""
        if self._is_settled:
            return
        self._walk()
        self._package_findings = tuple(self.session.check_packages())
        self._is_settled = True
        self._facts.flush()

    def _walk(self) -> None:
        self.session.find_packages(self._members(self.config))
        if self._closures is None or self._has_moved or self.session.packages != self._packages:
            self.session.__dict__.pop("_world", None)
            self.session.renew()
            closures = self._closures_on_disk() if self._closures is None else None
            if closures is None:
                closures = tuple(map(self._closure_of, self.session.packages))
            # Equal closures stay the same object, so that findings under them hold.
            if self._closures is None or self._closures != closures:
                self._closures, self.stamp = closures, uuid4().hex
        self._under(self._closures)
        self._packages = self.session.packages
        self._has_moved = False

    def _closure_of(self, package: Package) -> Closure:
        """Return the closure of a package; it is walked anew only where a file that it rests on has changed for it."""
        if package not in self._walked:
            assert self._environment is not None
            with self._environment.noting() as files:
                closure = self.session.closure_of(package)
            self._walked[package] = closure, frozenset(files)
        return self._walked[package][0]

    def _closures_on_disk(self) -> tuple[Closure, ...] | None:
        """Return the closures of the files on disk, maybe from an earlier run; None if the editor has other texts."""
        if self._store is None or not self._files.are_saved():
            return None
        disk, roots, known = Disk(), roots_of(self.config), known_of(self.config, self._seen)
        environment = StaticEnvironment(disk, self.interpreter, roots, store=self._store, known=known)
        closures = Session(self.config, disk, self.interpreter, self.session.packages, environment=environment).closures
        environment.end()
        return closures

    def prepare(self) -> None:
        """Do ahead what the first edit would have to wait for, where all was remembered so far."""
        if self._environment is not None and self._closures:
            _ = self._environment.importability
        if not self._is_prepared:
            self.session.look_closely()
            self._is_prepared = True

    def reconfigured(self, config: Config) -> LiveProject:
        """Return the same project under another configuration; facts do not depend on it."""
        return LiveProject(
            *(config, self._files, self._facts, self.interpreter, self._members, self),
            store=self._store,
            seen=self._seen,
        )

    def interrupted(self) -> None:
        """Start afresh after work on this project was broken off at any place."""
        # The files are the same; to look through thousands for those of the project takes longer than all the rest.
        self._replace_session(goes_on=True, exporting=self.session.exporting)

    def _under(self, closures: tuple[Closure, ...]) -> tuple[Closure, ...]:
        """Let the session answer under these closures."""
        if self.session.__dict__.get("closures") is not closures:
            self.session.renew()
            self.session.__dict__.pop("_world", None)
            self.session.closures = closures
        return closures

    def _replace_session(self, *, goes_on: bool, exporting: tuple[Path, ...] | None = None) -> None:
        before = self._environment
        self.session = self._new_session(goes_on=goes_on, exporting=exporting)
        if before is not None:
            before.end()

    def _new_session(self, *, goes_on: bool, exporting: tuple[Path, ...] | None = None) -> Session:
        """Return a session over the files as they are now; it goes on where what is installed has not changed."""
        roots, known = roots_of(self.config), known_of(self.config, self._seen)
        environment = StaticEnvironment(self._files, self.interpreter, roots, reader=self._facts, known=known)
        if goes_on and self._environment is not None:
            environment.continue_from(self._environment)
        self._environment = environment
        session = Session(
            self.config,
            self._files,
            self.interpreter,
            self._packages,
            environment=environment,
            trees=self._trees,
            states=self._states,
            store=self._store,
        )
        session.exporting = self._members(self.config) if exporting is None else exporting
        return session

    def _is_installed(self, path: str) -> bool:
        roots = tuple(os.path.join(root, "") for root in roots_of(self.config))
        return path.startswith(os.path.join(self.interpreter.prefix, "")) or not path.startswith(roots)

    def _holds(self, known: _Checked) -> bool:
        is_same = known.closures is self._closures and known.loading == self.session.loading
        return is_same and all(self.session.stamp_of(name) == digest for name, digest in known.asked.items())
