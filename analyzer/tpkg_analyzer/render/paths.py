"""How paths are shown."""

import os
from pathlib import Path


def shown(path: Path, base: Path) -> str:
    """Return `path` relative to `base` where it lies below, else absolute; always with forward slashes."""
    relative = os.path.relpath(path, base)
    return path.as_posix() if relative.startswith("..") else Path(relative).as_posix()
