"""What our importer does better: each test fails with the original, which it is run with as well."""

import contextlib
import gc
import linecache
import os
import pickle
import subprocess
import sys
import threading
import traceback
import warnings
import weakref
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.conformance.implementations import Implementation


def test_threads_get_their_own_tensors(better: Implementation) -> None:
    """Row 59: a load that waits in the middle sees its own context afterwards, whatever others load meanwhile."""
    source = (
        "import torch_package_importer as importer\n"
        "def rebuild(_, name): return Late(name)\n"
        "class Late:\n"
        "    def __init__(self, name=None):\n"
        "        self.device = None\n"
        "    def __reduce_package__(self, exporter):\n"
        "        return rebuild, ('x',)\n"
    )
    importer = better.load(lambda exporter: exporter.save_source_string("m", source))
    gate, inside = threading.Event(), threading.Event()
    seen: list[Any] = []

    def rebuild(package: Any, wait: bool) -> str:
        if wait:
            inside.set()
            assert gate.wait(60)
        seen.append(package.last_map_location)
        return "done"

    module = importer.import_module("m")
    module.rebuild = rebuild
    archive = better.pack(
        lambda exporter: (
            exporter.intern("**"),
            exporter.save_pickle("p", "slow.pkl", _Reduced(module, True)),
            exporter.save_pickle("p", "fast.pkl", _Reduced(module, False)),
        ),
        importer=[importer, better.api.sys_importer],
    )
    loaded = better.importer(archive)
    loaded.import_module("m").rebuild = rebuild
    thread = threading.Thread(target=lambda: loaded.load_pickle("p", "slow.pkl", map_location="cpu"))
    thread.start()
    assert inside.wait(60)
    loaded.load_pickle("p", "fast.pkl", map_location="meta")
    gate.set()
    thread.join(60)
    assert seen == ["meta", "cpu"]


class _Reduced:
    """Comes back through a function of a packaged module."""

    def __init__(self, module: Any, wait: bool) -> None:
        self._module, self._wait = module, wait

    def __reduce_package__(self, exporter: Any) -> Any:
        return _named(self._module), (self._wait,)


def _named(module: Any) -> Any:
    function = module.rebuild
    function.__module__ = module.__name__
    function.__qualname__ = "rebuild"
    return function


def test_threads_see_whole_modules(better: Implementation) -> None:
    """Row 60: a second thread waits until the module's code has run."""
    importer = better.load(
        lambda exporter: (
            exporter.save_source_string("slow", "import threads_gate\nthreads_gate.stop()\nDONE = 1\n")
            if not exporter.extern("threads_gate")
            else None
        )
    )
    inside, gate = threading.Event(), threading.Event()
    module = type(sys)("threads_gate")
    module.stop = lambda: (inside.set(), gate.wait(60))  # type: ignore[attr-defined]
    importer.modules["threads_gate"] = module
    results: list[bool] = []
    first = threading.Thread(target=importer.import_module, args=("slow",))
    first.start()
    assert inside.wait(60)
    second = threading.Thread(target=lambda: results.append(hasattr(importer.import_module("slow"), "DONE")))
    second.start()
    second.join(0.2)
    gate.set()
    first.join(60)
    second.join(60)
    assert results == [True]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_collected_importers_leave_nothing(better: Implementation, tmp_path: Path) -> None:
    """Row 61: modules, sources in linecache and file descriptors go with the importer."""
    path = tmp_path / "package.pt"
    with better.exporter(path) as exporter:
        exporter.save_source_string("m", "def f(): raise ValueError\n")
    importer = better.importer(path)
    module = importer.import_module("m")
    try:
        module.f()
    except ValueError:
        assert "raise ValueError" in traceback.format_exc()
    assert str(path) in _open_files()
    prefix, alive = importer.id(), [weakref.ref(importer), weakref.ref(module)]
    del importer, module
    gc.collect()
    assert find_spec("_there_is_no_such_module") is None  # the next import sweeps `sys.modules`
    assert [reference() for reference in alive] == [None, None]
    assert [name for name in sys.modules if name.startswith(prefix)] == []
    assert [name for name in linecache.cache if name.startswith(prefix)] == []
    assert str(path) not in _open_files()


