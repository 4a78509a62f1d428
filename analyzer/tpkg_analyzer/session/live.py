"""The projects of an editor: configurations, interpreters and files, all of which change while it runs."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tpkg_analyzer.analyze.selection import select
from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.config.load import FILE_NAMES, Config
from tpkg_analyzer.config.schema import Settings
from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.scan.facts import read_facts
from tpkg_analyzer.session.buffers import Buffers
from tpkg_analyzer.session.kept import KeptFacts
from tpkg_analyzer.session.live_project import LiveProject
from tpkg_analyzer.session.projects import cache_folder, choice_of, nearest_config
from tpkg_analyzer.sources.interpreter import InterpreterError, ask_interpreter, find_interpreter
from tpkg_analyzer.sources.listing import python_files
from tpkg_analyzer.sources.store import Store
from tpkg_runtime.spec.source import Span


@dataclass(frozen=True, slots=True)
class Change:
    """What has changed: texts of the editor by path (None: closed), and whether the disk has."""

    texts: Mapping[str, str | None] = field(default_factory=dict)
    disk: bool = False
    roots: tuple[str, ...] | None = None
    """The folders that the editor works in, where they are others than before."""


class Live:
    """Answers about files as the editor shows them, and is told of every change."""

    def __init__(self, python: str | None = None) -> None:
        self.buffers = Buffers()
        self._python = python
        self._roots: tuple[Path, ...] = ()
        self._configs: dict[Path, Config] = {}
        self._listed: dict[Path, dict[Path, None]] = {}
        self._projects: dict[Path, LiveProject] = {}
        self._faults: dict[Path, tuple[Diagnostic, ...]] = {}
        """What is wrong with configurations, by the folder that was looked at first."""

    def change(self, change: Change) -> None:
        """Take note of changes."""
        if change.roots is not None:
            self._roots = tuple(Path(root) for root in change.roots)
        relisted = change.disk
        reconfigured = (
            change.disk or change.roots is not None or any(path.endswith(FILE_NAMES) for path in change.texts)
        )
        for path, text in change.texts.items():
            parses = text is None or not path.endswith(".py") or not _is_broken(text)
            relisted = self.buffers.put(path, text, parses=parses) or relisted
        if change.disk:
            self.buffers.sweep()
        for project in self._projects.values():
            project.renew(None if change.disk else change.texts, relisted=relisted)
        if relisted or reconfigured:
            self._listed.clear()
        if reconfigured:
            self._configs.clear()
            self._faults.clear()

    def project_of(self, path: Path) -> LiveProject:
        """Return the project that a file belongs to, by the nearest usable configuration."""
        config = self._config_of(path.parent)
        known = self._projects.get(config.root)
        if known is None or known.config != config:
            known = self._projects[config.root] = self._open(config, known)
        return known

    def projects(self) -> dict[Path, LiveProject]:
        """Return the projects so far, by root."""
        return dict(self._projects)

    def faults(self) -> tuple[Diagnostic, ...]:
        """Return what is wrong with the configurations that were read so far, as TPK002."""
        every = (item for found in self._faults.values() for item in found)
        return tuple(dict.fromkeys(item for item in every if item.path != Path()))

    def check(self, path: Path) -> tuple[Diagnostic, ...]:
        """Return the findings in one file at their places in the editor's text."""
        found = self.shown(self.project_of(path).check(path))
        drift = self.buffers.drift(str(path))
        text = self.buffers.shown(str(path))
        if drift is None or text is None:
            return found
        broken = read_facts(text.encode()).problem
        if broken is None:
            return found
        module, _ = self.project_of(path).session.module_name(path)
        fault = _fault(path, "TPK001", "syntax-error", broken.message, broken.span)
        return (*found, replace(fault, symbol=module, module=module))

    def shown(self, found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        """Return findings at their places in the texts that a person sees."""
        for path in self.buffers.half_typed:
            drift = self.buffers.drift(path)
            if drift is not None:
                moved = (drift.diagnostic(item, Path(path)) for item in found)
                found = tuple(item for item in moved if item is not None)
        return found

    def is_left_out(self, path: Path) -> bool:
        """Tell whether the command line would pass over a file that is there when it checks its project."""
        return path.exists() and path not in self._files_below(self._config_of(path.parent).root)

    def members(self, config: Config) -> tuple[Path, ...]:
        """Return the files of a project that the command line would check."""
        return tuple(
            path for path in self._files_below(config.root) if self._config_of(path.parent).root == config.root
        )

    def files_below(self, root: Path) -> tuple[Path, ...]:
        """Return the files that the command line would check below a folder."""
        return tuple(self._files_below(root))

    def _files_below(self, root: Path) -> dict[Path, None]:
        if root not in self._listed:
            listed = python_files(root, choice_of(self._config_of(root)))
            self._listed[root] = dict.fromkeys(listed)
        return self._listed[root]

    def _config_of(self, folder: Path) -> Config:
        known = self._configs.get(folder)
        if known is not None:
            return known
        found: dict[Path, Config] = {}
        config: Config | None = None
        try:
            # As the command line does that is given the workspace: without a configuration, its folder is the project.
            for root in self._roots:
                if folder.is_relative_to(root):
                    nearest_config(root, found, self.buffers)
            config = nearest_config(folder, found, self.buffers)
            select(config.settings)
        except ConfigError as error:
            at = error if error.path is not None or config is None else replace(error, path=config.path)
            self._faults[folder] = (_config_fault(at),)
            config = self._last_good(folder)
        self._configs[folder] = config
        return config

    def _last_good(self, folder: Path) -> Config:
        """Return the configuration that the project had before its file was broken, else defaults."""
        above = [root for root in self._projects if folder.is_relative_to(root)]
        nearest = max(above, key=lambda root: len(root.parts), default=None)
        return self._projects[nearest].config if nearest is not None else Config(folder, Settings())

    def _open(self, config: Config, before: LiveProject | None) -> LiveProject:
        settings = config.settings
        try:
            interpreter = ask_interpreter(find_interpreter(config.root, self._python or settings.python))
        except InterpreterError as error:
            self._faults[config.root] = (_config_fault(ConfigError(str(error), config.path)),)
            interpreter = ask_interpreter(find_interpreter(config.root, None))
        if before is not None and before.interpreter == interpreter:
            return before.reconfigured(config)
        facts = KeptFacts(self.buffers, interpreter.version[:2], Store(cache_folder(config)))
        like = next((project for project in self._projects.values() if project.interpreter == interpreter), None)
        return LiveProject(config, self.buffers, facts, interpreter, self.members, like)


def _is_broken(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return False


def _config_fault(error: ConfigError) -> Diagnostic:
    path = error.path or Path()
    found = _fault(path, "TPK002", "invalid-configuration", error.message, error.span)
    return replace(found, help=error.hint)


def _fault(path: Path, code: str, name: str, message: str, span: Span) -> Diagnostic:
    return Diagnostic(code, name, message, Severity.ERROR, path, span, symbol=name)
