"""The CPythons of this machine."""

import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path


@lru_cache
def interpreter(minor: int) -> str | None:
    """Find CPython 3.minor: this one, then pyenv's, then what PATH has."""
    places = [sys.executable]
    places += map(str, sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python")))
    places += filter(None, [shutil.which(f"python3.{minor}")])
    code = "import sys; print(sys.implementation.name, *sys.version_info[:2])"
    for place in places:
        asked = subprocess.run([place, "-I", "-c", code], capture_output=True, text=True, check=False)
        if asked.stdout.split() == ["cpython", "3", str(minor)]:
            return place
    return None
