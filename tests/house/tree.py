"""The checkout as the house rules see it: what git would hold, and the modules of the three packages."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = {"tpkg_analyzer": "analyzer", "tpkg_server": "server", "tpkg_runtime": "runtime"}


def package_modules() -> list[Path]:
    """Return every Python file of the three packages."""
    return sorted(path for package, folder in PACKAGES.items() for path in (ROOT / folder / package).rglob("*.py"))


def module_name(path: Path) -> str:
    """Return the dotted name of a file of the three packages."""
    parts = path.relative_to(ROOT).with_suffix("").parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def text_files() -> list[Path]:
    """Return the files that git holds or would take, except the empty ones and those that are no text."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    found = [ROOT / name for name in names if name]
    return sorted(path for path in found if path.is_file() and path.stat().st_size and b"\0" not in path.read_bytes())
