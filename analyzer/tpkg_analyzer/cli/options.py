"""Options that several commands share."""

import argparse
import os
import sys
from pathlib import Path

from tpkg_analyzer.cli.commands import COMMANDS
from tpkg_analyzer.config.errors import ConfigError, suggest
from tpkg_analyzer.model.package import Package
from tpkg_analyzer.render.style import Style
from tpkg_analyzer.session.projects import ProjectFiles, find_projects, open_project
from tpkg_analyzer.session.session import Session


def parser(command: str, summary: str) -> argparse.ArgumentParser:
    """Return a parser with the options of every command that looks at a project."""
    made = argparse.ArgumentParser(prog=f"tpkg-lint {command}", description=summary, allow_abbrev=False)
    project = made.add_argument_group("project")
    project.add_argument("--config", type=Path, metavar="FILE", help="use this configuration file and no other")
    project.add_argument("--python", metavar="PATH", help="the interpreter whose environment is exported")
    project.add_argument("--package", metavar="NAME", help="only the package of this name")
    return made


def sessions(options: argparse.Namespace, paths: list[Path]) -> list[tuple[ProjectFiles, Session]]:
    """Open the projects of `paths`. Raises ConfigError."""
    meant = suggest(str(paths[0]), COMMANDS) if paths else None
    found = find_projects(paths or [Path()], options.config, meant and f"as a command, {meant}")
    opened = [(project, open_project(project, options.python)) for project in found]
    if options.package is not None:
        known = [package.name for _, session in opened for package in session.packages]
        if options.package not in known:
            listed = f"there are {', '.join(known)}" if known else "no package is configured here"
            raise ConfigError(f"there is no package `{options.package}`", hint=listed)
        for _, session in opened:
            session.packages = chosen(session.packages, options.package)
    return opened


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
