"""Set-up on a bare machine: what it asks pip for, what it skips, and what it says where it cannot go on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tools.bootstrap import Environment, torch_arguments


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script as the Makefile does."""
    return subprocess.run(
        [sys.executable, "tools/bootstrap.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("torch", "arguments"),
    [
        ("torch==2.13.0", ["torch==2.13.0"]),
        ("2.9.1+cpu", ["torch==2.9.1+cpu"]),
        ("torch>=2.9,<3", ["torch>=2.9,<3"]),
        ("https://example.org/simple", ["--index-url", "https://example.org/simple", "torch"]),
        ("https://example.org/torch-2.13.0.whl", ["https://example.org/torch-2.13.0.whl"]),
        ("--index-url 'https://example.org' torch", ["--index-url", "https://example.org", "torch"]),
    ],
)
def test_value_of_torch(torch: str, arguments: list[str]) -> None:
    """TORCH takes a version, a requirement, an index, or pip's own arguments."""
    assert torch_arguments(torch) == arguments


def test_value_of_torch_is_a_path(tmp_path: Path) -> None:
    """A wheel and a source tree are installed as they are, a folder of wheels is where pip looks."""
    wheel = tmp_path / "torch-2.13.0-py3-none-any.whl"
    assert torch_arguments(str(tmp_path)) == [str(tmp_path)]
    wheel.touch()
    assert torch_arguments(str(wheel)) == [str(wheel)]
    assert torch_arguments(str(tmp_path)) == ["--find-links", str(tmp_path), "torch==2.13.0"]


def test_step_is_done_once_for_the_same_inputs(tmp_path: Path) -> None:
    """A step counts as done until its inputs change; other steps do not matter."""
    environment = Environment(tmp_path)
    environment.set_done("torch", "torch==2.13.0")
    assert environment.is_done("torch", "torch==2.13.0")
    assert not environment.is_done("torch", "torch==2.12.0")
    assert not environment.is_done("project-dev", "torch==2.13.0")


def test_missing_ensurepip_names_the_package(tmp_path: Path) -> None:
    """As on a Debian that has python3 and not python3-venv."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")
    result = run("--venv", str(tmp_path / "venv"), PYTHONPATH=str(tmp_path))
    assert result.returncode == 1
    assert f"apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv" in result.stderr
    assert not (tmp_path / "venv").exists()


def test_torch_that_cannot_be_had_names_the_way_out(tmp_path: Path) -> None:
    """pip's own message stays, the hint follows, and nothing is noted as done."""
    result = run("--venv", str(tmp_path / "venv"), "--torch", "./no-such-torch.whl")
    assert result.returncode == 1
    assert "no-such-torch.whl" in result.stderr
    assert "TORCH= says what to install as torch" in result.stderr
    assert not list((tmp_path / "venv").glob(".done-*"))


def test_old_python_is_refused_before_anything_else(tmp_path: Path) -> None:
    """The interpreter that make is told to use is looked at first."""
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    result = subprocess.run(["make", f"PYTHON={old}", "setup"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert "older than 3.10" in result.stderr
    assert "make PYTHON=" in result.stderr
