"""The hooks under the real pre-commit, from a repository with this checkout: installed for itself, without torch."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.environments import ROOT

pytestmark = pytest.mark.slow

CACHE = "import torch\n\nCACHE = {}\n\n\ndef put(key):\n    CACHE[key] = 1\n"
CONFIGURATION = """\
repos:
  - repo: file://{repository}
    rev: v1
    hooks:
      - id: {hook}
        args: [--verbose]
"""
LEFT_OUT = (".git", ".venv", "site", "*_cache", "__pycache__", "node_modules", ".hypothesis", ".cache")


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the files of this checkout and the tag v1."""
    folder = tmp_path_factory.mktemp("hooks") / "repository"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
    for words in (["init"], ["add", "--all"], ["commit", "-m", "all"], ["tag", "v1"]):
        git(folder, *words)
    return folder


def hooks(repository: Path, folder: Path, hook: str, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / ".pre-commit-config.yaml").write_text(CONFIGURATION.format(repository=repository, hook=hook))
    git(folder, "add", "--all")
    home = repository.parent / "home"  # shared: the environment is made once
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", *words],
        cwd=folder,
        env={**os.environ, "PRE_COMMIT_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "state.py").write_text(CACHE)
    (tmp_path / "clean.py").write_text("X = 1\n")
    (tmp_path / "generated.py").write_text(CACHE)
    (tmp_path / "tpkg-lint.toml").write_text("exclude = ['generated.py']\nforce-exclude = true\n")
    git(tmp_path, "init")
    return tmp_path


def test_the_manifest_is_valid() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")]
    assert subprocess.run(command, check=False).returncode == 0


def test_files_of_a_commit_are_checked(repository: Path, project: Path) -> None:
    found = hooks(repository, project, "tpkg-lint", "--all-files")
    assert found.returncode == 1
    assert "TPK301" in found.stdout
    assert "generated.py" not in found.stdout
    assert hooks(repository, project, "tpkg-lint", "--files", "clean.py").returncode == 0
    [environment] = (repository.parent / "home").glob("repo*/py_env-*")
    assert not list(environment.glob("lib/*/site-packages/torch"))


def test_the_whole_project_is_checked(repository: Path, project: Path) -> None:
    found = hooks(repository, project, "tpkg-lint-project", "--files", "clean.py")
    assert (found.returncode, "state.py:3:1" in found.stdout) == (1, True)


def test_the_environment_of_the_project_is_read(repository: Path, project: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project / ".venv"], check=True)
    (project / ".gitignore").write_text(".venv\n")
    found = hooks(repository, project, "tpkg-lint-project", "--files", "clean.py")
    assert f"interpreter: {project / '.venv'}" in found.stdout
