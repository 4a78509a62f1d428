"""Remembered packages are those that would be found, and are looked for anew whenever these could differ."""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rules.scenarios import scenarios_in
from tpkg_analyzer.model.package import Package
from tpkg_analyzer.scan.exports import find, remembered
from tpkg_analyzer.session.projects import close_stores, find_projects, open_project

PAGES = sorted(page for page in Path("tests/rules").glob("*.md") if "PackageExporter" in page.read_text("utf-8"))
EXPORT = """\
from torch.package import PackageExporter
from shop import settings
from shop.net import Net

with PackageExporter(settings.TARGET) as exporter:
    exporter.intern(settings.PATTERN)
    if settings.HAS_YAML:
        exporter.extern("yaml.**")
    exporter.save_source_file("shop.extra", "extra.py")
    exporter.save_pickle("net", "net.pkl", Net())
"""
SETTINGS = """\
TARGET = "net.pt"
PATTERN = "shop.**"
try:
    import one_that_is_missing
    HAS_YAML = True
except ImportError:
    HAS_YAML = False
"""
PROJECT = {
    "tpkg-lint.toml": 'src = ["."]\ncache-dir = ".cache"\n',
    "export.py": EXPORT,
    "extra.py": "import json\n",
    "shop/__init__.py": "",
    "shop/settings.py": SETTINGS,
    "shop/net.py": "from shop.parts import Part\n\n\nclass Net:\n    def __init__(self):\n        self.part = Part()\n",
    "shop/parts.py": "class Part:\n    pass\n",
    "unrelated.py": "x = 1\n",
}


class Answers:
    """Packages of a project in runs of their own, that is with a new environment and store each time."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.n_looked = 0
        self._found = find._packages
        monkeypatch.setattr(find, "_packages", self._counted)

    def write(self, files: dict[str, str]) -> None:
        """Write files of the project."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def ask(self) -> tuple[tuple[Package, ...], int]:
        """Return the packages and how often they were looked for."""
        before = self.n_looked
        packages = tuple(self._packages(use_cache=True))
        n_looked = self.n_looked - before
        assert packages == tuple(self._packages(use_cache=False))
        return packages, n_looked

    def _packages(self, *, use_cache: bool) -> Iterator[Package]:
        for project in find_projects([self.root]):
            yield from open_project(project, sys.executable, use_cache=use_cache).packages
            close_stores()

    def _counted(self, logs: object, root: Path) -> list[Package]:
        self.n_looked += 1
        return self._found(logs, root)  # type: ignore[arg-type]  # whatever it is given


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Answers:
    made = Answers(tmp_path, monkeypatch)
    made.write(PROJECT)
    return made


def test_what_has_not_changed_is_not_looked_for_again(answers: Answers) -> None:
    (package,), n_looked = answers.ask()
    assert [root.module for root in package.roots] == ["shop.extra", "net"]
    assert n_looked == 1
    assert answers.ask() == ((package,), 0)


CHANGES: dict[str, Callable[[Answers], None]] = {
    "of the code that exports": lambda a: a.write({"export.py": EXPORT.replace("Net())", "Net)")}),
    "of what it imports": lambda a: a.write({"shop/settings.py": SETTINGS.replace("shop.**", "shop.net")}),
    "of a class that is pickled": lambda a: a.write({"shop/parts.py": "import json\n\nPart = json.JSONEncoder\n"}),
    "of a source that is saved": lambda a: a.write({"extra.py": "import csv\n"}),
    "by a module that was missing": lambda a: a.write({"one_that_is_missing.py": ""}),
    "by another file that exports": lambda a: a.write({"again.py": EXPORT.replace("Net())", "None)")}),
    "by a module that goes first": lambda a: a.write({"shop/parts/__init__.py": "Part = dict\n"}),
    "of a file that is gone": lambda a: (a.root / "extra.py").unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(answers: Answers, change: str) -> None:
    before, _ = answers.ask()
    CHANGES[change](answers)
    after, n_looked = answers.ask()
    assert (after != before, n_looked) == (True, 1)
    assert answers.ask() == (after, 0)


def test_what_no_export_looks_at_changes_nothing(answers: Answers) -> None:
    before, _ = answers.ask()
    answers.write({"unrelated.py": "import shop.net\n"})
    assert answers.ask() == (before, 0)


def test_another_version_of_the_tool_looks_for_itself(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    answers.ask()
    monkeypatch.setattr(remembered, "own_code", lambda: "another")
    assert answers.ask()[1] == 1


@pytest.mark.parametrize("damage", [b"", b"\x90", b"nonsense"])
def test_a_damaged_entry_is_no_entry(answers: Answers, damage: bytes) -> None:
    answers.ask()
    [file] = (answers.root / ".cache").glob("v*/*.sqlite")
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("UPDATE entries SET value = ? WHERE key LIKE 'exports:%'", [damage])
    connection.close()
    assert answers.ask()[1] == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_all_that_packages_hold_comes_back(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, scenario in enumerate(scenarios_in(page.read_text(encoding="utf-8"))):
        answers = Answers(tmp_path / str(number), monkeypatch)
        scenario.write(answers.root)
        found, _ = answers.ask()
        assert answers.ask() == (found, 0)
