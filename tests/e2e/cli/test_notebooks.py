"""Notebooks on the command line: findings at cells, fixes in them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sources.test_notebooks import notebook

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")
EXPORT = "with PackageExporter('x.pt') as exporter:\n    exporter.save_pickle('a', 'b.pkl', Net())"
CELLS = (
    "%matplotlib inline\nimport torch\nfrom torch.package import PackageExporter",
    None,
    "class Net(torch.nn.Module):\n    pass  # tpkg: ignore[TPK301]",
    EXPORT,
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "train.ipynb").write_bytes(notebook(*CELLS))
    return tmp_path


def check(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [TPKG_LINT, "check", "--python", sys.executable, "--select", "TPK501,TPK003,TPK301,TPK001", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_findings_name_the_cell(project: Path) -> None:
    lines = check(project, "--output-format", "concise").stdout.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["train.ipynb:cell", "3:2:11:", "TPK003"],
        ["train.ipynb:cell", "4:2:40:", "TPK501"],
    ]
    assert "\n2 |     exporter.save_pickle(" in check(project).stdout
    found = json.loads(check(project, "--output-format", "json").stdout)["diagnostics"]
    assert [(item["cell"], item["start"]["line"]) for item in found] == [(3, 2), (4, 2)]
    assert found[0]["fix"]["edits"][0]["cell"] == 3
    assert "file=train.ipynb,line=1" in check(project, "--output-format", "github").stdout


def test_fixes_change_the_cell_and_nothing_else(project: Path) -> None:
    check(project, "--fix")
    fixed = CELLS[2].replace("  # tpkg: ignore[TPK301]", "")
    assert (project / "train.ipynb").read_bytes() == notebook(*CELLS[:2], fixed, CELLS[3])


def test_what_is_no_notebook_is_a_finding(project: Path) -> None:
    (project / "train.ipynb").write_text("{")
    done = check(project, "--output-format", "concise")
    assert (done.returncode, done.stdout.split()[1]) == (1, "TPK001")


def test_a_notebook_can_come_from_standard_input(project: Path) -> None:
    data = (project / "train.ipynb").read_text("utf-8")
    command = [TPKG_LINT, "check", "--select", "TPK501", "--output-format", "concise", "--stdin-filename", "new.ipynb"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, input=data, check=False)
    assert done.stdout.startswith("new.ipynb:cell 4:2:40: TPK501")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": ['])
def test_what_is_no_notebook_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.ipynb").write_text(text)
    done = check(tmp_path, "--output-format", "concise")
    assert done.returncode == 1
    assert done.stdout.startswith("a.ipynb:1:1: TPK001 syntax-error not a notebook: ")


def test_each_notebook_is_a_process_of_its_own(project: Path) -> None:
    """Names, archives and objects of one say nothing of another."""
    (project / "again.ipynb").write_bytes(notebook(*CELLS))
    (project / "other.ipynb").write_bytes(notebook(*CELLS[:3], EXPORT.replace("Net()", "3")))
    lines = check(project, "--output-format", "concise", "--select", "TPK501").stdout.splitlines()
    assert [line.split()[0] for line in lines if "TPK501" in line] == ["again.ipynb:cell", "train.ipynb:cell"]
    closure = [TPKG_LINT, "closure", "--python", sys.executable]
    shown = subprocess.run(closure, cwd=project, capture_output=True, text=True, check=False).stdout
    assert shown.count("package ") == 3
