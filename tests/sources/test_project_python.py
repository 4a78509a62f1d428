"""Whose environment is exported: never the one that only the tool is in, where there is another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tpkg_analyzer.sources.project_python import find_interpreter

PROGRAMS = "Scripts" if os.name == "nt" else "bin"


def environment(folder: Path) -> Path:
    """Make an environment without packages; return its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder / PROGRAMS / "python"


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tool's own environment, without torch."""
    python = environment(tmp_path / "tools")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "tools"))
    monkeypatch.setattr(sys, "path", [str(tmp_path / "tools" / "lib")])
    return python


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def variables(*programs: Path, activated: Path | None = None) -> dict[str, str]:
    given = {"PATH": os.pathsep.join(str(program.parent) for program in programs)}
    return given | ({"VIRTUAL_ENV": str(activated.parent.parent)} if activated else {})


def test_the_activated_one_comes_before_that_of_the_project(tools: Path, project: Path, tmp_path: Path) -> None:
    activated = environment(tmp_path / "mine")
    environment(project / ".venv")
    assert find_interpreter(project, None, variables(tools, activated=activated)) == str(activated)


@pytest.mark.parametrize("is_activated", [True, False])
def test_the_tools_own_is_passed_over(tools: Path, project: Path, tmp_path: Path, is_activated: bool) -> None:
    """As under pre-commit, which activates the environment that it has made for the tool."""
    given = tools if is_activated else None
    assert Path(find_interpreter(project, None, variables(tools, activated=given))).parent == tools.parent
    another = environment(tmp_path / "another")
    assert Path(find_interpreter(project, None, variables(tools, another, activated=given))).parent == another.parent
    own = environment(project / ".venv")
    assert find_interpreter(project, None, variables(tools, another, activated=given)) == str(own)
    assert find_interpreter(project / "below", None, variables(tools, activated=given)) == str(own)


def test_the_tools_own_with_torch_is_that_of_a_person(tools: Path, project: Path, tmp_path: Path) -> None:
    torch = tmp_path / "tools" / "lib" / "torch"
    torch.mkdir(exist_ok=True)
    (torch / "__init__.py").touch()
    environment(project / ".venv")
    another = environment(tmp_path / "another")
    assert find_interpreter(project, None, variables(tools, another, activated=tools)) == str(tools)


def test_a_python_in_which_nobody_has_installed_anything_is_no_projects(
    tools: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of the system is on every PATH; somebody has installed the tool into the environment of the project."""
    system = environment(tmp_path / "system")
    (tmp_path / "system" / "pyvenv.cfg").unlink()
    monkeypatch.setenv("PYTHONHOME", os.pathsep.join((sys.base_prefix, sys.base_exec_prefix)))
    given = variables(tools, system, activated=tools)
    assert find_interpreter(project, None, given) == str(tools)
    (tmp_path / "path" / "torch").mkdir(parents=True)
    (tmp_path / "path" / "torch" / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "path"))
    with_torch = environment(tmp_path / "with torch")
    (tmp_path / "with torch" / "pyvenv.cfg").unlink()
    given = variables(tools, with_torch, activated=tools)
    assert Path(find_interpreter(project, None, given)).parent == with_torch.parent


def test_what_is_configured_wins(tools: Path, project: Path, tmp_path: Path) -> None:
    environment(tmp_path / "mine")
    assert find_interpreter(project, "../mine", variables(tools)) == str(project / ".." / "mine" / PROGRAMS / "python")
