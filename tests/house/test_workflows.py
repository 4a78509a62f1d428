"""What forges read of this repository, and what the documentation offers to copy, is valid."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "ci.md"
ACTION = "vendor.github-actions"
WORKFLOW = "vendor.github-workflows"
GITLAB = "vendor.gitlab-ci"
OURS = ".github/workflows/tpkg-lint.yml"


def recipes() -> dict[str, str]:
    """Return the files of the page by their titles."""
    tokens = [token for token in MarkdownIt().parse(PAGE.read_text("utf-8")) if token.type == "fence"]
    return {token.info.partition('title="')[2].rstrip('"'): token.content for token in tokens if "title=" in token.info}


def validate(schema: str, file: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=lambda file: file.name)
def test_own_workflows_are_valid(file: Path) -> None:
    validate(WORKFLOW, file)


def test_the_action_is_valid() -> None:
    validate(ACTION, ROOT / "action.yml")


def test_the_component_is_valid(tmp_path: Path) -> None:
    head, _, job = (ROOT / "templates/tpkg-lint.yml").read_text("utf-8").partition("\n---\n")
    assert head.startswith("spec:\n  inputs:\n")
    (tmp_path / "job.yml").write_text(job)
    validate(GITLAB, tmp_path / "job.yml")


@pytest.mark.parametrize(
    ("title", "schema"), [(".github/workflows/tpkg-lint.yml", WORKFLOW), (".gitlab-ci.yml", GITLAB)]
)
def test_recipes_are_valid(tmp_path: Path, title: str, schema: str) -> None:
    (tmp_path / "recipe.yml").write_text(recipes()[title])
    validate(schema, tmp_path / "recipe.yml")


@pytest.mark.skipif(sys.platform != "linux", reason="actionlint is installed on Linux only")
def test_actionlint_has_nothing_to_say(tmp_path: Path) -> None:
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    (folder / "recipe.yml").write_text(
        recipes()[".github/workflows/tpkg-lint.yml"].replace("OWNER/tpkg-lint@TAG", "a/b@v1")
    )
    files = [*(ROOT / ".github/workflows").glob("*.yml"), folder / "recipe.yml"]
    actionlint = Path(sys.executable).with_name("actionlint")
    done = subprocess.run([actionlint, *files], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_steps_of_the_action_work(tmp_path: Path) -> None:
    """The step that checks is run as a runner would, with an environment in which tpkg-lint is installed."""
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    script = action["runs"]["steps"][1]["run"]
    (tmp_path / "tpkg-lint/bin").mkdir(parents=True)
    (tmp_path / "tpkg-lint/bin/tpkg-lint").symlink_to(Path(sys.executable).with_name("tpkg-lint"))
    (tmp_path / "a.py").write_text("import torch\nCACHE = {}\n\n\ndef put(key):\n    CACHE[key] = 1\n")
    inputs = {"PATHS": "a.py", "ARGS": "--select TPK3", "INTERPRETER": sys.executable, "SARIF": "out.sarif"}
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=tmp_path,
        env={**os.environ, **inputs, "RUNNER_TEMP": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("::warning title=tpkg-lint (TPK301),file=a.py,line=2")
    assert (tmp_path / "out.sarif").is_file()
