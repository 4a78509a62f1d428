"""A remembered closure is the one that would be predicted, and is predicted anew whenever that could differ."""

import os
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from tests.scan.trees import INTERPRETER, LIBRARY, STANDARD
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.scan import remembered
from tpkg_analyzer.scan.closure import Closure, build_closure
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.known import NOTHING_KNOWN, Known
from tpkg_analyzer.scan.remembered import closure_of
from tpkg_analyzer.sources import trace
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.store import Store
from tpkg_runtime.spec.actions import TORCH, TPKG, Action, Semantics

PACKAGE = Package(
    "app",
    Place(None),
    (
        ActionCall(Action.INTERN, ("app.**",)),
        ActionCall(Action.EXTERN, ("lib", "lib.**")),
        ActionCall(Action.MOCK, ("never.**",)),
        Root(RootKind.MODULE, "app.main"),
    ),
)
TREE = {
    "app/__init__.py": "",
    "app/main.py": "import app.part, lib\nfrom app import other\ndef f():\n    import gone\n",
    "app/part.py": "from lib import flag\nif flag():\n    import app.flagged\nimport typing\n",
    "app/flagged.py": "",
    "app/other.py": "x = 1\n",
    "lib/__init__.py": "from lib.inner import flag\n",
    "lib/inner.py": "import os\ndef flag():\n    return os.path.isfile(__file__)\n",
}
LONG_AGO = time.time() - 36_000


