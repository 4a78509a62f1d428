"""The parts that need no torch work under every CPython that the project promises and this machine has."""

import subprocess
from pathlib import Path

import pytest

from tests.packaging.environments import run
from tests.packaging.interpreters import interpreter

SMOKE = Path(__file__).with_name("smoke.py")
MINORS = range(10, 15)


def install_with_dependencies(python: Path, wheel: Path) -> None:
    """Install the wheel with what it needs; skip where the index has no binaries for this Python."""
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command = [*pip, "--only-binary", ":all:", str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and "No matching distribution found" in done.stderr:
        pytest.skip(f"no binaries of the dependencies: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("minor", MINORS)
def test_smoke(minor: int, wheel: Path, tmp_path: Path) -> None:
    """Every module compiles and is imported, and the command predicts a closure."""
    found = interpreter(minor)
    if found is None:
        pytest.skip(f"there is no CPython 3.{minor} here")
    run([found, "-m", "venv", tmp_path / "venv"])
    python = tmp_path / "venv" / "bin" / "python"
    install_with_dependencies(python, wheel)
    assert run([python, "-I", SMOKE], cwd=tmp_path).startswith(f"3.{minor}.")


def test_versions_promised_are_versions_tested() -> None:
    """The classifiers of the distribution and the range above name the same Pythons."""
    metadata = (SMOKE.parent.parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    promised = [line for line in metadata.splitlines() if '"Programming Language :: Python :: 3.' in line]
    assert [f'  "Programming Language :: Python :: 3.{minor}",' for minor in MINORS] == promised
    assert f'requires-python = ">=3.{MINORS[0]}"' in metadata
