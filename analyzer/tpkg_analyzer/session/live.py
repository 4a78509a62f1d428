"""The projects of an editor: configurations, interpreters and files, all of which change while it runs."""

import ast
import sys
from dataclasses import replace
from pathlib import Path

from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.config.load import FILE_NAMES, Config
from tpkg_analyzer.config.schema import Settings
from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.scan.distributions import versions_of
from tpkg_analyzer.scan.seen import SeenImports
from tpkg_analyzer.session.blaming import blamed_on_key, blamed_on_word
from tpkg_analyzer.session.buffers import Buffers
from tpkg_analyzer.session.change import Change
from tpkg_analyzer.session.kept import KeptFacts
from tpkg_analyzer.session.live_project import LiveProject
from tpkg_analyzer.session.memory import approve, are_approved
from tpkg_analyzer.session.preferences import Preferences
from tpkg_analyzer.session.projects import cache_folder, choice_of, nearest_config, read_config, unread_table
from tpkg_analyzer.sources.asked import known_interpreter
from tpkg_analyzer.sources.compiler import compiler_of
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import Interpreter, InterpreterError
from tpkg_analyzer.sources.listing import SUFFIXES, python_files
from tpkg_analyzer.sources.project_python import find_interpreter
from tpkg_analyzer.sources.store import Store
from tpkg_runtime.spec.source import Span


