"""A second process reads ahead into the store, and nothing depends on it."""

import os
import shutil
import signal
import sys
from pathlib import Path

import msgspec
import pytest

from tests.scan.trees import INTERPRETER, LIBRARY, STANDARD
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.scan import ahead, environment
from tpkg_analyzer.scan.ahead import Ahead
from tpkg_analyzer.scan.ahead_order import Queue, Rank
from tpkg_analyzer.scan.ahead_reader import Predicting, Task, read_ahead
from tpkg_analyzer.scan.closure import build_closure
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.patterns import Interned
from tpkg_analyzer.scan.reader import FactsReader
from tpkg_analyzer.scan.remembered import closure_of
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_analyzer.sources.processes import start_main_of
from tpkg_analyzer.sources.store import Store
from tpkg_runtime.spec.actions import Action

N_MODULES = 40
PACKAGE = Package(
    "app",
    Place(None),
    (
        ActionCall(Action.INTERN, ("app.**",)),
        ActionCall(Action.EXTERN, ("**",)),
        Root(RootKind.MODULE, "app"),
    ),
)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    """A package whose modules import one another, and the task of reading it."""
    chain = {
        f"src/app/m{index}.py": f"def f():\n    from app import m{index + 1}\n" + "    x = 1\n" * 200
        for index in range(N_MODULES)
    }
    tree = {
        "src/app/__init__.py": "from . import m0\nimport lib\n",
        "src/lib/__init__.py": "from lib.inner import x\ndef f():\n    import lib.unused\n",
        "src/lib/inner.py": "x = 1\n",
        "src/lib/unused.py": "",
        **chain,
        **{name.replace(LIBRARY, "library"): text for name, text in STANDARD.items()},
    }
    for name, text in tree.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    interpreter = msgspec.structs.replace(INTERPRETER, search_path=(str(tmp_path / "library"),))
    interned = Interned.by(PACKAGE, interpreter.stdlib_names)
    return Task(str(tmp_path / "cache"), interpreter, (str(tmp_path / "src"),), interned)


def scanned(task: Task) -> set[str]:
    """Return the files below the import root whose facts are in the store."""
    store = Store(Path(task.cache))
    reader = FactsReader(Disk(), task.interpreter.version[:2], store)
    found = set()
    for path in Path(task.roots[0]).rglob("*.py"):
        before = reader.n_scanned
        _ = reader.facts_of(str(path)) if path.parent.name == "app" else reader.top_level_of(str(path))
        if reader.n_scanned == before:
            found.add(path.relative_to(task.roots[0]).as_posix())
    return found


EXPECTED = {
    "app/__init__.py",
    *(f"app/m{index}.py" for index in range(N_MODULES)),
    "lib/__init__.py",
    "lib/inner.py",
}


def test_what_an_export_asks_for_is_read(task: Task) -> None:
    read_ahead(task, Predicting())
    assert scanned(task) - {"lib/unused.py"} == EXPECTED  # equal texts have one entry


def test_what_another_environment_has_is_known_already(task: Task, tmp_path: Path) -> None:
    read_ahead(task, Predicting())
    shutil.copytree(tmp_path / "src", tmp_path / "other")
    shutil.rmtree(tmp_path / "src")
    elsewhere = msgspec.structs.replace(task, roots=(str(tmp_path / "other"),))
    predicting = Predicting()
    read_ahead(elsewhere, predicting)
    assert predicting._scanned_here == set()
    assert scanned(elsewhere) >= EXPECTED


def test_the_process_does_its_task_and_ends(task: Task) -> None:
    started = Ahead()
    started.start(task)
    process = started._process
    assert process is not None
    process.wait(60)
    started.stop()
    assert scanned(task) >= EXPECTED


def test_the_process_ends_with_the_one_that_started_it(task: Task) -> None:
    process = start_main_of(ahead._READER, task)
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(60) == 0


def test_who_has_met_the_other_goes_on_further_ahead() -> None:
    queue = Queue(())
    for index in range(100):
        queue.add(f"m{index}", Rank.NEEDED)
    met_at = queue.next()
    queue.skip()
    order = [met_at, *iter(queue.next, None)]
    numbers = [int(found[0].removeprefix("m")) for found in order if found is not None]
    assert numbers[0] == 0
    assert numbers[1] > 20
    assert sorted(numbers) == list(range(100))


@pytest.mark.parametrize("n_left", [0, 1, 2])
def test_at_the_end_nothing_is_skipped_for_good(n_left: int) -> None:
    queue = Queue(())
    for index in range(n_left):
        queue.add(f"m{index}", Rank.WHOLE)
    queue.skip()
    assert len(list(iter(queue.next, None))) == n_left


