"""Several processes check the files of a project, and find what one finds."""

import json
from pathlib import Path

import pytest

from tpkg_analyzer.cli import sharing
from tpkg_analyzer.cli.check import run
from tpkg_analyzer.cli.sharing import Part
from tpkg_analyzer.session.projects import close_stores
from tpkg_analyzer.sources.store import Store

N_FILES = 60
MODULE = """\
import importlib
from big import m{next}

REGISTRY = {{}}


def register(name, value):
    REGISTRY[name] = value
    return importlib.import_module(name)
"""


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A project of many modules with something to find in each."""
    (tmp_path / "big").mkdir()
    for number in range(N_FILES):
        (tmp_path / f"big/m{number:02}.py").write_text(MODULE.format(next=f"{(number + 1) % N_FILES:02}"))
    package = """[[package]]\nname = "big"\nmodules = ["big.m00"]\nactions = [{ intern = "big.**" }]\n"""
    (tmp_path / "tpkg-lint.toml").write_text(package)
    monkeypatch.chdir(tmp_path)
    return ["--output-format", "json", "--jobs", "3", "--cache-dir"]


def found(words: list[str], capsys: pytest.CaptureFixture[str]) -> list[object]:
    run(words)
    close_stores()
    findings: list[object] = json.loads(capsys.readouterr().out)["diagnostics"]
    return findings


def test_a_part_is_what_a_run_takes_from_the_store(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    expected = found([*words, "alone"], capsys)
    assert len(expected) >= N_FILES
    for first in range(2):
        assert sharing._check(Part([*words, "shared"], 0, first, 2)) == 0
    close_stores()
    store = Store(Path("shared"))
    assert sum("findings:" in key for (key,) in store._connection.execute("SELECT key FROM entries")) >= N_FILES  # type: ignore[union-attr]
    store.close()
    assert found([*words, "shared"], capsys) == expected


def test_many_files_are_shared(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = found([*words, "alone"], capsys)
    monkeypatch.setattr(sharing, "_AFTER", 2)
    monkeypatch.setattr(sharing, "_FILES_EACH", 20)
    tasks: list[Part] = []
    started = []
    start = sharing.start_main_of

    def noting(module: str, task: Part) -> object:
        tasks.append(task)
        started.append(start(module, task))
        return started[-1]

    monkeypatch.setattr(sharing, "start_main_of", noting)
    assert found([*words, "shared"], capsys) == expected
    assert [(part.first, part.of) for part in tasks] == [(0, 2), (1, 2)]
    assert all(process.poll() is not None for process in started)


def test_a_process_does_its_part_and_ends(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    expected = found([*words, "alone"], capsys)
    process = sharing.start_main_of(sharing.__name__, Part([*words, "shared"], 0, 0, 1))
    assert process is not None
    with process:
        assert process.wait(60) == 0
    assert found([*words, "shared"], capsys) == expected


@pytest.mark.parametrize("options", [["--jobs", "1"], ["--no-cache"], ["--fix"]])
def test_some_runs_are_nobody_elses(words: list[str], options: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_AFTER", 2)
    monkeypatch.setattr(sharing, "_FILES_EACH", 20)
    monkeypatch.setattr(sharing, "start_main_of", None)
    run([*words, "alone", *options])
    close_stores()


def test_words_that_cannot_be_told_are_told_to_nobody() -> None:
    assert sharing.start_main_of(sharing.__name__, Part(["\udc80.py"], 0, 0, 1)) is None
