"""What our exporter does better: each test fails with the original, which it is run with as well."""

import gc
import io
import os
import pickle
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.implementations import OURS, Implementation
from tests.house.tree import ROOT
from tests.runtime.projects import Project

NET = """
    import torch
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(2, 2)
        class Inner:
            pass
    """

NOTE = """
    class Note:
        def __init__(self, text):
            self.text = text
        def __reduce_package__(self, exporter):
            name = f"notes._{exporter.get_unique_id()}"
            exporter.save_text(name, "note.txt", self.text)
            return load_note, (name,)

    def load_note(importer, name):
        return Note(importer.load_text(name, "note.txt"))
    """


def test_temporaries_come_back_as_themselves(better: Implementation, project: Project) -> None:
    """Row 32: the id of a collected object is reused, and with it the other object's saved form."""
    project({"note.py": NOTE})
    import note

    def save(exporter: Any) -> None:
        exporter.intern("note")
        for number in range(50):
            exporter.save_pickle("notes", f"{number}.pkl", note.Note(str(number)))

    importer = better.load(save)
    assert [importer.load_pickle("notes", f"{number}.pkl").text for number in range(50)] == [str(n) for n in range(50)]


def test_nested_classes_in_protocol_4(better: Implementation, project: Project) -> None:
    """Row 31."""
    project({"nested.py": NET})
    import nested

    def save(exporter: Any) -> None:
        exporter.intern("nested")
        exporter.save_pickle("p", "inner.pkl", nested.Net.Inner(), pickle_protocol=4)

    assert type(better.load(save).load_pickle("p", "inner.pkl")).__qualname__ == "Net.Inner"


def test_objects_of_two_importers_are_not_mixed_up(better: Implementation) -> None:
    """Row 39: the second object would silently get the first importer's code."""
    packages = [
        better.load(lambda exporter, n=number: exporter.save_source_string("m", f"class C:\n    version = {n}\n"))
        for number in (1, 2)
    ]
    second = packages[1].import_module("m").C()
    with pytest.raises(pickle.PicklingError) as caught:
        better.pack(
            lambda exporter: (exporter.intern("**"), exporter.save_pickle("p", "c.pkl", second)),
            importer=[*packages, better.api.sys_importer],
        )
    assert packages[0].id() in str(caught.value)
    assert packages[1].id() in str(caught.value)


def good_package(implementation: Implementation, folder: Path) -> tuple[Path, bytes]:
    """Make a package in a folder; return its path and its content."""
    path = folder / "package.pt"
    with implementation.exporter(str(path)) as exporter:
        exporter.save_text("p", "text.txt", "good")
    return path, path.read_bytes()


