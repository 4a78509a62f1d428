"""ruff and mypy have nothing to say: the same commands as in `make lint`."""

import subprocess
import sys

import pytest

from tests.house.tree import ROOT

COMMANDS = {"ruff check": ["ruff", "check"], "ruff format": ["ruff", "format", "--check"], "mypy": ["mypy"]}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_tool_has_nothing_to_say(command: list[str]) -> None:
    """The tool's own output is the message of a failure."""
    run = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_make_lint_runs_the_same() -> None:
    """A tool that only one of both places runs is a surprise for somebody."""
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nlint:")[2].partition("\n\n")[0]
    assert [" ".join(command) for command in COMMANDS.values() if f"-m {' '.join(command)}\n" not in recipe] == []
