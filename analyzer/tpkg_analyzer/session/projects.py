"""From the paths of a command to projects: each file belongs to the nearest configuration above it."""

import atexit
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.config.layers import check_version, extended, overridden
from tpkg_analyzer.config.load import FILE_NAMES, Config, load_config, place_of
from tpkg_analyzer.config.near_misses import near_miss
from tpkg_analyzer.config.schema import Settings
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.model.package import Package
from tpkg_analyzer.scan.distributions import versions_of
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.known import NOTHING_KNOWN
from tpkg_analyzer.scan.seen import SeenImports
from tpkg_analyzer.session.blaming import blamed_on_key
from tpkg_analyzer.session.session import Session, known_of, roots_of
from tpkg_analyzer.sources.asked import known_interpreter
from tpkg_analyzer.sources.files import Disk, Files, exact_text, is_file
from tpkg_analyzer.sources.interpreter import InterpreterError
from tpkg_analyzer.sources.listing import SUFFIXES, Choice, is_left_out, look_at, python_files
from tpkg_analyzer.sources.project_python import find_interpreter
from tpkg_analyzer.sources.store import Store, default_cache_folder


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command line says of configuration: a file, snippets of TOML that win, or that no file counts."""

    file: Path | None = None
    snippets: tuple[str, ...] = ()
    is_isolated: bool = False
    force_exclude: bool = False


_NOTHING_ASKED = Asked()


@dataclass(slots=True)
class ProjectFiles:
    """A configuration and the files that are to be checked under it.

    It is a part of the project where these were named one by one, and neither a folder nor the configuration was.
    `unreadable` are folders that could not be listed, each with the reason.
    """

    config: Config
    files: list[Path] = field(default_factory=list)
    is_part: bool = False
    unreadable: dict[Path, str] = field(default_factory=dict)

    def asks_for(self, packages: Iterable[Package]) -> Callable[[Diagnostic], bool]:
        """Return what tells whether a finding was asked for.

        Those about a part stand in its files or in the configuration, or are about one of the packages that its files
        export.
        """
        if not self.is_part:
            return lambda _: True
        files = set(self.files)
        # What is found in code is found in these files, unless the configuration names the code.
        exported = {
            item.name
            for item in packages
            if item.is_code and (item.configured is None or not files.isdisjoint((item.declared.path, item.script)))
        }
        places = {os.path.normpath(path) for path in (*files, self.config.path) if path is not None}
        return lambda finding: os.path.normpath(finding.path) in places or finding.package in exported


def find_projects(paths: Iterable[Path], asked: Asked = _NOTHING_ASKED, hint: str | None = None) -> list[ProjectFiles]:
    """Group the files at and below `paths` by configuration; projects without files but with packages are in as well.

    Raises ConfigError for a path that is not there or a configuration that cannot be used.
    """
    configs = _Configs(asked)
    projects: dict[Path, ProjectFiles] = {}
    listed: set[Path] = set()
    for path in paths:
        start = path.absolute()
        _require(path, hint)
        base = configs.of(start if start.is_dir() else start.parent)
        is_part = start.is_file() and start.name not in FILE_NAMES
        projects.setdefault(base.root, ProjectFiles(base, is_part=is_part)).is_part &= is_part
        complain = projects[base.root].unreadable.__setitem__
        choice = choice_of(base, is_forced=asked.force_exclude)
        for file in python_files(start, choice, (*SUFFIXES, *FILE_NAMES), complain):
            config = configs.of(file.parent)
            project = projects.setdefault(config.root, ProjectFiles(config))
            project.is_part &= is_part
            if file.name not in FILE_NAMES and file not in listed:
                listed.add(file)
                project.files.append(file)
    return list(projects.values())


def _require(path: Path, hint: str | None) -> None:
    """Raise ConfigError for a path that is not there, or may not be looked at."""
    try:
        look_at(path)
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigError(f"there is no file or folder {path}", hint=hint) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise ConfigError(f"cannot read {path}: {reason or error}") from None


def project_around(file: Path, asked: Asked = _NOTHING_ASKED) -> ProjectFiles:
    """Return the project of one file, which need not be on disk, without the file where it is not to be checked.

    Raises ConfigError for a configuration that cannot be used.
    """
    config = _Configs(asked).of(next(above for above in file.parents if os.path.isdir(above)))  # noqa: PTH112 - Path's raises
    is_out = is_left_out(file, choice_of(config, is_forced=asked.force_exclude))
    return ProjectFiles(config, [] if is_out else [file], is_part=True)


class _Configs:
    """The configuration of each folder under what a command line asks for; each file is read once."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._disk = Disk()
        self._nearest: dict[Path, Config] = {}
        self._final: dict[Path, Config] = {}
        self._given: Config | None = Config(Path.cwd(), Settings()) if asked.is_isolated else None
        if asked.file is not None:
            read = read_config(asked.file, self._disk)
            self._given = read or Config(asked.file.absolute().parent, Settings())

    def of(self, folder: Path) -> Config:
        config = self._given or nearest_config(folder, self._nearest, self._disk)
        if config.root not in self._final:
            self._final[config.root] = overridden(config, self._asked.snippets, Path.cwd())
        return self._final[config.root]


def choice_of(config: Config, *, is_forced: bool = False) -> Choice:
    """Return which files a configuration wants to be checked; `is_forced` counts for files that are named, too."""
    settings = config.settings
    return Choice(
        config.root,
        (*settings.exclude, *settings.extend_exclude),
        respects_gitignore=settings.respect_gitignore,
        is_forced=is_forced or settings.force_exclude,
    )


