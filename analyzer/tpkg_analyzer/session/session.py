"""One project under analysis: its packages, their closures, and the findings in its files."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Collection, Iterable, Iterator, MutableMapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tpkg_analyzer.config.load import Config
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.model.package import Package
from tpkg_analyzer.scan.absence import Absence, why_not
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.depth import too_deep
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.facts import ModuleFacts
from tpkg_analyzer.scan.known import NOTHING_KNOWN, Known, assumed
from tpkg_analyzer.scan.remembered import closure_of
from tpkg_analyzer.scan.seen import SeenImports
from tpkg_analyzer.session import stamps
from tpkg_analyzer.session.memory import Memory, world_of
from tpkg_analyzer.session.packaged import Packaged
from tpkg_analyzer.session.stamps import Stamps
from tpkg_analyzer.sources.archives import modules_in, records_in
from tpkg_analyzer.sources.files import Files, digest_of
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_analyzer.sources.notebooks import SUFFIX as NOTEBOOK
from tpkg_analyzer.sources.packing import identifying
from tpkg_analyzer.sources.recent import Recent
from tpkg_analyzer.sources.store import Store
from tpkg_analyzer.sources.text import decode_source
from tpkg_runtime.spec.actions import TORCH, TPKG, Action

# Rules and libcst take longer to load than a run takes in which every finding is remembered: they come when needed.
if TYPE_CHECKING:
    from tpkg_analyzer.analyze.selection import Selection
    from tpkg_analyzer.rule.context import FileContext, Project
    from tpkg_analyzer.rule.module import AnalyzedModule
    from tpkg_analyzer.rule.state import ModuleState

EXPORTER = "PackageExporter"
"""A project in whose code this word does not occur makes no export."""

IMPORTER = "PackageImporter"
"""What a file names that loads packages by itself."""

_MOST_TREES = 300
"""The parsed modules that are kept: a tree takes two hundred times the memory of its text."""

_DEEPEST_TREE = 1_000
"""The levels of a module that is parsed closely: the time for that grows with their square."""


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
        seen: SeenImports | None = None,
        trees: MutableMapping[str, AnalyzedModule | None] | None = None,
        states: MutableMapping[tuple[str, str], ModuleState] | None = None,
        store: Store | None = None,
    ) -> None:
        """`store` is where findings are remembered, for a session over the disk as it is."""
        self.config = config
        self.packages = tuple(config.packages if packages is None else packages)
        self._all_packages = self.packages
        """Those too that nobody asks for."""
        self._roots = roots_of(config)
        self.interpreter = interpreter
        self.files = files
        self._environment = environment or StaticEnvironment(files, interpreter, self._roots, known=known_of(config))
        self.seen = seen
        """What real imports in this environment did; None where nothing is remembered."""
        self._trees: MutableMapping[str, AnalyzedModule | None] = Recent(_MOST_TREES) if trees is None else trees
        self._states: MutableMapping[tuple[str, str], ModuleState] = {} if states is None else states
        self.exporting: tuple[Path, ...] = ()
        """The files in which exports were looked for."""
        self._package_findings: tuple[tuple[Diagnostic, ...], frozenset[str]] | None = None
        self._stamps = Stamps(self._environment, files, lambda: self._packaged.names)
        self.store = store
        self.n_checked = 0
        """How many files had to be checked because nothing was remembered of them."""
        self.asked: set[str] = set()
        """The modules that the rules have asked about; who keeps findings clears it before a check."""

    @cached_property
    def selection(self) -> Selection:
        """The rules in force. Raises ConfigError for a word that names none."""
        from tpkg_analyzer.analyze.selection import select

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
        from tpkg_analyzer.rule.context import Project

        own = self.config.path
        return Project(
            closures=self.closures,
            stdlib_names=self._environment.interpreter.stdlib_names,
            module=self.module,
            facts=self.facts,
            words=self.words,
            is_first_party=self.is_first_party,
            state=self.state,
            mentioning=self.mentioning,
            packages=self._all_packages,
            root=self.config.root,
            records=self._records,
            pickled=self._pickled,
            loading=self.loading,
            tables="" if own is not None and own.name != "pyproject.toml" else "tool.tpkg-lint.",
            runtime=self.config.settings.runtime,
        )

    @cached_property
    def loading(self) -> frozenset[str]:
        """The modules of the project in whose files the name PackageImporter occurs."""
        return frozenset(
            self.module_name(path)[0]
            for path in self.exporting
            if "PackageImporter" in self._environment.words_of(str(path))
        )

    def find_packages(self, paths: Iterable[Path]) -> None:
        """Take in the exports that are written in the files at `paths`. Comes before everything else."""
        self.exporting = tuple(paths)
        is_any = any(EXPORTER in self._environment.words_of(str(path)) for path in self.exporting)
        if not is_any and all(package.at is None for package in self.config.packages):
            self.packages = self._all_packages = self.config.packages
            return
        from tpkg_analyzer.scan.exports.find import Candidate
        from tpkg_analyzer.session.exports import packages_of

        candidates = [Candidate(path, *self.module_name(path)) for path in self.exporting]
        self.packages = packages_of(self.config, self._environment, self.files, candidates)
        self._all_packages = self.packages

    def can_read(self, path: Path) -> bool:
        """Tell whether there is a file that can be read, whatever is in it."""
        return self._environment.facts_of(str(path)) is not None

    def check(self, path: Path) -> list[Diagnostic]:
        """Return the findings in one file. Those of the closures come with `check_packages`."""
        facts = self._environment.facts_of(str(path))
        if facts is None:
            return []
        return list(self._remembered(str(path), facts.digest, lambda: self._check(path, facts)))

    def _check(self, path: Path, facts: ModuleFacts) -> list[Diagnostic]:
        from tpkg_analyzer.analyze.engine import check_file

        self.n_checked += 1
        about_packages: tuple[Diagnostic, ...] = ()
        if not self._environment.words_of(str(path)).isdisjoint(("tpkg", "noqa")):  # there may be comments about these
            about_packages = tuple(item for item in self._about_packages() if item.path == path)
        return self._admitted(check_file(self._context(path, facts), self.selection.rules, about_packages))

    def _remembered(
        self, subject: str, digest: str, find: Callable[[], Iterable[Diagnostic]]
    ) -> tuple[Diagnostic, ...]:
        """Return what is found of a subject with this digest, from the memory where there is one that still holds."""
        if self._memory is None:
            return tuple(find())
        rests_on = f"{digest}:{self._world}:{' '.join(sorted(self.loading))}"
        kept = self._memory.recall(subject, rests_on, self.stamp_of)
        if kept is not None:
            self.asked |= kept.asked.keys()
            return kept.findings
        before, self.asked = self.asked, set()
        found = tuple(find())
        asked = {name: self.stamp_of(name) for name in sorted(self.asked)}
        self._memory.remember(subject, rests_on, asked, found)
        self.asked |= before
        return found

    def renew(self, changed: Collection[str] | None = None) -> None:
        """Answer anew: the files at `changed` are others (None: maybe all), and where the environment looks is not."""
        for name in ("project", "loading"):
            self.__dict__.pop(name, None)
        self._package_findings = None
        if changed is None:
            self.__dict__.pop("_packaged", None)
        elif "_packaged" in self.__dict__:
            self._packaged.renew(changed)
        self._stamps.renew(changed)

    @cached_property
    def _memory(self) -> Memory | None:
        return Memory(self.store, self.config, self.interpreter) if self.store is not None else None

    @cached_property
    def _world(self) -> str:
        return world_of(self.closures, [item for item in self._all_packages if item not in self.packages])

    def stamp_of(self, name: str) -> str | None:
        """Return what changes when a module does, or whatever else a rule has asked about under this name."""
        return self._stamps.of(name)

    def check_packages(self) -> list[Diagnostic]:
        """Return the findings about the closures themselves."""
        found = self._about_packages()
        texts = [self._text(path) for path in sorted({str(item.path) for item in found})]
        return list(self._remembered("admitted", digest_of(identifying((found, texts))), lambda: self.admitted(found)))

    def look_closely(self) -> None:
        """Read what the rules want to know of the modules of all packages, whatever is remembered of their findings."""
        before, self.asked = self.asked, set()
        for _ in self._check_closures():
            pass
        self.asked = before

    def _about_packages(self) -> tuple[Diagnostic, ...]:
        """Return the findings about the closures, those too that a comment keeps quiet."""
        if self._package_findings is None:
            before, self.asked = self.asked, set()
            found = self._remembered("", "", self._check_closures)
            self._package_findings = found, frozenset(self.asked)
            self.asked = before
        found, asked = self._package_findings
        self.asked |= asked
        return found

    def _check_closures(self) -> Iterator[Diagnostic]:
        from tpkg_analyzer.analyze.engine import check_closure

        told: dict[tuple[object, ...], str] = {}
        for closure in self.closures:
            package = closure.package
            for item in check_closure(closure, self.project, self.selection.rules):
                # An exporter that is made in a loop, or for several callers, is one place to mend.
                same = (item.code, item.path, item.span, item.symbol, package.declared)
                if told.setdefault(same, package.name) == package.name:
                    yield item

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

    def words(self, name: str) -> frozenset[str]:
        """Return all names that occur in the source of a module."""
        self.asked.add(name)
        return self._environment.words(name)

    def state(self, name: str) -> ModuleState | None:
        """Return the summary of the module of a dotted name, None where it has no source."""
        self.asked.add(name)
        location = self._environment.locate(name)
        if location is None or location.path is None:
            return None
        return self._state(location.path, name, location.is_package)

    def mentioning(self, words: Iterable[str]) -> list[str]:
        """Return the first-party modules that a package interns and in which one of the words occurs, sorted."""
        self.asked.add(stamps.PACKAGED)
        return self._packaged.mentioning(words)

    def _records(self, path: Path) -> frozenset[str] | None:
        self.asked.add(stamps.archive(path))
        return records_in(self.files, path)

    def _pickled(self, path: Path, record: str) -> frozenset[str] | None:
        self.asked.add(stamps.pickle(path, record))
        return modules_in(self.files, path, record)

    def is_first_party(self, module: str) -> bool:
        """Tell whether a module is found in the project's import roots."""
        self.asked.add(module)
        return self._is_first_party(module)

    def _is_first_party(self, module: str) -> bool:
        location = self._environment.locate(module)
        return location is not None and location.is_first_party

    def module_name(self, path: Path) -> tuple[str, bool]:
        """Return the dotted name by which the deepest import root imports a file, and whether it is a package."""
        full = os.path.normpath(path)
        roots = [root for root in self._roots if full.startswith(root + os.sep)]
        relative = Path(full).relative_to(max(roots, key=len)) if roots else Path(path.name)
        if relative.suffix == NOTEBOOK:
            return "__main__", False  # as its kernel calls it
        parts = relative.with_suffix("").parts
        is_package = parts[-1] == "__init__"
        return ".".join(parts[:-1] if is_package and len(parts) > 1 else parts), is_package

    @cached_property
    def _packaged(self) -> Packaged:
        found = {
            name: os.path.normpath(module.path)
            for closure in self.closures
            for name, module in closure.modules.items()
            if module.action is Action.INTERN and module.path is not None and not module.is_pickle
        }
        own = {name: path for name, path in found.items() if self._is_first_party(name)}
        return Packaged(own, self._environment.words)

    def _context(self, path: Path, facts: ModuleFacts) -> FileContext:
        from tpkg_analyzer.rule.context import FileContext

        own, is_package = self.module_name(path)

        # Two files can have one name, by two import roots; the rules ask by name and mean the file that they look at.
        def module(name: str) -> AnalyzedModule | None:
            return self._tree(path, own, is_package) if name == own else self.module(name)

        def state(name: str) -> ModuleState | None:
            return self._state(str(path), own, is_package) if name == own else self.state(name)

        project = replace(self.project, module=module, state=state)
        words, text = self._environment.words_of(str(path)), self._text(str(path))
        return FileContext(path, own, is_package, text, facts, words, project, project.holding(own, text))

    def admitted(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return the findings that neither settings nor comments keep quiet, with their severities here."""
        from tpkg_analyzer.analyze.suppressions import suppressions_in, unsuppressed

        kept: list[Diagnostic] = []
        for diagnostic in found:
            is_python = diagnostic.path.suffix in (".py", NOTEBOOK)
            comments = suppressions_in(self._text(str(diagnostic.path)), is_python=is_python)
            kept += unsuppressed([diagnostic], comments)
        return self._admitted(kept)

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
            from tpkg_analyzer.rule.state_reader import read_state

            self._states[key] = read_state(self._text(path), name, is_package, self.interpreter.platform)
        return self._states[key]

    def _parsed(self, path: Path, name: str, is_package: bool, facts: ModuleFacts) -> AnalyzedModule | None:
        from tpkg_analyzer.rule.module import parsed_module

        if not facts.is_parsed:
            return None
        text = self._text(str(path))
        if facts.problem is not None and too_deep(ast.parse(text), _DEEPEST_TREE) is not None:
            return None
        return parsed_module(path, name, is_package, text)

    def _text(self, path: str) -> str:
        try:
            return decode_source(self.files.read(path))
        except (OSError, SyntaxError, UnicodeDecodeError):
            return ""


def roots_of(config: Config) -> tuple[str, ...]:
    """Return the import roots of a project as the environment takes them."""
    return tuple(os.path.normpath(root) for root in config.import_roots)


def known_of(config: Config, seen: Known = NOTHING_KNOWN) -> Known:
    """Return what the project's `assume` says of modules, on top of what real imports in the environment did."""
    return assumed(config.settings.assume.importable, config.settings.assume.missing, seen)
