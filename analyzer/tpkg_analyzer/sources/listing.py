"""Which files below some paths are Python, leaving out what git ignores and what nobody lints."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pathspec

from tpkg_analyzer.sources.notebooks import SUFFIX as NOTEBOOK

ALWAYS_LEFT_OUT = frozenset(
    {".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", "__pycache__", "node_modules", "build", "dist"}
    | {".mypy_cache", ".ipynb_checkpoints", ".ruff_cache", ".pytest_cache", ".eggs", "site-packages"}
)


SUFFIXES = (".py", NOTEBOOK)

Complaint = Callable[[Path, str], None]
"""What is told of a folder that cannot be listed, and why."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which files are wanted: not those of `exclude`, patterns relative to `root`, nor what git ignores.

    A file that is named itself is always in, unless the choice is forced.
    """

    root: Path
    exclude: Sequence[str] = ()
    respects_gitignore: bool = True
    is_forced: bool = False


def python_files(
    start: Path,
    choice: Choice,
    suffixes: tuple[str, ...] = SUFFIXES,
    on_unreadable: Complaint = lambda *_: None,
) -> Iterator[Path]:
    """Yield the files of `suffixes` at or below `start`, sorted."""
    if start.is_file():
        if not is_left_out(start, choice):
            yield start
        return
    yield from _Walk(choice.respects_gitignore, suffixes, on_unreadable).below(start, _ignored(start, choice))


def look_at(path: Path) -> None:
    """Raise OSError for what is not there, and for a folder that cannot be listed."""
    if path.is_dir():
        os.scandir(path).close()
    else:
        path.stat()


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


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk through the folders of a project."""

    respects_gitignore: bool
    suffixes: tuple[str, ...]
    on_unreadable: Complaint

    def below(self, folder: Path, ignored: list[_Ignore]) -> Iterator[Path]:
        if self.respects_gitignore and (own := _gitignore(folder)) is not None:
            ignored = [*ignored, own]
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self.on_unreadable(folder, error.strerror or type(error).__name__)
            return
        for entry in entries:
            path = Path(entry.path)
            is_folder = entry.is_dir(follow_symlinks=False)
            if entry.name in ALWAYS_LEFT_OUT or any(item.leaves_out(path, is_folder=is_folder) for item in ignored):
                continue
            if is_folder:
                yield from self.below(path, ignored)
            elif entry.name.endswith(self.suffixes) and _is_file(entry):
                yield path


def _is_file(entry: "os.DirEntry[str]") -> bool:
    """Tell whether an entry is a file: a pipe would be waited for, a dead link or one to a hidden place is none."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _above(start: Path) -> list[_Ignore]:
    """Return the ignore files of the folders above, up to the repository's root."""
    found = []
    folder = start
    while not _has_repository(folder) and folder.parent != folder:
        folder = folder.parent
        if (item := _gitignore(folder)) is not None:
            found.append(item)
    return found if _has_repository(folder) else []


def _has_repository(folder: Path) -> bool:
    return os.path.exists(folder / ".git")  # noqa: PTH110 - that of a Path raises where the folder may not be searched


def _gitignore(folder: Path) -> _Ignore | None:
    try:
        lines = (folder / ".gitignore").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return _Ignore(folder, pathspec.GitIgnoreSpec.from_lines(lines))
