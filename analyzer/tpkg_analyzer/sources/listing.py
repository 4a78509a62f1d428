"""Which files below some paths are Python, leaving out what git ignores and what nobody lints."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pathspec

from tpkg_analyzer.sources.notebooks import SUFFIX as NOTEBOOK

ALWAYS_LEFT_OUT = frozenset(
    {".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", "__pycache__", "node_modules", "build", "dist"}
    | {".mypy_cache", ".ipynb_checkpoints", ".ruff_cache", ".pytest_cache", ".eggs", "site-packages"}
)


SUFFIXES = (".py", NOTEBOOK)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which files are wanted: not those of `exclude`, patterns relative to `root`, nor what git ignores.

    A file that is named itself is always in, unless the choice is forced.
    """

    root: Path
    exclude: Sequence[str] = ()
    respects_gitignore: bool = True
    is_forced: bool = False


def python_files(start: Path, choice: Choice, suffixes: tuple[str, ...] = SUFFIXES) -> Iterator[Path]:
    """Yield the files of `suffixes` at or below `start`, sorted."""
    if start.is_file():
        if not is_left_out(start, choice):
            yield start
        return
    yield from _below(start, _ignored(start, choice), choice.respects_gitignore, suffixes)


def is_left_out(file: Path, choice: Choice) -> bool:
    """Tell whether a file that is named itself is not wanted: only where the choice is forced. It need not exist."""
    if not choice.is_forced:
        return False
    ignored = _ignored(file, choice)
    parts = [part for part in (file, *file.parents) if part.is_relative_to(choice.root) and part != choice.root]
    return any(
        part.name in ALWAYS_LEFT_OUT or any(item.leaves_out(part, is_folder=part != file) for item in ignored)
        for part in parts
    )


def _ignored(start: Path, choice: Choice) -> list["_Ignore"]:
    base = choice.root if start.is_relative_to(choice.root) else start
    own = _Ignore(base, pathspec.GitIgnoreSpec.from_lines(choice.exclude))
    return [own, *_above(start)] if choice.respects_gitignore else [own]


class _Ignore:
    """Patterns of gitignore's language, relative to the folder that they are written in."""

    def __init__(self, folder: Path, spec: pathspec.GitIgnoreSpec) -> None:
        self._folder = folder
        self._spec = spec

    def leaves_out(self, path: Path, *, is_folder: bool) -> bool:
        if not path.is_relative_to(self._folder):
            return False
        relative = path.relative_to(self._folder).as_posix()
        return self._spec.match_file(relative + "/" if is_folder else relative)


def _below(folder: Path, ignored: list[_Ignore], respect_gitignore: bool, suffixes: tuple[str, ...]) -> Iterator[Path]:
    if respect_gitignore and (own := _gitignore(folder)) is not None:
        ignored = [*ignored, own]
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = Path(entry.path)
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name in ALWAYS_LEFT_OUT or any(item.leaves_out(path, is_folder=is_folder) for item in ignored):
            continue
        if is_folder:
            yield from _below(path, ignored, respect_gitignore, suffixes)
        elif entry.name.endswith(suffixes) and entry.is_file():  # a pipe would be waited for, a dead link is none
            yield path


def _above(start: Path) -> list[_Ignore]:
    """Return the ignore files of the folders above, up to the repository's root."""
    found = []
    folder = start
    while not (folder / ".git").exists() and folder.parent != folder:
        folder = folder.parent
        if (item := _gitignore(folder)) is not None:
            found.append(item)
    return found if (folder / ".git").exists() else []


def _gitignore(folder: Path) -> _Ignore | None:
    try:
        lines = (folder / ".gitignore").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return _Ignore(folder, pathspec.GitIgnoreSpec.from_lines(lines))