def test_close_and_with(better: Implementation, tmp_path: Path) -> None:
    """Row 61: sooner, on demand; what was loaded lives on."""
    path = tmp_path / "package.pt"
    with better.exporter(path) as exporter:
        exporter.save_source_string("m", "def f(): return 1\n")
        exporter.save_pickle("p", "t.pkl", torch.arange(3000))
    with better.importer(path) as importer:
        function, tensor = importer.import_module("m").f, importer.load_pickle("p", "t.pkl")
    assert function() == 1
    assert torch.equal(tensor, torch.arange(3000))
    with pytest.raises(RuntimeError):
        importer.load_pickle("p", "t.pkl")


def test_unknown_resources_are_explained(better: Implementation) -> None:
    """Row 34."""
    importer = better.load(
        lambda exporter: (exporter.save_text("config", "model.yaml", "x"), exporter.save_text("weights", "a.txt", "x"))
    )
    with pytest.raises(FileNotFoundError, match=r"Did you mean 'config/model\.yaml'.*weights/a\.txt"):
        importer.load_text("config", "model.yml")
    with pytest.raises(ModuleNotFoundError, match="Did you mean 'weights'"):
        importer.load_text("weight", "a.txt")


@pytest.mark.parametrize("kind", ["torch.save", "torch.jit", "text", "empty", "old torch.save"])
def test_other_files_are_named(better: Implementation, tmp_path: Path, kind: str) -> None:
    """Row 34: the error says what the file is."""
    path = tmp_path / "file.pt"
    match kind:
        case "torch.save":
            torch.save({"a": 1}, path)
        case "old torch.save":
            torch.save({"a": 1}, path, _use_new_zipfile_serialization=False)
        case "torch.jit":
            _scripted().save(str(path))
        case _:
            path.write_text("hello" if kind == "text" else "")
    words = {"torch.jit": "TorchScript", "text": "not a zip", "empty": "empty"}.get(kind, "torch.save")
    with pytest.raises(RuntimeError, match=words):
        better.importer(path)


def test_extern_versions_are_recorded_and_compared(better: Implementation, tmp_path: Path) -> None:
    """Row 26."""
    path = tmp_path / "package.pt"
    with better.exporter(path) as exporter:
        exporter.save_source_string("m", "import torch")
    with zipfile.ZipFile(path) as archive:
        records = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in records.items():
            changed = data.replace(torch.__version__.partition("+")[0].encode(), b"1.0.0")
            archive.writestr(name, b"3.1.4" if name.endswith("python_version") else changed)
    with pytest.warns(UserWarning, match=r"Python 3\.1\.4 .*torch 1\.0\.0"):
        better.importer(path)


@pytest.mark.parametrize("protocol", [3, 4])
def test_only_allowed_globals(better: Implementation, protocol: int) -> None:
    """Row 62."""

    class Evil:
        def __reduce__(self) -> Any:
            return os.system, ("exit 1",)

    def save(exporter: Any) -> None:
        exporter.save_pickle("p", "evil.pkl", Evil(), pickle_protocol=protocol, dependencies=False)
        exporter.save_pickle("p", "good.pkl", {"w": torch.ones(2)}, pickle_protocol=protocol)
        exporter.extern("posix")

    importer = better.importer(better.pack(save), allow=[*better.api.TENSOR_GLOBALS])
    assert torch.equal(importer.load_pickle("p", "good.pkl")["w"], torch.ones(2))
    with pytest.raises(pickle.UnpicklingError, match=r"posix\.system|nt\.system"):
        importer.load_pickle("p", "evil.pkl")


