"""Modules whose import works are told to work, whatever runs in it where nobody follows."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter

PAGE = (Path(__file__).parent / "working.md").read_text(encoding="utf-8")
MODULES = dict(re.findall(r"^## ([^\n]+)\n\n```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
# All in one interpreter; what one of them does to the filters of warnings is no matter of the next.
IMPORT_ALL = """
import importlib, sys, warnings
for name in sys.argv[1:]:
    with warnings.catch_warnings():
        try:
            importlib.import_module(name)
        except BaseException as error:
            print(name, repr(error))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("working")
    for number, source in enumerate(MODULES.values()):
        (folder / f"working{number}.py").write_text(source, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def environment(folder: Path) -> StaticEnvironment:
    return StaticEnvironment(Disk(), ask_interpreter(sys.executable), [str(folder)])


def test_they_work(folder: Path) -> None:
    names = [f"working{number}" for number in range(len(MODULES))]
    assert len(names) > 200
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *names], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout == ""


@pytest.mark.parametrize(("number", "name"), list(enumerate(MODULES)), ids=MODULES)
def test_they_are_told_to_work(number: int, name: str, environment: StaticEnvironment) -> None:
    environment.begin()
    assert environment.verdict(f"working{number}").reason is None, MODULES[name]