class Live:
    """Answers about files as the editor shows them, and is told of every change."""

    def __init__(self, preferences: Preferences | None = None) -> None:
        self.buffers = Buffers()
        self._complaints: tuple[Diagnostic, ...] = ()
        """What is wrong with the preferences themselves."""
        self._preferences = self._usable(preferences or Preferences())
        self._roots: tuple[Path, ...] = ()
        self._configs: dict[Path, Config] = {}
        self._listed: dict[Path, dict[Path, None]] = {}
        self._projects: dict[Path, LiveProject] = {}
        self._stores: dict[Path, Store] = {}
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
            parses = text is None or not path.endswith(SUFFIXES) or not _is_broken(text)
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
        """Return what is wrong with the configurations that were read so far, as TPK002.

        What no file is to blame for, as a preference or an interpreter, has the path `.`.
        """
        every = (item for found in self._faults.values() for item in found)
        return tuple(dict.fromkeys((*self._complaints, *every)))

    def check(self, path: Path) -> tuple[Diagnostic, ...]:
        """Return the findings in one file at their places in the editor's text."""
        found = self.shown(self.project_of(path).check(path))
        drift = self.buffers.drift(str(path))
        text = self.buffers.shown(str(path))
        if drift is None or text is None:
            return found
        project = self.project_of(path)
        broken = project.problem_of(text)
        if broken is None:
            return found
        module, _ = project.session.module_name(path)
        fault = _fault(path, "TPK001", "syntax-error", broken.message, broken.span)
        severity = Severity.ERROR if broken.stops_import else Severity.INFO
        return (*found, replace(fault, symbol=module, module=module, severity=severity))

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
        homes = self._homes(self._config_of(path.parent))
        return path.exists() and not any(path in self._files_below(home) for home in homes)

    def members(self, config: Config) -> tuple[Path, ...]:
        """Return the files of a project that the command line would check."""
        return tuple(
            path
            for home in self._homes(config)
            for path in self._files_below(home)
            if self._config_of(path.parent).root == config.root
        )

    def files_below(self, root: Path) -> tuple[Path, ...]:
        """Return the files that the command line would check below a folder."""
        return tuple(self._files_below(root))

    def _homes(self, config: Config) -> tuple[Path, ...]:
        """Return the folders of a project's files: not its own, where one configuration is given for all."""
        return self._roots if self._preferences.config is not None and self._roots else (config.root,)

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
            config = self._given_config(folder)
            if config is None:
                # As the command line does that is given the workspace: without a configuration, its folder is the
                # project.
                for root in self._roots:
                    if folder.is_relative_to(root):
                        nearest_config(root, found, self.buffers)
                config = nearest_config(folder, found, self.buffers)
                if (unread := unread_table(config, self.buffers)) is not None:
                    self._blame(folder, replace(_config_fault(unread), severity=Severity.WARNING))
            config = replace(config, settings=self._preferences.applied(config.settings))
            self._approve(config)
        except ConfigError as error:
            at = error
            if error.path is None and config is not None:
                at = blamed_on_word(replace(error, path=config.path), config, self.buffers)
            self._blame(folder, _config_fault(at))
            config = self._last_good(folder)
        self._configs[folder] = config
        return config

    def _approve(self, config: Config) -> None:
        """Raise ConfigError where the settings name a rule that there is not; the rules are loaded for that once."""
        store = self._store_of(config)
        if not are_approved(store, config.settings):
            from tpkg_analyzer.analyze.selection import select

            select(config.settings)
            approve(store, config.settings)

    def _given_config(self, folder: Path) -> Config | None:
        """Return the configuration that a person wants for all files; None without one that can be read."""
        if self._preferences.config is None:
            return None
        path = Path(self._preferences.config)
        try:
            return read_config(path, self.buffers) or Config(path.absolute().parent, Settings())
        except ConfigError as error:
            # No editor shows the problems of a file that is not open, whatever its name.
            unused = ConfigError(f"cannot use the configuration {path}: {error.message}", hint=error.hint)
            own = (_config_fault(error), _config_fault(unused)) if error.path is not None else (_config_fault(error),)
            self._blame(folder, *own)
            return None

    def _blame(self, folder: Path, *faults: Diagnostic) -> None:
        self._faults[folder] = (*self._faults.get(folder, ()), *faults)

    def _last_good(self, folder: Path) -> Config:
        """Return the configuration that the project had before its file was broken, else defaults."""
        above = [root for root in self._projects if folder.is_relative_to(root)]
        nearest = max(above, key=lambda root: len(root.parts), default=None)
        return self._projects[nearest].config if nearest is not None else Config(folder, Settings())

    def _open(self, config: Config, before: LiveProject | None) -> LiveProject:
        interpreter = self._interpreter_of(config)
        if before is not None and before.interpreter == interpreter:
            return before.reconfigured(config)
        store = self._store_of(config)
        facts = KeptFacts(self.buffers, interpreter.version[:2], store, compiler_of(interpreter))
        like = next((project for project in self._projects.values() if project.interpreter == interpreter), None)
        seen = SeenImports(store, interpreter.executable, interpreter.version).known(versions_of(Disk(), interpreter))
        return LiveProject(config, self.buffers, facts, interpreter, self.members, like, store=store, seen=seen)

    def _store_of(self, config: Config) -> Store:
        folder = cache_folder(config)
        if folder not in self._stores:
            self._stores[folder] = Store(folder)
        return self._stores[folder]

    def _interpreter_of(self, config: Config) -> Interpreter:
        """Return the interpreter that is wanted, else one that answers; that the wanted one does not is a fault."""
        preferences = self._preferences
        wanted = preferences.python or (config.settings.python if preferences.is_trusted else None)
        others = (None, sys.executable) if preferences.is_trusted else (sys.executable,)
        is_blamed = False
        for name in (wanted, *others) if wanted else others:
            try:
                return known_interpreter(find_interpreter(config.root, name), self._store_of(config))
            except InterpreterError as error:
                said = ConfigError(str(error))
                if not preferences.python:
                    said = blamed_on_key(replace(said, path=config.path), config, self.buffers, "python")
                if not is_blamed:  # the others are what one makes do with
                    self._blame(config.root, _config_fault(said))
                is_blamed = True
        raise InterpreterError(f"{sys.executable} does not answer")

    def _usable(self, preferences: Preferences) -> Preferences:
        """Return the preferences without words that name no rule."""
        if not (preferences.select or preferences.ignore):
            return preferences
        from tpkg_analyzer.analyze.selection import codes_of

        try:
            codes_of((*(preferences.select or ()), *preferences.ignore))
        except ConfigError as error:
            self._complaints = (_config_fault(replace(error, path=None, message=f"lint settings: {error.message}")),)
            return replace(preferences, select=None, ignore=())
        return preferences


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
