"""Options that several commands share."""

import argparse
import json
import os
import sys
from pathlib import Path

from tpkg_analyzer.cli.commands import COMMANDS
from tpkg_analyzer.cli.help import OneLineEach
from tpkg_analyzer.config.errors import ConfigError, suggest
from tpkg_analyzer.model.package import Package
from tpkg_analyzer.render.paths import shown
from tpkg_analyzer.render.style import Style
from tpkg_analyzer.session.projects import Asked, ProjectFiles, find_projects, open_project, unread_table
from tpkg_analyzer.session.session import Session
from tpkg_analyzer.sources.files import Disk


def parser(command: str, summary: str) -> argparse.ArgumentParser:
    """Return a parser with the options of every command that looks at a project."""
    made = argparse.ArgumentParser(
        prog=f"tpkg-lint {command}", description=summary, allow_abbrev=False, formatter_class=OneLineEach
    )
    project = made.add_argument_group("project")
    project.add_argument("--package", metavar="NAME", help="only the package of this name")
    project.add_argument("--python", metavar="PATH", help="the interpreter whose environment is exported")
    project.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="FILE|KEY=VALUE",
        help="use this file and no other, or set a key; any number",
    )
    project.add_argument("--isolated", action="store_true", help="read no configuration file")
    project.add_argument("--cache-dir", metavar="FOLDER", help="where facts are remembered between runs")
    project.add_argument("--jobs", "-j", type=_count, metavar="N", help="how many processes may work at once")
    project.add_argument("--no-cache", action="store_true", help="remember nothing and use nothing remembered")
    return made


def sessions(options: argparse.Namespace, paths: list[Path]) -> list[tuple[ProjectFiles, Session]]:
    """Open the projects of `paths`. Raises ConfigError."""
    jobs = jobs_of(options)
    found = projects(options, paths)
    opened = [(project, session_of(project, options, jobs)) for project in found]
    narrow([session for _, session in opened], options.package)
    if not getattr(options, "silent", False):
        tell_unreadable(found)
        if not (options.isolated or options.config):
            unread = (unread_table(project.config, Disk()) for project in found)
            for said in dict.fromkeys(str(item) for item in unread if item is not None):
                print(f"tpkg-lint: {said}", file=sys.stderr)
    if not getattr(options, "quiet", False):
        stores = [session.store for _, session in opened if session.store is not None]
        for folder, trouble in {store.folder: store.trouble for store in stores if store.trouble}.items():
            print(f"tpkg-lint: nothing is remembered in {folder}: {trouble}", file=sys.stderr)
    return opened


def tell_unreadable(found: list[ProjectFiles]) -> None:
    """Say on standard error which folders were passed over because they cannot be listed."""
    for folder, reason in {folder: why for project in found for folder, why in project.unreadable.items()}.items():
        print(f"tpkg-lint: passed over {shown(folder, Path.cwd())}: {reason}", file=sys.stderr)


def session_of(project: ProjectFiles, options: argparse.Namespace, jobs: int | None) -> Session:
    """Open one project, for at most `jobs` processes. Raises ConfigError."""
    return open_project(project, options.python, use_cache=uses_cache(options), jobs=jobs)


def projects(options: argparse.Namespace, paths: list[Path]) -> list[ProjectFiles]:
    """Find the projects of `paths` with the configuration that the options ask for. Raises ConfigError."""
    meant = suggest(str(paths[0]), COMMANDS) if paths else None
    return find_projects(paths or [Path()], asked(options), meant and f"as a command, {meant}")


def asked(options: argparse.Namespace) -> Asked:
    """Return what the options say of configuration. Raises ConfigError where they contradict each other."""
    files = [word for word in options.config if not _is_snippet(word)]
    snippets = [word for word in options.config if _is_snippet(word)]
    if len(files) > 1:
        raise ConfigError("--config names one file at most", hint="a file can `extend` another one")
    if files and options.isolated:
        raise ConfigError("--isolated reads no file, and --config names one")
    if folder := options.cache_dir or os.environ.get("TPKG_LINT_CACHE_DIR"):
        snippets.append(f"cache-dir = {json.dumps(str(Path(folder).absolute()))}")
    file = Path(files[0]) if files else None
    return Asked(file, tuple(snippets), options.isolated, getattr(options, "force_exclude", False))


def jobs_of(options: argparse.Namespace) -> int | None:
    """Return how many processes may work, None for as many as there are processors. Raises ConfigError."""
    given = os.environ.get("TPKG_LINT_JOBS")
    if options.jobs is not None or not given:
        count: int | None = options.jobs
        return count
    try:
        return _count(given)
    except argparse.ArgumentTypeError as error:
        raise ConfigError(f"TPKG_LINT_JOBS: {error}") from None


def path_argument(text: str) -> Path:
    """Return the path that a word names. An empty one names none, though it would pass for the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("an empty word names no file or folder")
    return Path(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is no number of processes")
    return int(text)


def uses_cache(options: argparse.Namespace) -> bool:
    """Tell whether what earlier runs have learned may be used."""
    return not (options.no_cache or os.environ.get("TPKG_LINT_NO_CACHE"))


def narrow(opened: list[Session], name: str | None) -> None:
    """Leave only the packages of that name. Raises ConfigError where there is none."""
    if name is None:
        return
    known = [package.name for session in opened for package in session.packages]
    if name not in known:
        listed = f"known here: {', '.join(known)}" if known else "no package is configured here"
        raise ConfigError(f"there is no package `{name}`", hint=listed)
    for session in opened:
        session.packages = chosen(session.packages, name)


def _is_snippet(word: str) -> bool:
    return "=" in word and not Path(word).exists()


def chosen(packages: tuple[Package, ...], name: str) -> tuple[Package, ...]:
    """Return the packages of that name."""
    return tuple(package for package in packages if package.name == name)


def style() -> Style:
    """Return colours where a person looks: NO_COLOR and FORCE_COLOR win over the terminal."""
    if os.environ.get("NO_COLOR"):
        return Style(is_coloured=False)
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE"):
        return Style(is_coloured=True)
    return Style(is_coloured=sys.stdout.isatty() and os.environ.get("TERM") != "dumb")
