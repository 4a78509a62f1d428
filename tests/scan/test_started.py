"""The start of a process is shared among projects, and only where it would be the same."""

import sys
from pathlib import Path

from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter
from tpkg_analyzer.sources.store import Store, default_cache_folder


def verdicts(root: Path, *modules: str) -> list[bool]:
    store = Store(default_cache_folder())
    environment = StaticEnvironment(Disk(), ask_interpreter(sys.executable), [str(root)], store=store)
    return [environment.exists(module) for module in modules]


def test_projects_do_not_see_each_others_modules(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.py").touch()
    assert verdicts(tmp_path / "one", "one", "two", "json") == [True, False, True]
    assert verdicts(tmp_path / "two", "one", "two", "json") == [False, True, True]


def test_a_project_that_shadows_what_the_exporter_imports_starts_by_itself(tmp_path: Path) -> None:
    assert verdicts(tmp_path, "torch.nn") == [True]
    (tmp_path / "torch.py").touch()
    assert verdicts(tmp_path, "torch.nn") == [False]
