"""The runtime works under every CPython that the project promises, without torch and without anything else."""

import os
import subprocess
from pathlib import Path

import pytest

import tpkg_runtime
from tests.packaging.test_interpreters import MINORS, interpreter

SCRIPT = Path(__file__).with_name("alone.py")


@pytest.mark.parametrize("minor", MINORS)
def test_alone(minor: int, tmp_path: Path) -> None:
    """In an interpreter of its own, isolated from what is installed there."""
    found = interpreter(minor)
    if found is None:
        pytest.skip(f"there is no CPython 3.{minor} here")
    environment = {**os.environ, "PYTHONPATH": str(Path(tpkg_runtime.__file__).parents[1])}
    run = subprocess.run(
        [found, "-S", str(SCRIPT)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr) == ("done\n", "")
