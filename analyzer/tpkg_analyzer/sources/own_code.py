"""What is remembered holds as long as the code that found it: another version may find something else."""

import os
import sys
from functools import cache
from pathlib import Path

import tpkg_analyzer
import tpkg_runtime.spec
from tpkg_analyzer.sources.files import digest_of


@cache
def own_code() -> str:
    """Return what changes when this tool's own code does, or the Python that runs it."""
    stamps = [sys.version]
    for package in (tpkg_analyzer, tpkg_runtime.spec):
        for folder, _, names in os.walk(package.__path__[0]):
            for name in sorted(name for name in names if name.endswith(".py")):
                path = os.path.join(folder, name)
                found = Path(path).stat()
                stamps.append(f"{path}:{found.st_size}:{found.st_mtime_ns}")
    return digest_of("\n".join(stamps).encode("utf-8", "backslashreplace"))