def test_what_is_below_a_package_that_fails_comes_last() -> None:
    queue = Queue(())
    for name in ("optional", "optional.layers", "optional.models", "other.part"):
        queue.add(name, Rank.NEEDED)
    queue.note_import("optional", "optional.models")
    queue.note_import("optional.models", "missing")
    queue.note_failure("missing")
    queue.note_import("other", "optional")
    names = [found[0] for found in iter(queue.next, None) if found is not None]
    assert names == ["optional", "other", "optional.layers", "optional.models", "other.part"]


@pytest.mark.parametrize("first", ["lib", "nowhere"])
def test_what_a_missing_module_stops_is_not_read_first(
    task: Task, tmp_path: Path, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "src/lib/__init__.py").write_text(f"import {first}\nfrom lib import inner\n")
    order: list[str] = []

    def scan(_: Predicting, path: str) -> None:
        order.append(Path(path).stem)

    monkeypatch.setattr(Predicting, "scan", scan)
    read_ahead(task, Predicting())
    assert (order.index("inner") < order.index("m30")) is (first == "lib")


@pytest.mark.skipif(not hasattr(os, "set_blocking"), reason="there is no helper")
def test_what_is_announced_is_heard() -> None:
    for path, is_here in (("/a.py", True), ("/b.py", True), ("/c.py", False), ("/b", False)):
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        before, after = Predicting(reading), Predicting(reading)
        for predicting in (before, after):
            if predicting is before:
                predicting.scan(path)
            predicting.listen()  # nothing has been said
            for said in (b"/a.py\n/b", b".py\n"):
                os.write(writing, said)
                predicting.listen()
            if predicting is after:
                predicting.scan(path)
            assert predicting.is_here is is_here
            assert [predicting.has_scanned(name) for name in ("/a.py", "/b.py", "/b")] == [True, True, False]
        os.close(writing)
        os.close(reading)


@pytest.mark.skipif(sys.platform == "win32", reason="nothing stops a process there")
def test_a_process_that_does_not_listen_is_not_waited_for(task: Task) -> None:
    started = Ahead()
    started.start(task)
    assert started._process is not None
    started._process.send_signal(signal.SIGSTOP)
    for index in range(10_000):
        started.announce(f"/some/folder/module{index}.py")
    started.stop()
    started.announce("/some/folder/module.py")


def test_a_folder_of_the_user_shadows_nothing(task: Task, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ast.py").write_text("open('imported', 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    started = Ahead()
    started.start(task)
    assert started._process is not None
    started._process.wait(60)
    started.stop()
    assert scanned(task) >= EXPECTED
    assert not (tmp_path / "imported").exists()


def predicted(task: Task, monkeypatch: pytest.MonkeyPatch) -> tuple[int, bool]:
    """Predict the closure with a helper after a few files; return its size, and whether a helper was started."""
    monkeypatch.setattr(environment, "_COLD_AFTER", 5)
    started: list[Task] = []
    start = Ahead.start
    monkeypatch.setattr(Ahead, "start", lambda self, given: (started.append(given), start(self, given))[1])
    expected = build_closure(PACKAGE, StaticEnvironment(Disk(), task.interpreter, task.roots))
    store = Store(Path(task.cache))
    closure = closure_of(PACKAGE, StaticEnvironment(Disk(), task.interpreter, task.roots, store=store))
    store.close()
    assert closure == expected
    return len(closure.modules), bool(started)


def test_a_cold_prediction_has_a_helper_and_the_same_answer(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    assert predicted(task, monkeypatch) == (N_MODULES + 2, True)


def test_a_prediction_of_what_is_scanned_has_none(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    read_ahead(task, Predicting())
    assert predicted(task, monkeypatch) == (N_MODULES + 2, False)


@pytest.mark.parametrize("obstacle", ["one processor", "no interpreter", "an interpreter that fails"])
def test_without_a_helper_the_answer_is_the_same(task: Task, monkeypatch: pytest.MonkeyPatch, obstacle: str) -> None:
    if obstacle == "one processor":
        monkeypatch.setattr(ahead, "processors", lambda: 1)
    else:
        monkeypatch.setattr(sys, "executable", "" if obstacle == "no interpreter" else "/nowhere/python")
    assert predicted(task, monkeypatch)[0] == N_MODULES + 2


def test_two_at_once_leave_a_whole_store(task: Task) -> None:
    helpers = [Ahead() for _ in range(2)]
    for helper in helpers:
        helper.start(task)
    for helper in helpers:
        assert helper._process is not None
        assert helper._process.wait(60) == 0
        helper.stop()
    assert scanned(task) >= EXPECTED


def test_a_cache_that_cannot_be_written_to_costs_nothing_but_time(
    task: Task, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = msgspec.structs.replace(task, cache=str(tmp_path / "file"))
    (tmp_path / "file").write_text("")
    assert predicted(blocked, monkeypatch)[0] == N_MODULES + 2
    read_ahead(blocked, Predicting())


def test_the_interpreter_survives_the_way(task: Task) -> None:
    assert msgspec.json.decode(msgspec.json.encode(task), type=Task) == task
    assert isinstance(task.interpreter, Interpreter)