def test_failed_export_leaves_the_file(better: Implementation, tmp_path: Path) -> None:
    """Row 14."""
    path, before = good_package(better, tmp_path)
    with (
        pytest.raises(
            better.api.package_exporter.PackagingError if better.name == "torch" else better.api.PackagingError
        ),
        better.exporter(str(path)) as exporter,
    ):
        exporter.save_source_string("m", "import numpy")
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["package.pt"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits on the size of files")
@pytest.mark.parametrize("first", [True, False], ids=["after others", "first of all"])
def test_a_failed_write_is_not_the_end_of_some_archive(first: bool, tmp_path: Path) -> None:
    """Row 14: who goes on after a full disk is told at the end, each time, and the old file stays."""
    import resource

    import torch

    path, before = good_package(OURS, tmp_path)
    exporter = OURS.exporter(str(path))
    if first:
        exporter.save_pickle("p", "small.pkl", torch.arange(4.0))
    large = torch.ones(1_000_000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
    try:
        with pytest.raises(OSError, match="large"):
            exporter.save_pickle("p", "large.pkl", large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    for _ in range(2):
        with pytest.raises(OSError, match="cannot be completed"):
            exporter.close()
    with pytest.raises(OSError, match="cannot be completed"):
        exporter.save_pickle("p", "other.pkl", torch.ones(3))
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["package.pt"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_that_ends_leaves_the_export_alone(tmp_path: Path) -> None:
    code = f"""
import os, sys, torch
sys.path.insert(0, {str(ROOT)!r})
from tests.conformance.implementations import OURS
exporter = OURS.exporter({str(tmp_path / "x.pt")!r})
exporter.save_pickle("p", "x.pkl", torch.ones(3))
if os.fork() == 0:
    sys.exit(0)
os.wait()
exporter.close()
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=60)
    assert OURS.importer(str(tmp_path / "x.pt")).load_pickle("p", "x.pkl").tolist() == [1, 1, 1]


def test_names_as_long_as_they_may_be(tmp_path: Path) -> None:
    path = tmp_path / f"{'n' * 252}.pt"
    with OURS.exporter(str(path)) as exporter:
        exporter.save_text("p", "text.txt", "good")
    assert OURS.importer(str(path)).load_text("p", "text.txt") == "good"


@pytest.mark.skipif(hasattr(os, "geteuid") and not os.geteuid(), reason="whoever runs this may write everywhere")
def test_a_folder_in_which_nothing_can_be_made(tmp_path: Path) -> None:
    path = tmp_path / "package.pt"
    path.write_bytes(b"old")
    tmp_path.chmod(0o500)
    try:
        with OURS.exporter(str(path)) as exporter:
            exporter.save_text("p", "text.txt", "good")
        assert OURS.importer(str(path)).load_text("p", "text.txt") == "good"
        with pytest.raises(PermissionError):
            OURS.exporter(str(tmp_path / "new.pt"))
    finally:
        tmp_path.chmod(0o700)


def test_interrupted_export_leaves_the_file(better: Implementation, tmp_path: Path) -> None:
    """Row 14: also by Ctrl-C, also after tensors were written."""
    import torch

    path, before = good_package(better, tmp_path)
    exporter = better.exporter(str(path))
    exporter.__enter__()
    exporter.save_pickle("p", "tensor.pkl", torch.ones(100))
    exporter.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["package.pt"]


def test_abandoned_export_leaves_nothing(better: Implementation, tmp_path: Path) -> None:
    """Row 14: an exporter that is dropped without `close`."""
    import torch

    exporter = better.exporter(str(tmp_path / "package.pt"))
    exporter.save_pickle("p", "tensor.pkl", torch.ones(100))
    del exporter
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_export_over_the_open_file(better: Implementation, tmp_path: Path) -> None:
    """Row 40: the importer goes on reading what it has opened."""
    import torch

    path = tmp_path / "package.pt"
    with better.exporter(path) as exporter:
        exporter.save_pickle("p", "tensor.pkl", torch.arange(4000))
        exporter.save_text("p", "text.txt", "old")
    importer = better.importer(path)
    tensor = importer.load_pickle("p", "tensor.pkl")
    with better.exporter(path) as exporter:
        exporter.save_text("p", "text.txt", "new")
    assert importer.load_text("p", "text.txt") == "old"
    assert torch.equal(importer.load_pickle("p", "tensor.pkl"), torch.arange(4000))
    assert torch.equal(tensor, torch.arange(4000))
    assert better.importer(path).load_text("p", "text.txt") == "new"


def test_all_errors_with_chain_and_lines_to_paste(better: Implementation, project: Project) -> None:
    """Row 1: who imports it, where, and what to write, for whoever sees the traceback."""
    root = project(
        {"app/__init__.py": "", "app/a.py": "import os\nimport app.b\n", "app/b.py": "\n\nimport yaml_like\n"}
    )
    project({"yaml_like.py": ""})
    error = _error(better, lambda exporter: (exporter.intern("app.**"), exporter.save_module("app.a")))
    report = "".join(traceback.format_exception(error))
    assert f"app.b imports yaml_like ({root / 'app/b.py'}:3)" in report
    assert f"app.a imports app.b ({root / 'app/a.py'}:2)" in report
    assert 'exporter.intern("yaml_like.**")' in report.splitlines()


def test_pasted_lines_settle_the_export(better: Implementation, project: Project) -> None:
    """Rows 1, 9, 22: own modules, installed ones, C extensions and namespace packages in one go."""
    project({"space/inner.py": "", "own.py": "", "m.py": "import own, numpy, numpy._core._multiarray_umath, space\n"})

    def save(exporter: Any, lines: list[str]) -> None:
        for line in lines:
            exec(line, {"exporter": exporter})
        exporter.intern(["numpy._core._multiarray_umath", "space"])
        exporter.save_module("m")

    report = "".join(traceback.format_exception(_error(better, lambda exporter: save(exporter, []))))
    lines = [line for line in report.splitlines() if line.startswith("exporter.")]
    assert 'exporter.extern("numpy.**")' in lines
    assert 'exporter.save_source_string("space", "", True)' in lines
    better.load(lambda exporter: save(exporter, lines)).import_module("m")


def test_deny_comes_before_implicit_externs(better: Implementation) -> None:
    """Row 7."""
    error = _error(
        better, lambda exporter: (exporter.deny(["os", "subprocess"]), exporter.save_source_string("m", "import os"))
    )
    assert "denied" in str(error)


def test_io_and_sys_are_extern(better: Implementation) -> None:
    """Row 2: `io` is a private copy in the original, `sys` an error."""

    def save(exporter: Any) -> None:
        exporter.intern("**")
        exporter.save_source_string("m", "import io, sys")

    module = better.load(save).import_module("m")
    assert module.io is io
    assert module.sys is sys


@pytest.mark.parametrize("pattern", ["a..b", "numpy.", "", "a/b", None, 3, ["ok", 3], b"numpy"])
def test_useless_patterns_are_refused(better: Implementation, pattern: Any) -> None:
    """Row 8. (The original refuses some of them, with whatever exception comes.)"""
    exporter = better.exporter(io.BytesIO())
    with pytest.raises((TypeError, ValueError), match=r"pattern|include"):
        exporter.intern(pattern)


def test_importer_that_is_none_is_refused(better: Implementation) -> None:
    """Row 20: at once, and by name."""
    with pytest.raises(TypeError, match="not a Importer"):
        better.exporter(io.BytesIO(), importer=[pickle, better.api.sys_importer])


@pytest.mark.parametrize("save", ["save_text", "save_binary", "save_pickle"])
def test_duplicate_resources_are_refused(better: Implementation, save: str) -> None:
    """Row 15: before anything happens, by an error that asks for no bug report."""
    exporter = better.exporter(io.BytesIO())
    exporter.save_text("p", "same", "x")
    with pytest.raises(ValueError, match="resource 'same' of package 'p' is saved already"):
        getattr(exporter, save)("p", "same", b"x" if save == "save_binary" else "x")


@pytest.mark.parametrize(("package", "source"), [("model", "x = 1"), ("code", "import code"), ("model.sub", "x = 1")])
def test_colliding_resources_are_refused(better: Implementation, package: str, source: str) -> None:
    """Row 3: a resource below a plain module or an extern module makes a package that cannot be opened."""

    def save(exporter: Any) -> None:
        exporter.save_source_string("model", source)
        exporter.save_text(package, "text.txt", "x")

    with pytest.raises(ValueError, match="could be written but not loaded"):
        better.pack(save)


@pytest.mark.parametrize("cookie", ["latin-1", "cp1252"])
def test_sources_in_other_codings(better: Implementation, project: Project, cookie: str) -> None:
    """Row 21: the archive is UTF-8, and the cookie must say so."""
    project({"coded.py": f"# -*- coding: {cookie} -*-\nNAME = 'café'\n".encode(cookie)})
    importer = better.load(lambda exporter: exporter.save_module("coded"))
    assert importer.import_module("coded").NAME == "café"
    assert importer.get_source("coded").splitlines()[0] == "# -*- coding: utf-8 -*-"


def test_source_files_in_other_codings(better: Implementation, tmp_path: Path) -> None:
    """Row 21, by `save_source_file`, also with a BOM."""
    (tmp_path / "a.py").write_bytes("# coding: latin-1\nNAME = 'café'\n".encode("latin-1"))
    (tmp_path / "b.py").write_bytes("NAME = 'café'\n".encode("utf-8-sig"))
    importer = better.load(lambda exporter: exporter.save_source_file("coded", str(tmp_path)))
    assert importer.import_module("coded.a").NAME == importer.import_module("coded.b").NAME == "café"


def test_ancestors_are_written(better: Implementation, project: Project) -> None:
    """Row 5: what `a/__init__` does is done in the package as well; the listings stay those of the original."""
    project({"a/__init__.py": "from a.registry import NAMES\nNAMES.append('a')\n", "a/registry.py": "NAMES = []\n"})
    project({"a/b.py": "class C: pass\n"})
    listed = []

    def save(exporter: Any) -> None:
        exporter.intern("a.**")
        exporter.save_module("a.b")
        listed.extend(exporter.interned_modules())

    importer = better.load(save)
    assert importer.import_module("a.b") is importer.import_module("a").b
    assert importer.import_module("a").NAMES == ["a"]
    assert listed == ["a.b"]


def test_an_ancestor_that_fails_is_left_empty(better: Implementation, project: Project) -> None:
    """Where the original works without it, loading goes on; what it has imported so far stays."""
    fails = "from a import c\nHALF = 1\nif __name__ != 'a':\n    raise OSError('no driver')\n"
    project({"a/__init__.py": fails, "a/b.py": "VALUE = 1\n", "a/c.py": ""})

    def save(exporter: Any) -> None:
        exporter.intern("a.**")
        exporter.save_module("a.b")

    importer = better.load(save)
    with pytest.warns(UserWarning, match=r"package 'a' is left empty.*OSError: no driver"):
        assert importer.import_module("a.b").VALUE == 1
    package = importer.import_module("a")
    assert package.c is importer.import_module("a.c")
    assert not hasattr(package, "HALF")


def test_a_package_that_was_asked_for_may_not_fail(each: Implementation) -> None:
    importer = each.load(lambda exporter: exporter.save_source_string("d", "raise OSError('no')", is_package=True))
    with pytest.raises(OSError, match="no"):
        importer.import_module("d")


def test_late_pattern_settles_a_module(better: Implementation, project: Project) -> None:
    """A pattern that comes after the first mention counts at the second; the original ends in an AssertionError."""
    project({"late.py": ""})

    def save(exporter: Any) -> None:
        exporter.save_source_string("m", "import late")
        exporter.intern("late")
        exporter.save_source_string("n", "import late")

    assert better.load(save).import_module("n").late.__name__.endswith("late")


def _error(implementation: Implementation, save: Any) -> Any:
    with pytest.raises(implementation.packaging_error) as caught:
        implementation.pack(save)
    return caught.value
