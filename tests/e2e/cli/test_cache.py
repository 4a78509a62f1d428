"""What is remembered between runs helps where it can, and harms nowhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")

CODE = "CACHE = {}\n\n\ndef put(key):\n    CACHE[key] = 1\n"
PACKAGE = '[[package]]\nname = "app"\nmodules = ["app"]\nactions = [{ intern = "app.**" }, { extern = "**" }]\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "app").mkdir(parents=True)
    python = os.path.realpath(sys.executable)  # without torch, which takes seconds to read
    (folder / "tpkg-lint.toml").write_text(f'cache-dir = "../cache"\npython = "{python}"\n{PACKAGE}')
    for number in range(25):
        (folder / "app" / f"m{number}.py").write_text(f"{CODE}\n\ndef f():\n    from json import loads{number}\n")
    names = "".join(f"from app import m{number}\n" for number in range(25))
    (folder / "app" / "__init__.py").write_text(f"import argparse\n{names}")
    return folder


def run(project: Path, *words: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [*before, str(TPKG_LINT), *words]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def test_a_damaged_cache_counts_as_not_there(project: Path) -> None:
    commands = (("closure",), ("check", "--output-format", "concise"))
    expected = [run(project, *command) for command in commands]
    [file] = project.parent.glob("cache/v*/facts.sqlite")
    data = bytearray(file.read_bytes())
    assert len(data) > 60_000
    for place in range(20_000, len(data), 997):
        data[place] ^= 0xFF
    file.write_bytes(data)
    for command, before in zip(commands, expected, strict=True):
        found = run(project, *command)
        assert (found.returncode, found.stdout, found.stderr) == (before.returncode, before.stdout, before.stderr)
