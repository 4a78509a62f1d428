"""Modules whose import works are told to work, whatever runs in it where nobody follows."""

import re
from pathlib import Path

import pytest

from tests.scan.imported import Modules

PAGE = (Path(__file__).parent / "working.md").read_text(encoding="utf-8")
MODULES = dict(re.findall(r"^## ([^\n]+)\n\n```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Modules:
    return Modules(tmp_path_factory.mktemp("working"), MODULES.values())


def test_they_work(modules: Modules) -> None:
    assert len(MODULES) > 200
    assert modules.failures() == ""


@pytest.mark.parametrize(("number", "name"), list(enumerate(MODULES)), ids=MODULES)
def test_they_are_told_to_work(number: int, name: str, modules: Modules) -> None:
    assert modules.told(number) is None, MODULES[name]
