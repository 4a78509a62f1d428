"""`tpkg-lint check --watch`: check again whenever a file of the projects changes."""

import argparse
import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tpkg_analyzer.cli.options import projects
from tpkg_analyzer.cli.status import CLEAN
from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.session.projects import close_stores

_PACE = 0.4


def watch(options: argparse.Namespace, check: Callable[[argparse.Namespace], int]) -> int:
    """Check, wait for a change, and so on until Ctrl-C. An error in the configuration is shown and waited out."""
    try:
        while True:
            _answer_and_wait(options, check)
    except KeyboardInterrupt:
        return CLEAN  # wherever it comes, also in the middle of a check: it is how this ends


def _answer_and_wait(options: argparse.Namespace, check: Callable[[argparse.Namespace], int]) -> None:
    before = _stamps(options)
    _clear()
    try:
        check(options)
    except ConfigError as error:
        print(f"tpkg-lint: {error}", file=sys.stderr)
    close_stores()
    gc.collect()  # a command collects nothing, and this one never ends
    print("tpkg-lint: watching for changes; Ctrl-C ends", file=sys.stderr, flush=True)
    while _stamps(options) == before:
        time.sleep(_PACE)


def _stamps(options: argparse.Namespace) -> dict[Path, tuple[int, int]]:
    try:
        found = projects(options, options.paths)
    except ConfigError:
        found = []  # the configuration is broken: what is listed below tells when that has changed
    paths = {path for project in found for path in project.files}
    paths |= {project.config.path for project in found if project.config.path is not None}
    if not found:
        paths = {path for base in options.paths or [Path()] for path in _configurations(base.absolute())}
    stamps = {}
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue
        stamps[path] = (status.st_mtime_ns, status.st_size)
    return stamps


def _configurations(base: Path) -> list[Path]:
    return [path for folder in (base, *base.parents) for path in folder.glob("*.toml")]


def _clear() -> None:
    if sys.stdout.isatty():
        sys.stdout.write("\x1b[2J\x1b[H")
        sys.stdout.flush()