def test_verify_finds_tampering(better: Implementation, tmp_path: Path) -> None:
    """Row 62: before anything is loaded."""
    path = tmp_path / "package.pt"
    with better.exporter(path) as exporter:
        exporter.save_text("p", "text.txt", "the original text")
    importer = better.importer(path)
    importer.verify()
    importer.close()
    path.write_bytes(path.read_bytes().replace(b"the original text", b"the 0riginal text"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("package/../outside", "x")
    with pytest.raises(RuntimeError, match=r"(?s)outside.*text\.txt"):
        better.importer(path).verify()


@pytest.mark.parametrize("package", ["torch.package", "tpkg_runtime"])
def test_no_torch_where_there_are_no_tensors(tmp_path: Path, package: str, request: pytest.FixtureRequest) -> None:
    """Rows 65 and 67: write, list, read, import, verify."""
    if package == "torch.package":
        request.node.add_marker(pytest.mark.xfail(strict=True, reason="the original fails here"))
    code = f"""
import sys
from {package} import PackageExporter, PackageImporter
with PackageExporter("p.pt") as exporter:
    exporter.save_source_string("m", "import json; X = json.dumps([1])")
    exporter.save_text("r", "t.txt", "hello")
    exporter.save_pickle("r", "o.pkl", {{"a": [1, 2]}})
importer = PackageImporter("p.pt")
assert importer.import_module("m").X == "[1]"
assert importer.load_text("r", "t.txt") == "hello"
assert importer.load_pickle("r", "o.pkl") == {{"a": [1, 2]}}
str(importer.file_structure()), importer.get_source("m")
assert "torch" not in sys.modules
importer.verify()
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_opening_reads_nothing_of_the_tensors(better: Implementation, tmp_path: Path) -> None:
    """Tensors of an archive on disk are mapped, and are private to who loads them."""
    path = tmp_path / "package.pt"
    with better.exporter(path) as exporter:
        exporter.save_pickle("p", "t.pkl", torch.zeros(8 << 20))
    before = path.read_bytes()[-200:]
    resident = _resident()
    tensor = better.importer(path).load_pickle("p", "t.pkl")
    assert _resident() - resident < 8 << 20
    tensor.fill_(1)
    assert float(tensor.sum()) == 8 << 20
    assert path.read_bytes()[-200:] == before
    assert float(better.importer(path).load_pickle("p", "t.pkl").sum()) == 0


def _open_files() -> list[str]:
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the listing's own descriptor is gone by now
            found.append(str(link.readlink()))
    return found


def _resident() -> int:
    if sys.platform != "linux":
        pytest.skip("reads /proc")
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_compiled_code_is_reused(better: Implementation, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second importer of the same source does not compile it again; file names are its own."""
    archive = better.pack(
        lambda exporter: exporter.save_source_string("reused", "def f():\n    return f\nUNIQUE = 9481\n")
    )
    first = better.importer(archive).import_module("reused")
    import builtins

    calls: list[Any] = []
    real = builtins.compile
    monkeypatch.setattr(builtins, "compile", lambda *a, **k: (calls.append(a), real(*a, **k))[1])
    second = better.importer(archive).import_module("reused")
    assert calls == []
    assert first.f.__code__.co_filename == first.__file__ != second.__file__ == second.f.__code__.co_filename


def test_failed_import_is_tried_again(better: Implementation) -> None:
    """As in Python; the original hands out the half of a module from the second time on."""
    importer = better.load(lambda exporter: exporter.save_source_string("broken", "X = 1\nraise ValueError\n"))
    for _ in range(2):
        with pytest.raises(ValueError, match=r"^$"):
            importer.import_module("broken")


def test_unknown_persistent_ids_are_refused(better: Implementation) -> None:
    """Row 66: the original gives None for what it does not know."""
    data = b"\x80\x03X\x05\x00\x00\x00otherX\x01\x00\x00\x00x\x86Q."
    importer = better.load(lambda exporter: exporter.save_binary("p", "odd.pkl", data))
    with pytest.raises(pickle.UnpicklingError, match="other"):
        importer.load_pickle("p", "odd.pkl")


def _scripted() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is deprecated, and still to be had
        return torch.jit.script(torch.nn.Linear(1, 1))
