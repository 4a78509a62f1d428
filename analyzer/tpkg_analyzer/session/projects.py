"""From the paths of a command to projects: each file belongs to the nearest configuration above it."""

import atexit
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.config.load import FILE_NAMES, Config, load_config
from tpkg_analyzer.config.schema import Settings
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.session.session import Session, known_of, roots_of
from tpkg_analyzer.sources.files import Disk, Files
from tpkg_analyzer.sources.interpreter import InterpreterError, ask_interpreter, find_interpreter
from tpkg_analyzer.sources.listing import python_files
from tpkg_analyzer.sources.store import Store, default_cache_folder


@dataclass(slots=True)
class ProjectFiles:
    """A configuration and the files that are to be checked under it."""

    config: Config
    files: list[Path] = field(default_factory=list)


def find_projects(
    paths: Iterable[Path], config_file: Path | None = None, hint: str | None = None
) -> list[ProjectFiles]:
    """Group the files at and below `paths` by configuration; projects without files but with packages are in as well.

    Raises ConfigError for a path that is not there or a configuration that cannot be used.
    """
    disk = Disk()
    given = None
    if config_file is not None:
        given = read_config(config_file, disk) or Config(config_file.absolute().parent, Settings())
    configs: dict[Path, Config] = {}
    projects: dict[Path, ProjectFiles] = {}
    for path in paths:
        start = path.absolute()
        if not start.exists():
            raise ConfigError(f"there is no file or folder {path}", hint=hint)
        base = given or nearest_config(start if start.is_dir() else start.parent, configs, disk)
        settings = base.settings
        listed = python_files(
            start, settings.exclude, respect_gitignore=settings.respect_gitignore, suffixes=(".py", *FILE_NAMES)
        )
        projects.setdefault(base.root, ProjectFiles(base))
        for file in listed:
            config = given or nearest_config(file.parent, configs, disk)
            project = projects.setdefault(config.root, ProjectFiles(config))
            if file.name not in FILE_NAMES:
                project.files.append(file)
    return list(projects.values())


def nearest_config(folder: Path, known: dict[Path, Config], files: Files) -> Config:
    """Return the configuration of the nearest folder that has one, else defaults for `folder` itself."""
    passed = []
    found = None
    for above in (folder, *folder.parents):
        found = known.get(above) or _config_in(above, files)
        passed.append(above)
        if found is not None:
            break
    found = found or Config(folder, Settings())
    known.update(dict.fromkeys(passed, found))
    return found


def read_config(path: Path, files: Files) -> Config | None:
    """Read one configuration file; None for a pyproject.toml without our table. Raises ConfigError."""
    try:
        text = files.read(str(path)).decode("utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"this is not UTF-8: {error.reason} at byte {error.start}", path) from None
    if path.name == "pyproject.toml" and "tpkg-lint" not in text:
        return None  # whatever is wrong with it is none of our business
    return load_config(path.absolute(), text)


def open_session(config: Config, python: str | None = None, files: Files | None = None) -> Session:
    """Return the session of a project with the interpreter that it exports from. Raises ConfigError."""
    if python is not None:
        config = replace(config, settings=msgspec.structs.replace(config.settings, python=str(Path(python).absolute())))
    try:
        interpreter = ask_interpreter(find_interpreter(config.root, config.settings.python))
    except InterpreterError as error:
        raise ConfigError(str(error), config.path, hint="--python PATH names another interpreter") from None
    files = files or Disk()
    store = Store(cache_folder(config))
    atexit.register(store.close)  # what was learned is written once, when the command is done
    environment = StaticEnvironment(files, interpreter, roots_of(config), store=store, known=known_of(config))
    return Session(config, files, interpreter, environment=environment)


def cache_folder(config: Config) -> Path:
    """Return the folder of what is remembered between runs: `cache-dir`, or the user's."""
    given = config.settings.cache_dir
    return config.root / given if given else default_cache_folder()


def open_project(project: ProjectFiles, python: str | None = None) -> Session:
    """Return the session of a project with the packages of its configuration and those that its files export."""
    session = open_session(project.config, python)
    session.find_packages(project.files)
    return session


def _config_in(folder: Path, files: Files) -> Config | None:
    present = files.entries(str(folder))
    for name in FILE_NAMES:
        if present.get(name) is False and (config := read_config(folder / name, files)) is not None:
            return config
    return None
