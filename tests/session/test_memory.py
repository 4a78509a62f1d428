"""Findings are remembered as long as nothing that they rest on has changed, and not longer."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.test_import_budget import loaded_by
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.session.fixing import findings_of
from tpkg_analyzer.session.projects import find_projects, open_project

CONFIGURATION = """
cache-dir = ".cache"
src = ["."]

[[package]]
name = "classifier"
modules = ["classifier", "other"]
actions = [{ intern = "**" }]
"""
CLASSIFIER = "NAMES = {}\n\n\ndef add(name):\n    return NAMES.get(name)\n"
UNCHANGING = "import classifier\n\n\ndef names():\n    return classifier.NAMES\n"
CHANGING = "import classifier\n\n\ndef fill(name):\n    classifier.NAMES[name] = 1\n"
EXPORT = """\
import sys
from torch.package import PackageExporter

with PackageExporter("a.pt") as exporter:
    exporter.save_module("classifier")
    exporter.save_pickle("net", "net.pkl", __import__(sys.argv[1]).net)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in which nothing changes the table of the module that holds it."""
    (tmp_path / "tpkg-lint.toml").write_text(CONFIGURATION)
    (tmp_path / "classifier.py").write_text(CLASSIFIER)
    (tmp_path / "other.py").write_text(f"import helpers\n{UNCHANGING}")
    (tmp_path / "helpers.py").write_text("SIZE = 1\n")
    return tmp_path


def found_in(root: Path) -> list[Diagnostic]:
    """Return the findings of a new session, whose store is written at its end."""
    found = []
    for files in find_projects([root]):
        session = open_project(files)
        found += findings_of(session, files.files)
        assert session.store is not None
        session.store.close()
    return found


def codes_in(root: Path) -> list[str]:
    """Return the codes of `found_in`."""
    return sorted(item.code for item in found_in(root))


def test_second_run_finds_the_same(project: Path) -> None:
    """With all that belongs to a finding: places, related places, fixes."""
    (project / "other.py").write_text(f"import helpers\n{CHANGING}")
    first = found_in(project)
    assert [item.code for item in first if item.related] == ["TPK301"]
    assert [item.code for item in first if item.fix is not None] == ["TPK110"]
    assert found_in(project) == first


def test_second_run_loads_no_rule(project: Path) -> None:
    """Where every finding is remembered, nothing is parsed and libcst is not even loaded."""
    (project / "other.py").write_text(CHANGING)
    (project / "export.py").write_text(EXPORT)
    run = f"sys.exit(main(['check', '--exit-zero', {str(project)!r}]))"
    command = f"import sys; from tpkg_analyzer.cli.main import main; {run}"
    assert "libcst" in loaded_by(command)
    assert "libcst" not in loaded_by(command)
    assert codes_in(project) == ["TPK004", "TPK301"]


def test_change_of_another_module_is_seen(project: Path) -> None:
    """The finding stands in a file that did not change."""
    assert codes_in(project) == ["TPK110"]
    (project / "other.py").write_text(CHANGING)
    assert codes_in(project) == ["TPK301"]
    (project / "other.py").write_text(UNCHANGING)
    assert codes_in(project) == []


def test_new_module_is_seen(project: Path) -> None:
    """An import that found nothing finds something."""
    (project / "classifier.py").write_text("def names():\n    import tables\n\n    return tables.NAMES\n")
    assert "TPK106" in codes_in(project)
    (project / "tables.py").write_text("NAMES = ()\n")
    assert "TPK106" not in codes_in(project)


def test_change_of_settings_is_seen(project: Path) -> None:
    """Each selection has findings of its own, and the first is still known."""
    assert codes_in(project) == ["TPK110"]
    (project / "tpkg-lint.toml").write_text(f'ignore = ["TPK110"]\n{CONFIGURATION}')
    assert codes_in(project) == []
    (project / "tpkg-lint.toml").write_text(CONFIGURATION)
    assert codes_in(project) == ["TPK110"]


def test_word_that_names_no_rule_is_refused_every_time(project: Path) -> None:
    """Only words that were found to name rules are remembered as such."""
    code = "import sys; from tpkg_analyzer.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "check", str(project), "--select", "TPK999"]
    for _ in range(2):
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (run.returncode, "TPK999" in run.stderr) == (2, True)


def test_damaged_memory_is_forgotten(project: Path) -> None:
    """An entry that cannot be read counts as not there."""
    first = found_in(project)
    database = next((project / ".cache").rglob("*.sqlite"))
    with sqlite3.connect(database) as connection:
        changed = connection.execute("UPDATE entries SET value = x'c1' WHERE key LIKE 'findings:%'").rowcount
    connection.close()
    assert changed > 0
    assert found_in(project) == first
