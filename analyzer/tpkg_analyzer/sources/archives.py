"""What an archive holds, by the names of its records and by what its pickles name."""

import os
from pathlib import Path

from tpkg_analyzer.sources.files import Files
from tpkg_runtime.archive.layout import is_framework
from tpkg_runtime.spec.pickles import pickle_globals

_MOST = 20_000
_DATA = ".data"


def records_in(files: Files, archive: Path) -> frozenset[str] | None:
    """Return the records of a package, as a file or extracted, without those of the framework; None if it is none."""
    top = _top(files, archive)
    if top is None:
        return None
    found: set[str] = set()
    stack = [""]
    while stack and len(found) < _MOST:
        prefix = stack.pop()
        for name, is_folder in files.entries(os.path.join(top, *prefix.split("/")) if prefix else top).items():
            record = f"{prefix}/{name}".lstrip("/")
            if is_framework(f"{record}/" if is_folder else record):
                continue
            if is_folder:
                stack.append(record)
            else:
                found.add(record)
    return None if stack else frozenset(found)


def modules_in(files: Files, archive: Path, record: str) -> frozenset[str] | None:
    """Return the modules that a pickle of a package names, None where there is none that can be read."""
    top = _top(files, archive)
    if top is None:
        return None
    try:
        return frozenset(module for module, _ in pickle_globals(files.read(os.path.join(top, *record.split("/")))))
    except (OSError, ValueError):
        return None


def _top(files: Files, archive: Path) -> str | None:
    """Return the folder of a package's records; None where there is no package."""
    top = str(archive)
    entries = files.entries(top)
    if _DATA not in entries:  # in a file all records are in one folder
        folders = [name for name, is_folder in entries.items() if is_folder]
        top = os.path.join(top, folders[0]) if len(folders) == 1 else top
        if _DATA not in files.entries(top):
            return None
    return top