class Answers:
    """Closures of one tree in runs of their own, that is with a new environment and store each time."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.n_built = 0
        self.n_written = 0
        self.interpreter = msgspec.structs.replace(INTERPRETER, search_path=(str(root / "library"),))
        for name, text in STANDARD.items():
            self.write(name.replace(LIBRARY, "../library"), text)
        monkeypatch.setattr(remembered, "build_closure", self._counted)
        monkeypatch.setattr(remembered, "_FEWEST_FILES", 0)
        for name, text in TREE.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        """Write a file as if long ago, each time a little later."""
        self.n_written += 1
        path = self.root / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for item in (path, *path.parents[: len(Path(name).parts)]):
            os.utime(item, (LONG_AGO + self.n_written, LONG_AGO + self.n_written))

    def ask(
        self, package: Package = PACKAGE, semantics: Semantics = TORCH, known: Known = NOTHING_KNOWN
    ) -> tuple[Closure, int]:
        """Return the closure and how often it was predicted for that."""
        before = self.n_built
        store = Store(self.root / "cache")
        environment = self.environment(store, known)
        closure = closure_of(package, environment, semantics)
        store.close()
        fresh = build_closure(package, self.environment(None, known), semantics)
        assert closure == fresh
        assert list(closure.modules) == list(fresh.modules)
        assert list(closure.references) == list(fresh.references)
        return closure, self.n_built - before

    def environment(self, store: Store | None, known: Known = NOTHING_KNOWN) -> StaticEnvironment:
        return StaticEnvironment(Disk(), self.interpreter, [str(self.root / "src")], store=store, known=known)

    def _counted(self, package: Package, environment: StaticEnvironment, semantics: Semantics = TORCH) -> Closure:
        self.n_built += 1
        return build_closure(package, environment, semantics)


@pytest.fixture(params=["stamps are settled", "stamps are fresh"])
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Answers:
    if request.param == "stamps are settled":  # as if all of this happened an hour after the files were written
        monkeypatch.setattr(trace, "time_ns", lambda: time.time_ns() + 3_600_000_000_000)
    return Answers(tmp_path, monkeypatch)


def test_what_has_not_changed_is_not_predicted_again(answers: Answers) -> None:
    closure, n_built = answers.ask()
    assert (closure.with_action(Action.INTERN), n_built) == (
        ["app.flagged", "app.main", "app.other", "app.part"],
        1,
    )
    assert answers.ask()[1] == 0


def test_fresh_files_count_by_their_content(answers: Answers) -> None:
    (answers.root / "src/app/other.py").write_text("y = 1\n")
    assert answers.ask()[1] == 1
    assert answers.ask()[1] == 0
    (answers.root / "src/app/other.py").write_text("import typing\n")
    assert answers.ask()[1] == 1


CHANGES: dict[str, Callable[[Answers], None]] = {
    "an edit": lambda a: a.write("app/other.py", "import typing\n"),
    "an edit of what is extern": lambda a: a.write("lib/inner.py", "def flag():\n    return False\n"),
    "a module that was missing": lambda a: a.write("gone.py", ""),
    "a module that goes first": lambda a: a.write("lib.py", "flag = None\n"),
    "a package in the place of a module": lambda a: a.write("app/other/__init__.py", ""),
    "a module that is gone": lambda a: (a.root / "src/app/flagged.py").unlink(),
    "a root that is gone": lambda a: (a.root / "src/app/main.py").unlink(),
    "a file that a module shadows": lambda a: a.write("typing/__init__.py", "import app\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_anything_that_was_looked_at_counts(answers: Answers, change: str) -> None:
    answers.ask()
    CHANGES[change](answers)
    assert answers.ask()[1] == 1
    assert answers.ask()[1] == 0


def test_names_that_no_import_looks_for_do_not_count(answers: Answers) -> None:
    answers.ask()
    answers.write("app/__pycache__/main.cpython-311.pyc", "")
    (answers.root / "src/app/other.py").touch()
    assert answers.ask()[1] == 0


def test_another_question_has_another_answer(answers: Answers) -> None:
    answers.ask()
    fewer = replace(PACKAGE, steps=PACKAGE.steps[:1] + PACKAGE.steps[2:])
    assert answers.ask(fewer)[1] == 1
    assert answers.ask(semantics=TPKG)[1] == 1
    assert answers.ask(known=Known(missing=frozenset({"lib"})))[1] == 1
    assert answers.ask()[1] == 0


def test_where_a_package_is_declared_does_not_count(answers: Answers) -> None:
    answers.ask()
    moved = replace(PACKAGE, declared=Place(Path("elsewhere.py")), name="other")
    closure, n_built = answers.ask(moved)
    assert (closure.package.name, n_built) == ("other", 0)


def test_what_an_export_leaves_behind_is_acted_out_when_it_is_asked_for(answers: Answers) -> None:
    answers.ask()
    store = Store(answers.root / "cache")
    environment, fresh = answers.environment(store), answers.environment(None)
    closure_of(PACKAGE, environment)
    before = answers.n_built
    build_closure(PACKAGE, fresh)
    assert environment.verdict("gone") == fresh.verdict("gone")
    assert environment.importability.module("app.part") is not None
    assert answers.n_built == before + 1
    store.close()


def test_another_version_of_the_tool_predicts_for_itself(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    answers.ask()
    monkeypatch.setattr(remembered, "own_code", lambda: "another")
    assert answers.ask()[1] == 1


@pytest.mark.parametrize("damage", [b"", b"\x90", b"nonsense", None])
def test_a_damaged_entry_is_no_entry(answers: Answers, damage: bytes | None) -> None:
    answers.ask()
    [file] = (answers.root / "cache").glob("v*/*.sqlite")
    connection = sqlite3.connect(file)
    with connection:
        cut = "substr(value, 1, length(value) / 2)" if damage is None else "?"
        values = () if damage is None else (damage,)
        connection.execute(f"UPDATE entries SET value = {cut}", values)
    connection.close()
    assert answers.ask()[1] == 1


def test_an_import_that_fails_is_remembered_with_its_error(answers: Answers) -> None:
    answers.write("app/main.py", "raise ValueError('no')\n")
    closure, _ = answers.ask()
    assert closure.outcome == "ValueError"
    assert answers.ask() == (closure, 0)
