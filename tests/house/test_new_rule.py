"""A rule that the scaffold has started passes every test, and names that cannot be are refused."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT

NAME = "scaffolded-in-a-test"


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a Python command on the packages of a checkout."""
    path = os.pathsep.join([str(folder), *(str(folder / name) for name in PACKAGES.values())])
    environment = {**os.environ, "PYTHONPATH": path}
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a new rule touches, with a rule that was just started."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in (*PACKAGES.values(), "tools", "tests/rules", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    started = run(folder, "tools/new_rule.py", NAME, "--code", "TPK799")
    assert started.returncode == 0, started.stderr
    assert "make generate" in started.stdout
    return folder


def test_started_rule_passes_the_tests_of_rules(copy: Path) -> None:
    """Its scenarios, its examples, its headings; and it is registered by being there."""
    done = run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/rules", "-k", NAME)
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout


def test_started_rule_is_clean(copy: Path) -> None:
    """ruff has nothing to say about it."""
    module = copy / "analyzer" / "tpkg_analyzer" / "rules" / "scaffolded_in_a_test.py"
    for command in (["check", str(module)], ["format", "--check", str(module)]):
        done = run(copy, "-m", "ruff", *command)
        assert done.returncode == 0, done.stdout


def test_page_is_generated(copy: Path) -> None:
    """The check names the new page before it is written, and not after."""
    assert f"docs/rules/{NAME}.md is not current" in run(copy, "tools/gen_docs.py", "--check").stderr
    run(copy, "tools/gen_docs.py")
    assert f"| TPK799 | [{NAME}]({NAME}.md) | warning |" in (copy / "docs/rules/index.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("StarImport", "TPK798", "a name is of words with hyphens"),
        ("no-action", "TPK798", "the name no-action is that of TPK101"),
        ("star-import-again", "TPK101", "the code TPK101 is that of no-action"),
        ("star-import-again", "X1", "a code is TPK with three digits"),
        (NAME, "TPK799", f"the name {NAME} is that of TPK799"),
    ],
)
def test_what_cannot_be_is_refused(copy: Path, name: str, code: str, message: str) -> None:
    """With the reason, and nothing is written."""
    before = set((copy / "analyzer").rglob("*.py")) | set((copy / "tests").rglob("*.md"))
    refused = run(copy, "tools/new_rule.py", name, "--code", code)
    assert refused.returncode == 2
    assert message in refused.stderr
    assert set((copy / "analyzer").rglob("*.py")) | set((copy / "tests").rglob("*.md")) == before
