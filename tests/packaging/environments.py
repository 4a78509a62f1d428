"""Distributions of this checkout, and environments without torch to put them into."""

import importlib.metadata
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD_TOOLS = ("hatchling",)


def run(command: Iterable[str | Path], cwd: Path = ROOT) -> str:
    """Run a command that has to succeed, away from the caller's PYTHONPATH, and return what it prints."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build_wheel(source: Path, target: Path) -> Path:
    """Build a wheel of a source tree or an sdist, with the build tools that are here."""
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    run([*pip, "--wheel-dir", target, source])
    return next(target.glob("*.whl"))


def build_sdist(target: Path) -> Path:
    """Build the source distribution."""
    run([sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", target, ROOT])
    return next(target.glob("*.tar.gz"))


def make_environment(folder: Path) -> Path:
    """Make an empty environment of this Python and return its interpreter."""
    run([sys.executable, "-m", "venv", "--without-pip", folder])
    return folder / "bin" / "python"


def link_dependencies(python: Path, folder: Path) -> None:
    """Put what the project needs, and only that, within reach of an environment of this same Python.

    Nothing is downloaded: each dependency is linked from where the tests run, so torch stays out of sight.
    """
    site = Path(sysconfig.get_path("purelib"))
    links = folder / "dependencies"
    links.mkdir()
    for name in needed("tpkg-lint", *BUILD_TOOLS) - {"tpkg-lint"}:
        for top in {file.parts[0] for file in importlib.metadata.files(name) or [] if file.parts[0] != ".."}:
            if top != "__pycache__" and not (links / top).exists():
                (links / top).symlink_to(site / top)
    target = run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip()
    (Path(target) / "dependencies.pth").write_text(f"{links}\n", encoding="utf-8")


def install(python: Path, *arguments: str | Path) -> None:
    """Install into an environment that has no pip of its own, and without its dependencies."""
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    run([*pip, "--no-deps", "--no-build-isolation", *arguments])


def needed(*names: str) -> set[str]:
    """Return the distributions that these need here, with themselves and without extras."""
    found: set[str] = set()
    wanted = list(names)
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted += requirements(name)
    return found


def requirements(name: str) -> Iterator[str]:
    """Yield what a distribution needs in this environment."""
    for text in importlib.metadata.requires(name) or []:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement.name.lower().replace("_", "-")
