"""One project under analysis: its packages, their closures, and the findings in its files."""

import os
from collections.abc import Iterable, MutableMapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from tpkg_analyzer.analyze.engine import check_closure, check_file
from tpkg_analyzer.analyze.selection import Selection, select
from tpkg_analyzer.analyze.suppressions import suppressions_in, unsuppressed
from tpkg_analyzer.config.load import Config
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.model.package import Package
from tpkg_analyzer.rule.context import FileContext, Project
from tpkg_analyzer.rule.module import AnalyzedModule, parsed_module
from tpkg_analyzer.rule.state import ModuleState
from tpkg_analyzer.rule.state_reader import read_state
from tpkg_analyzer.scan.absence import Absence, why_not
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.exports.find import Candidate
from tpkg_analyzer.scan.facts import ModuleFacts
from tpkg_analyzer.scan.known import Known, assumed
from tpkg_analyzer.scan.remembered import closure_of
from tpkg_analyzer.session.exports import packages_of
from tpkg_analyzer.sources.archives import records_in
from tpkg_analyzer.sources.files import Files
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_analyzer.sources.text import decode_source
from tpkg_runtime.spec.actions import TORCH, TPKG, Action


class Session:
    """Answers about one state of a project's files. Make a new one when files have changed."""

    def __init__(
        self,
        config: Config,
        files: Files,
        interpreter: Interpreter,
        packages: Iterable[Package] | None = None,
        *,
        environment: StaticEnvironment | None = None,
        trees: MutableMapping[str, AnalyzedModule | None] | None = None,
        states: MutableMapping[tuple[str, str], ModuleState] | None = None,
    ) -> None:
        self.config = config
        self.packages = tuple(config.packages if packages is None else packages)
        self._roots = roots_of(config)
        self.interpreter = interpreter
        self.files = files
        self._environment = environment or StaticEnvironment(files, interpreter, self._roots, known=known_of(config))
        self._trees: MutableMapping[str, AnalyzedModule | None] = {} if trees is None else trees
        self._states: MutableMapping[tuple[str, str], ModuleState] = {} if states is None else states
        self.exporting: tuple[Path, ...] = ()
        """The files in which exports were looked for."""
        self._package_findings: tuple[list[Diagnostic], frozenset[str]] | None = None
        self.asked: set[str] = set()
        """The modules that the rules have asked about; who keeps findings clears it before a check."""

    @cached_property
    def selection(self) -> Selection:
        """The rules in force. Raises ConfigError for a word that names none."""
        return select(self.config.settings)

    @cached_property
    def closures(self) -> tuple[Closure, ...]:
        """The closure of each package."""
        return tuple(self.closure_of(package) for package in self.packages)

    def closure_of(self, package: Package) -> Closure:
        """Return the closure of any package, under the runtime that its code or the project uses."""
        runtime = package.runtime if package.runtime == "tpkg" else self.config.settings.runtime
        return closure_of(package, self._environment, TPKG if runtime == "tpkg" else TORCH)

    def why_not(self, closure: Closure, module: str) -> Absence | None:
        """Explain why a module is not in a closure; None where it is in."""
        return why_not(closure, self._environment, module)

    @cached_property
    def project(self) -> Project:
        """What rules may ask of the project as a whole."""
        return Project(
            closures=self.closures,
            stdlib_names=self._environment.interpreter.stdlib_names,
            module=self.module,
            facts=self.facts,
            is_first_party=self.is_first_party,
            state=self.state,
            mentioning=self.mentioning,
            root=self.config.root,
            records=lambda path: records_in(self.files, path),
            runtime=self.config.settings.runtime,
        )

    def find_packages(self, paths: Iterable[Path]) -> None:
        """Take in the exports that are written in the files at `paths`. Comes before everything else."""
        self.exporting = tuple(paths)
        candidates = [Candidate(path, *self.module_name(path)) for path in self.exporting]
        self.packages = packages_of(self.config, self._environment, self.files, candidates)

    def check(self, path: Path) -> list[Diagnostic]:
        """Return the findings in one file. Those of the closures come with `check_packages`."""
        facts = self._environment.facts_of(str(path))
        if facts is None:
            return []
        about_packages: tuple[Diagnostic, ...] = ()
        if "tpkg" in facts.words or "noqa" in facts.words:  # there may be comments about these
            about_packages = tuple(item for item in self._about_packages() if item.path == path)
        return self._admitted(check_file(self._context(path, facts), self.selection.rules, about_packages))

    def check_packages(self) -> list[Diagnostic]:
        """Return the findings about the closures themselves."""
        kept: list[Diagnostic] = []
        for diagnostic in self._about_packages():
            comments = suppressions_in(self._text(str(diagnostic.path)), is_python=diagnostic.path.suffix == ".py")
            kept += unsuppressed([diagnostic], comments)
        return self._admitted(kept)

    def _about_packages(self) -> list[Diagnostic]:
        """Return the findings about the closures, those too that a comment keeps quiet."""
        if self._package_findings is None:
            before, self.asked = self.asked, set()
            found = [
                item for closure in self.closures for item in check_closure(closure, self.project, self.selection.rules)
            ]
            self._package_findings = found, frozenset(self.asked)
            self.asked = before
        found, asked = self._package_findings
        self.asked |= asked
        return found

    def module(self, name: str) -> AnalyzedModule | None:
        """Return the parsed module of a dotted name, None where it has no source that parses."""
        self.asked.add(name)
        location = self._environment.locate(name)
        if location is None or location.path is None or self._environment.facts(name) is None:
            return None
        return self._tree(Path(location.path), name, location.is_package)

    def facts(self, name: str) -> ModuleFacts | None:
        """Return the facts of the module of a dotted name, None where it has no source."""
        self.asked.add(name)
        return self._environment.facts(name)

    def state(self, name: str) -> ModuleState | None:
        """Return the summary of the module of a dotted name, None where it has no source."""
        self.asked.add(name)
        location = self._environment.locate(name)
        if location is None or location.path is None:
            return None
        return self._state(location.path, name, location.is_package)

    def mentioning(self, words: Iterable[str]) -> list[str]:
        """Return the first-party modules that a package interns and in which one of the words occurs, sorted."""
        self.asked.update(self._packaged)
        return sorted({name for word in words for name in self._mentions.get(word, ())})

    def is_first_party(self, module: str) -> bool:
        """Tell whether a module is found in the project's import roots."""
        location = self._environment.locate(module)
        return location is not None and location.is_first_party

    def module_name(self, path: Path) -> tuple[str, bool]:
        """Return the dotted name by which the deepest import root imports a file, and whether it is a package."""
        full = os.path.normpath(path)
        roots = [root for root in self._roots if full.startswith(root + os.sep)]
        relative = Path(full).relative_to(max(roots, key=len)) if roots else Path(path.name)
        parts = relative.with_suffix("").parts
        is_package = parts[-1] == "__init__"
        return ".".join(parts[:-1] if is_package and len(parts) > 1 else parts), is_package

    @cached_property
    def _packaged(self) -> frozenset[str]:
        found = {
            name
            for closure in self.closures
            for name, module in closure.modules.items()
            if module.action is Action.INTERN and module.path is not None and not module.is_pickle
        }
        return frozenset(name for name in found if self.is_first_party(name))

    @cached_property
    def _mentions(self) -> dict[str, list[str]]:
        # By word: a project of thousands of modules is asked once for each of them who else uses its names.
        mentions: dict[str, list[str]] = {}
        for name in self._packaged:
            facts = self._environment.facts(name)
            for word in facts.words if facts is not None else ():
                mentions.setdefault(word, []).append(name)
        return mentions

    def _context(self, path: Path, facts: ModuleFacts) -> FileContext:
        own, is_package = self.module_name(path)

        # Two files can have one name, by two import roots; the rules ask by name and mean the file that they look at.
        def module(name: str) -> AnalyzedModule | None:
            return self._tree(path, own, is_package) if name == own else self.module(name)

        def state(name: str) -> ModuleState | None:
            return self._state(str(path), own, is_package) if name == own else self.state(name)

        project = replace(self.project, module=module, state=state)
        return FileContext(path, own, is_package, self._text(str(path)), facts, project, project.interning(own))

    def _admitted(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        admitted = (self.selection.admit(diagnostic, self.config.root) for diagnostic in found)
        return [diagnostic for diagnostic in admitted if diagnostic is not None]

    def _tree(self, path: Path, name: str, is_package: bool) -> AnalyzedModule | None:
        key = os.path.normpath(path)
        if key not in self._trees:
            facts = self._environment.facts_of(key)
            self._trees[key] = self._parsed(path, name, is_package, facts) if facts else None
        return self._trees[key]

    def _state(self, path: str, name: str, is_package: bool) -> ModuleState | None:
        facts = self._environment.facts_of(os.path.normpath(path))
        if facts is None:
            return None
        # The same text under the same name has the same state, whatever else changes.
        key = facts.digest, name
        if key not in self._states:
            self._states[key] = read_state(self._text(path), name, is_package)
        return self._states[key]

    def _parsed(self, path: Path, name: str, is_package: bool, facts: ModuleFacts) -> AnalyzedModule | None:
        if facts.problem is not None:
            return None
        return parsed_module(path, name, is_package, self._text(str(path)))

    def _text(self, path: str) -> str:
        try:
            return decode_source(self.files.read(path))
        except (OSError, SyntaxError, UnicodeDecodeError):
            return ""


def roots_of(config: Config) -> tuple[str, ...]:
    """Return the import roots of a project as the environment takes them."""
    return tuple(os.path.normpath(root) for root in config.import_roots)


def known_of(config: Config) -> Known:
    """Return what the project's `assume` says of modules."""
    return assumed(config.settings.assume.importable, config.settings.assume.missing)
