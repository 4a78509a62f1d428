"""An editor's projects after an edit: what is kept, and what must not be."""

import gc
import sys
from pathlib import Path

import pytest

from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.scan.toplevel.values import Module
from tpkg_analyzer.session.change import Change
from tpkg_analyzer.session.live import Live
from tpkg_analyzer.session.preferences import Preferences

CONFIGURATION = """
src = ["."]

[[package]]
name = "classifier"
modules = ["classifier", "other"]
actions = [{ intern = "**" }]
"""
CLASSIFIER = "NAMES = {}\n\n\ndef add(name):\n    return NAMES.get(name)\n"
OTHER = "import classifier\n\n\ndef names():\n    return classifier.NAMES\n"
CHANGING = "import classifier\n\n\ndef names():\n    classifier.NAMES[0] = 1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with one package."""
    (tmp_path / "tpkg-lint.toml").write_text(CONFIGURATION)
    (tmp_path / "classifier.py").write_text(CLASSIFIER)
    (tmp_path / "other.py").write_text(OTHER)
    return tmp_path


def editor_on(folder: Path) -> Live:
    """Return an editor's view of a folder."""
    live = Live(Preferences(python=sys.executable))
    live.change(Change(roots=(str(folder),)))
    return live


def found_in(live: Live, folder: Path) -> list[Diagnostic]:
    """Return all findings once everything has settled."""
    project = live.project_of(folder / "tpkg-lint.toml")
    project.settle()
    return [*project.package_findings, *(item for path in sorted(folder.glob("*.py")) for item in live.check(path))]


def edit(live: Live, path: Path, text: str) -> None:
    """Give an open file another text."""
    live.change(Change({str(path): text}))


def test_closures_outlive_an_edit(folder: Path) -> None:
    """Where it leaves the imports alone, nothing is walked again."""
    live = editor_on(folder)
    found_in(live, folder)
    before = live.project_of(folder / "other.py").closures
    edit(live, folder / "other.py", CHANGING)
    found_in(live, folder)
    assert live.project_of(folder / "other.py").closures is before
    edit(live, folder / "other.py", f"import helpers\n{OTHER}")
    found_in(live, folder)
    assert live.project_of(folder / "other.py").closures != before


def test_an_edit_elsewhere_is_seen(folder: Path) -> None:
    """A finding that rests on the words of another file comes and goes with them."""
    live = editor_on(folder)
    assert "TPK301" not in {item.code for item in found_in(live, folder)}
    edit(live, folder / "other.py", CHANGING)
    assert "TPK301" in {item.code for item in found_in(live, folder)}
    edit(live, folder / "other.py", OTHER)
    assert "TPK301" not in {item.code for item in found_in(live, folder)}


def test_who_loads_packages_is_seen(folder: Path) -> None:
    """A file that begins to load packages, without a new import at its top, is one after the next look."""
    live = editor_on(folder)
    loader = "def load(path):\n    {}\n    return importer\n"
    (folder / "loader.py").write_text(loader.format("importer = None"))
    found_in(live, folder)
    assert live.project_of(folder / "other.py").session.loading == frozenset()
    edit(live, folder / "loader.py", loader.format("importer = torch.package.PackageImporter(path)"))
    found_in(live, folder)
    assert live.project_of(folder / "other.py").session.loading == {"loader"}


def test_only_the_packages_concerned_are_walked(folder: Path) -> None:
    """Another import in a file of one package leaves the closure of the other as it is, one elsewhere all."""
    second = '\n[[package]]\nname = "second"\nmodules = ["second"]\nactions = [{ intern = "**" }]\n'
    (folder / "tpkg-lint.toml").write_text(CONFIGURATION + second)
    (folder / "second.py").write_text("import torch\n")
    (folder / "nowhere.py").write_text("import torch\n")
    live = editor_on(folder)
    edit(live, folder / "second.py", "import torch\nimport json\n")
    found_in(live, folder)
    first, second_one = live.project_of(folder / "other.py").closures
    edit(live, folder / "second.py", "import torch\nimport classifier\n")
    found_in(live, folder)
    now, changed = live.project_of(folder / "other.py").closures
    assert now is first
    assert "classifier" in changed.modules
    assert "classifier" not in second_one.modules
    edit(live, folder / "nowhere.py", "import classifier\n")
    found_in(live, folder)
    assert live.project_of(folder / "other.py").closures == (now, changed)
    assert live.project_of(folder / "other.py").closures[1] is changed


def test_edits_of_imports_leave_nothing_behind(folder: Path) -> None:
    """What was acted out for a closure goes with it, without a search for garbage: it would take as long as a look."""
    live = editor_on(folder)
    found_in(live, folder)
    gc.collect()
    gc.disable()
    try:
        for number in range(6):
            edit(live, folder / "other.py", f"import helper_{number}\n{OTHER}")
            found_in(live, folder)
        modules = [found for found in gc.get_objects() if type(found) is Module and found.name == "classifier"]
        alive = [found for found in modules if found.location and found.location.path == str(folder / "classifier.py")]
    finally:
        gc.enable()
    assert len(alive) == 1
