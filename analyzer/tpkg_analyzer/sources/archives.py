"""What an archive holds, by the names of its records."""

import os
from pathlib import Path

from tpkg_analyzer.sources.files import Files
from tpkg_runtime.archive.layout import is_framework

_MOST = 20_000
_DATA = ".data"


def records_in(files: Files, archive: Path) -> frozenset[str] | None:
    """Return the records of a package, as a file or extracted, without those of the framework; None if it is none."""
    top = str(archive)
    entries = files.entries(top)
    if _DATA not in entries:  # in a file all records are in one folder
        folders = [name for name, is_folder in entries.items() if is_folder]
        top = os.path.join(top, folders[0]) if len(folders) == 1 else top
        if _DATA not in files.entries(top):
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
