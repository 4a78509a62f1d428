"""The demo runs to its end, and says so when prediction and export differ."""

import importlib.util
import subprocess
import sys

import pytest

from examples.demo import EXAMPLES, compare

EXPORT = {"interned": ["a", "a.b"], "externed": ["sys"], "mocked": [], "denied": []}


def test_same_sets_agree(capsys: pytest.CaptureFixture[str]) -> None:
    """The order of the names does not matter."""
    assert compare(EXPORT | {"interned": ["a.b", "a"]}, EXPORT) == 0
    assert "DIFFER" not in capsys.readouterr().out


def test_difference_fails_and_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Both directions, by name."""
    assert compare(EXPORT | {"interned": ["a", "a.c"]}, EXPORT) == 1
    printed = capsys.readouterr()
    lines = [" ".join(line.split()) for line in printed.out.splitlines()]
    assert lines[:3] == ["interned predicted 2 exported 2 DIFFER", "exported only: a.b", "predicted only: a.c"]
    assert "prediction and export differ" in printed.err


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
def test_demo() -> None:
    """What `make demo` runs."""
    command = [sys.executable, EXAMPLES / "demo.py"]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.endswith("The prediction for einops is what torch.package did.\n")
    assert "confirmed: " in run.stdout
    plan = run.stdout.partition("$ tpkg-lint plan")[2].partition("(exit status 0)")[0]
    assert '{ extern = "sys" },' in plan
    assert '{ intern = "sentiment.**" },' in plan
    assert "without an error" in plan
