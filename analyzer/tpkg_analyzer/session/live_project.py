"""One project in an editor: findings are kept for as long as nothing that they depend on has changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tpkg_analyzer.config.load import Config
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.facts import ModuleFacts
from tpkg_analyzer.session.kept import KeptFacts
from tpkg_analyzer.session.recent import Recent
from tpkg_analyzer.session.session import Session, roots_of
from tpkg_analyzer.sources.files import Files
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_analyzer.sources.store import Store

_MOST_TREES = 64


@dataclass(frozen=True, slots=True)
class _Checked:
    """Findings in one file, and what they depend on."""

    digest: str
    findings: tuple[Diagnostic, ...]
    closures: tuple[Closure, ...]
    asked: dict[str, str | None]


class LiveProject:
    """Two speeds: `check` looks at one file under the closures as they were, `settle` brings these up to date."""

    def __init__(self, config: Config, files: Files, interpreter: Interpreter, store: Store | None = None) -> None:
        self.config = config
        self.interpreter = interpreter
        self._files = files
        self._store = store
        self._facts = KeptFacts(files, interpreter.version[:2], store)
        self._trees: Recent[str, AnalyzedModule | None] = Recent(_MOST_TREES)
        self._checked: dict[str, _Checked] = {}
        self._closures: tuple[Closure, ...] | None = None
        self._package_findings: tuple[Diagnostic, ...] = ()
        self._is_settled = False
        self.session = self._new_session()

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

    def renew(self, paths: Iterable[str] | None, *, relisted: bool) -> None:
        """Take note that files have changed (None: any file on disk may have), and whether any came or went."""
        changed, moved = self._facts.renew(self._facts.changed_on_disk() if paths is None else paths)
        for path in changed:
            self._trees.pop(path, None)
        if moved or relisted:
            self._is_settled = False
            self.session = self._new_session()

    def check(self, path: Path) -> tuple[Diagnostic, ...]:
        """Return the findings in one file, as `Session.check` does, under the closures of the last `settle`."""
        facts = self.facts_of(path)
        if facts is None:
            return ()
        if self._closures is None:
            self.settle()
        closures = self.closures
        known = self._checked.get(str(path))
        if known is None or known.digest != facts.digest or not self._holds(known, closures):
            self.session.closures = closures
            self.session.asked.clear()
            found = tuple(self.session.check(path))
            asked = {name: self._digest(name) for name in self.session.asked}
            known = self._checked[str(path)] = _Checked(facts.digest, found, closures, asked)
        return known.findings

    def settle(self) -> bool:
        """Walk the packages again where that is needed; return whether any closure is another than before."""
        if self._is_settled:
            return False
        self.session.__dict__.pop("closures", None)
        self.session.__dict__.pop("project", None)
        closures = self.session.closures
        # Equal closures stay the same object, so that findings under them hold.
        is_new = self._closures != closures
        self._closures = closures if is_new or self._closures is None else self._closures
        self._package_findings = tuple(self.session.check_packages())
        self._is_settled = True
        if self._store is not None:
            self._store.flush()
        return is_new

    def interrupted(self) -> None:
        """Start afresh after work on this project was broken off at any place."""
        self.session = self._new_session()

    def _new_session(self) -> Session:
        environment = StaticEnvironment(
            self._files, self.interpreter, roots_of(self.config), store=self._store, reader=self._facts
        )
        return Session(self.config, self._files, self.interpreter, environment=environment, trees=self._trees)

    def _holds(self, known: _Checked, closures: tuple[Closure, ...]) -> bool:
        return known.closures is closures and all(self._digest(name) == digest for name, digest in known.asked.items())

    def _digest(self, name: str) -> str | None:
        facts = self.session.facts(name)
        return facts.digest if facts else None