def nearest_config(folder: Path, known: dict[Path, Config], files: Files) -> Config:
    """Return the configuration of the nearest folder that has one, else defaults for the folder around its package."""
    passed = []
    found = None
    for above in (folder, *folder.parents):
        found = known.get(above) or _config_in(above, files)
        passed.append(above)
        if found is not None:
            break
    if found is None:
        root = _around_package(folder, files)
        found = Config(root, Settings())
        passed = [above for above in passed if above.is_relative_to(root)]
    known.update(dict.fromkeys(passed, found))
    return found


def _around_package(folder: Path, files: Files) -> Path:
    """Return the folder from which what is in `folder` is imported: regular packages have an `__init__`."""
    while folder.parent != folder and is_file(files, str(folder / "__init__.py")):
        folder = folder.parent
    return folder


def read_config(path: Path, files: Files, above: tuple[Path, ...] = ()) -> Config | None:
    """Read a configuration file and those that it extends; None for a pyproject.toml without our table.

    Raises ConfigError, also where the files `above` extend each other in a circle.
    """
    try:
        text = files.read(str(path)).decode("utf-8")
    except OSError as error:
        by = f", which {above[0]} extends" if above else ""
        raise ConfigError(f"cannot read {path}{by}: {error.strerror or 'no such file'}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"this is not UTF-8: {error.reason} at byte {error.start}", path) from None
    if path.name == "pyproject.toml" and "tpkg-lint" not in text:
        return None  # whatever is wrong with it is none of our business
    path = path.absolute()
    config = load_config(path, text)
    if config is None:
        return None
    if config.settings.required_version is not None:
        check_version(config, place_of(path, text, "required-version"))
    if config.settings.extend is None:
        return config
    other = Path(os.path.normpath(config.root / Path(config.settings.extend).expanduser()))
    if other in (path, *above):
        raise ConfigError(f"`extend` leads back to {other}", path, place_of(path, text, "extend"))
    below = read_config(other, files, (path, *above))
    if below is None:
        raise ConfigError(f"{other} has no table [tool.tpkg-lint]", path, place_of(path, text, "extend"))
    return extended(below, config)


def unread_table(config: Config, files: Files) -> ConfigError | None:
    """Return what to say of a table that was meant for this tool, in the `pyproject.toml` that is the project's."""
    path = config.path
    if path is None:
        folders = (config.root, *config.root.parents)
        path = next((above / FILE_NAMES[-1] for above in folders if is_file(files, str(above / FILE_NAMES[-1]))), None)
    text = exact_text(files, path) if path is not None and path.name == FILE_NAMES[-1] else None
    found = near_miss(text) if text is not None else None
    if found is None:
        return None
    name, at = found
    return ConfigError(f"the table [tool.{name}] is read by nobody; is it meant for [tool.tpkg-lint]?", path, at)


def open_session(
    config: Config,
    python: str | None = None,
    files: Files | None = None,
    *,
    use_cache: bool = True,
    jobs: int | None = None,
) -> Session:
    """Return the session of a project with the interpreter that it exports from. Raises ConfigError.

    Without the cache nothing is taken from earlier runs, and nothing is left for later ones.
    """
    store = Store(cache_folder(config)) if use_cache else None
    if store is not None:
        _opened.append(store)
        atexit.unregister(close_stores)
        atexit.register(close_stores)  # anew, and so before the store closes its connection at the end
    try:
        if python is not None:
            found = find_interpreter(Path.cwd(), python)
        else:
            found = find_interpreter(config.root, config.settings.python)
        interpreter = known_interpreter(found, store)
    except InterpreterError as error:
        if python is not None:
            raise ConfigError(f"--python: {error}") from None
        said = ConfigError(str(error), config.path, hint="--python PATH names another interpreter")
        raise blamed_on_key(said, config, files or Disk(), "python") from None
    files = files or Disk()
    seen = SeenImports(store, interpreter.executable, interpreter.version) if store is not None else None
    known = known_of(config, seen.known(versions_of(files, interpreter)) if seen is not None else NOTHING_KNOWN)
    environment = StaticEnvironment(files, interpreter, roots_of(config), store=store, known=known, jobs=jobs)
    return Session(config, files, interpreter, environment=environment, seen=seen, store=store)


_opened: list[Store] = []


def close_stores() -> None:
    """Write down what was learned, once for all sessions: when the command, or a round of it, is done."""
    while _opened:
        _opened.pop().close()


def cache_folder(config: Config) -> Path:
    """Return the folder of what is remembered between runs: `cache-dir`, or the user's."""
    given = config.settings.cache_dir
    return config.root / Path(given).expanduser() if given else default_cache_folder()


def open_project(
    project: ProjectFiles, python: str | None = None, *, use_cache: bool = True, jobs: int | None = None
) -> Session:
    """Return the session of a project with the packages of its configuration and those that its files export."""
    session = open_session(project.config, python, use_cache=use_cache, jobs=jobs)
    session.find_packages(project.files)
    return session


def _config_in(folder: Path, files: Files) -> Config | None:
    present = files.entries(str(folder))
    for name in FILE_NAMES:
        if present.get(name) is False and (config := read_config(folder / name, files)) is not None:
            return config
    return None
