"""The part of `tpkg-lint check` that reads a file from standard input."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tpkg_analyzer.cli.fixing import wants_fixes
from tpkg_analyzer.cli.options import asked, jobs_of, narrow, uses_cache
from tpkg_analyzer.cli.reporting import prints_output
from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.session.projects import ProjectFiles, open_session, project_around
from tpkg_analyzer.session.session import Session
from tpkg_analyzer.sources.files import Disk, Overlay
from tpkg_analyzer.sources.notebooks import SUFFIX, python_of, with_python
from tpkg_analyzer.sources.text import declared_coding

if TYPE_CHECKING:
    from tpkg_analyzer.analyze.fixes import Fixed

_UNNAMED = Path("stdin.py")
_STANDARD_INPUT = Path("-")


@dataclass(frozen=True, slots=True)
class Piped:
    """The project that a text belongs to, and the bytes of the text."""

    opened: tuple[ProjectFiles, Session]
    data: bytes


def is_piped(options: argparse.Namespace) -> bool:
    """Tell whether a text from standard input is to be checked."""
    return options.stdin_filename is not None or options.paths == [_STANDARD_INPUT]


def refuse_contradictions(options: argparse.Namespace) -> None:
    """Raise ConfigError for what cannot be done with a text from standard input."""
    if not is_piped(options):
        return
    if options.paths not in ([], [_STANDARD_INPUT]):
        raise ConfigError(f"--stdin-filename names the text on standard input; leave {options.paths[0]} out")
    if options.watch or options.add_ignore is not None:
        raise ConfigError("standard input can neither be watched nor be written to")
    if options.stdin_filename is not None and options.stdin_filename.suffix == ".toml":
        hint = f"name the file instead: tpkg-lint check {options.stdin_filename}"
        raise ConfigError("a text on standard input is read as Python or as a notebook", hint=hint)
    if wants_fixes(options) and prints_output(options):
        raise ConfigError("standard output takes the fixed text; write the findings to a file")


def piped_session(options: argparse.Namespace) -> Piped:
    """Open the project that the text on standard input belongs to, and return it with the text. Raises ConfigError."""
    path = (options.stdin_filename or _UNNAMED).absolute()
    data = _standard_input()
    text = python_of(data) if path.suffix == SUFFIX else data
    project = project_around(path, asked(options))
    files = Overlay(Disk(), {str(path): text})
    session = open_session(project.config, options.python, files, use_cache=uses_cache(options), jobs=jobs_of(options))
    session.find_packages(project.files)
    narrow([session], options.package)
    return Piped((project, session), data)


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise ConfigError("standard input is closed")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise ConfigError(f"cannot read standard input: {error.strerror}") from None


def write_fixed(data: bytes, fixed: Fixed) -> None:
    """Put the text on standard output with its fixes, as it came where there are none: a formatter's contract."""
    for path, text in fixed.texts.items():
        data = with_python(data, text) if path.suffix == SUFFIX else text.encode(declared_coding(text))
    sys.stdout.buffer.write(data)
    sys.stdout.flush()
