"""`tpkg-lint clean`: remove what is remembered between runs."""

import argparse

from tpkg_analyzer.cli.options import parser, path_argument, projects
from tpkg_analyzer.cli.status import CLEAN
from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.session.projects import cache_folder
from tpkg_analyzer.sources.store import clean

_MEGA = 1_000_000


def arguments() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = parser("clean", "Remove what is remembered between runs: facts of files, and what confirm has seen.")
    made.add_argument(
        "paths", nargs="*", type=path_argument, metavar="PATH", help="files and folders (default: this folder)"
    )
    return made


def run(words: list[str]) -> int:
    """Remove the caches that the configurations of some paths name."""
    options = arguments().parse_args(words)
    for folder in sorted({cache_folder(project.config) for project in projects(options, options.paths)}):
        try:
            freed = clean(folder)
        except OSError as error:
            raise ConfigError(f"cannot remove {error.filename or folder}: {error.strerror}") from None
        print(f"removed {freed / _MEGA:.1f} MB from {folder}")
    return CLEAN
