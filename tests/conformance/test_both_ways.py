"""Archives travel between the implementations, object by object."""

import importlib.resources
import inspect
import io
import sys
import traceback
import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.fx

from tests.conformance.implementations import ORACLE, OURS, Implementation
from tests.runtime.projects import Project

Both = tuple[Implementation, Implementation]

NET = """
    import torch
    import heavy
    class Net(torch.nn.Module):
        class Setting:
            def __init__(self, size):
                self.size = size
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(3, 3)
            self.register_buffer("seen", torch.zeros(1, dtype=torch.int64))
        def forward(self, x):
            return torch.relu(self.layer(x)) + self.seen
    def use_mock():
        return heavy.thing.run()
    """


@pytest.fixture
def net(project: Project) -> Any:
    """A module of a project that is on the path."""
    project({"netlib/__init__.py": "", "netlib/net.py": NET, "heavy.py": "thing = 1\n"})
    import netlib.net

    torch.manual_seed(0)
    return netlib.net.Net()


def travel(both: Both, save: Callable[[Any], None]) -> Any:
    """Write with the one and open with the other."""
    writer, reader = both

    def save_all(exporter: Any) -> None:
        exporter.intern("netlib.**")
        exporter.mock("heavy")
        exporter.extern("numpy.**")
        save(exporter)

    return reader.importer(writer.pack(save_all))


@pytest.mark.parametrize("protocol", [3, 4])
def test_modules(both: Both, net: Any, protocol: int) -> None:
    """An nn.Module and its parameters, a nested class where protocol and reader can."""
    settings = {"net": net, "plain": [1, "two", OrderedDict(x=3.0), None]}
    if protocol == 3 or both[1].name == "tpkg":
        settings["nested"] = net.Setting(5)
    importer = travel(both, lambda exporter: exporter.save_pickle("p", "x.pkl", settings, pickle_protocol=protocol))
    loaded = importer.load_pickle("p", "x.pkl")
    x = torch.rand(2, 3)
    assert torch.equal(loaded["net"](x), net(x))
    assert loaded["plain"] == settings["plain"]
    assert type(loaded["net"]).__module__ == f"{importer.id()}.netlib.net"
    assert type(loaded["net"]) is importer.import_module("netlib.net").Net is not type(net)


TENSORS: dict[str, Callable[[], Any]] = {
    **{str(dtype): (lambda dtype=dtype: torch.tensor([0, 1, 2, 1]).to(dtype)) for dtype in [
        torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex64, torch.complex128, torch.int64,
        torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool, torch.float8_e4m3fn, torch.uint16, torch.uint32,
    ]},
    "empty": lambda: torch.empty(0, 3),
    "scalar": lambda: torch.tensor(2.5),
    "transposed": lambda: torch.arange(6.0).reshape(2, 3).t(),
    "strided": lambda: torch.arange(20)[3::4],
    "parameter": lambda: torch.nn.Parameter(torch.rand(2), requires_grad=False),
    "sparse": lambda: torch.eye(3).to_sparse(),
    "sparse csr": lambda: _quietly(lambda: torch.eye(3).to_sparse_csr()),
    "quantized": lambda: _quietly(lambda: torch.quantize_per_tensor(torch.arange(4.0), 0.5, 1, torch.quint8)),
    "conjugate": lambda: torch.tensor([1 + 2j]).conj(),
    "size": lambda: torch.rand(2, 3).shape,
    "dtype": lambda: torch.float16,
    "device": lambda: torch.device("cpu"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TENSORS)
def test_tensors(both: Both, kind: str) -> None:
    """All that torch itself can save."""
    original = TENSORS[kind]()
    loaded = travel(both, lambda exporter: exporter.save_pickle("p", "x.pkl", original)).load_pickle("p", "x.pkl")
    assert type(loaded) is type(original)
    if not isinstance(original, torch.Tensor):
        assert loaded == original
        return
    assert (loaded.dtype, loaded.shape, loaded.layout) == (original.dtype, original.shape, original.layout)
    if original.layout is torch.strided:
        assert loaded.stride() == original.stride()
    assert _listed(loaded) == _listed(original)


def test_shared_storages(both: Both) -> None:
    """Views stay views of one storage, in one pickle and with TorchScript; the storage is there once."""
    base = torch.arange(100.0)
    archive = both[0].pack(lambda exporter: exporter.save_pickle("p", "x.pkl", [base, base[10:20], base.view(10, 10)]))
    with zipfile.ZipFile(archive) as records:
        assert len([name for name in records.namelist() if name.endswith(".storage")]) == 1
    archive.seek(0)
    first, second, third = both[1].importer(archive).load_pickle("p", "x.pkl")
    first.fill_(7)
    assert set(second.tolist()) == {7.0}
    assert set(third.flatten().tolist()) == {7.0}


def test_saved_when_it_was_saved(each: Implementation) -> None:
    """A tensor that changes before the package is closed is in it as it was."""
    tensor = torch.zeros(5)

    def save(exporter: Any) -> None:
        exporter.save_pickle("p", "x.pkl", tensor)
        tensor.fill_(1)

    assert float(each.load(save).load_pickle("p", "x.pkl").sum()) == 0


def test_map_location(both: Both) -> None:
    """By name, by table, by a function that is asked for each storage."""
    importer = travel(both, lambda exporter: exporter.save_pickle("p", "x.pkl", [torch.ones(2), torch.zeros(3)]))
    asked = []

    def place(storage: Any, location: str) -> Any:
        asked.append((storage.nbytes(), location))
        return storage

    for map_location in ("cpu", {"cuda:0": "cpu"}, torch.device("cpu"), place):
        assert importer.load_pickle("p", "x.pkl", map_location=map_location)[0].tolist() == [1, 1]
    assert asked == [(8, "cpu"), (12, "cpu")]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda(both: Both) -> None:
    """From a device, to it and to the CPU."""
    importer = travel(both, lambda exporter: exporter.save_pickle("p", "x.pkl", torch.ones(2, device="cuda")))
    assert importer.load_pickle("p", "x.pkl").device.type == "cuda"
    assert importer.load_pickle("p", "x.pkl", map_location="cpu").device.type == "cpu"


def test_scripted(both: Both, net: Any) -> None:
    """TorchScript alone, shared, inside of an eager module, beside tensors that it shares."""
    scripted = _quietly(lambda: torch.jit.script(torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.ReLU())))
    net.layer = scripted
    weight = getattr(scripted, "0").weight.detach()

    def save(exporter: Any) -> None:
        exporter.save_pickle("p", "before.pkl", weight)
        exporter.save_pickle("p", "alone.pkl", scripted)
        exporter.save_pickle("p", "nested.pkl", {"net": net, "scripted": scripted, "weight": weight})

    importer = travel(both, save)
    x = torch.rand(2, 3)
    assert torch.equal(importer.load_pickle("p", "alone.pkl")(x), scripted(x))
    loaded = importer.load_pickle("p", "nested.pkl", map_location="cpu")
    assert torch.equal(loaded["net"](x), net(x))
    assert loaded["net"].layer is loaded["scripted"]
    loaded["weight"].zero_()
    assert float(getattr(loaded["scripted"], "0").weight.detach().abs().sum()) == 0
    assert torch.equal(importer.load_pickle("p", "before.pkl"), weight)


def test_graph_modules(both: Both, net: Any) -> None:
    """torch.fx: the generated code is packaged, and traced again."""
    traced = torch.fx.symbolic_trace(net)
    importer = travel(both, lambda exporter: exporter.save_pickle("p", "x.pkl", {"a": traced, "b": traced}))
    loaded = importer.load_pickle("p", "x.pkl")
    x = torch.rand(2, 3)
    assert torch.equal(loaded["a"](x), traced(x))
    assert loaded["a"] is loaded["b"]
    assert importer.import_module("fx-generated._0").__torch_package__


def test_scripting_what_was_loaded(both: Both, project: Project) -> None:
    """TorchScript reads the source of packaged classes."""
    project(
        {
            "netlib/__init__.py": "",
            "netlib/plain.py": "import torch\nclass Plain(torch.nn.Module):\n"
            "    def forward(self, x):\n        return x + 1\n",
        }
    )
    import netlib.plain

    importer = travel(both, lambda exporter: exporter.save_pickle("p", "x.pkl", netlib.plain.Plain()))
    scripted = _quietly(lambda: torch.jit.script(importer.load_pickle("p", "x.pkl")))
    assert torch.equal(scripted(torch.ones(1)), torch.tensor([2.0]))


@pytest.mark.parametrize("reader", [ORACLE, OURS], ids=str)
def test_compiling_what_was_loaded(reader: Implementation, net: Any) -> None:
    """torch.compile looks packaged modules up in a table of torch's."""
    importer = travel((OURS, reader), lambda exporter: exporter.save_pickle("p", "x.pkl", net))
    loaded = importer.load_pickle("p", "x.pkl")
    torch._dynamo.reset()
    x = torch.rand(2, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert torch.equal(torch.compile(loaded, backend="eager")(x), net(x))


def test_mocks(both: Both, net: Any) -> None:
    """Can be imported and passed around; use raises, by name."""
    importer = travel(both, lambda exporter: exporter.save_pickle("p", "x.pkl", net))
    module = importer.import_module("netlib.net")
    with pytest.raises(NotImplementedError, match=r"heavy\.thing' was mocked out during packaging .* __getattr__"):
        module.use_mock()
    with pytest.raises(NotImplementedError, match="was mocked out during packaging but it is being used in"):
        module.heavy.anything()


def test_resources(both: Both, tmp_path: Path) -> None:
    """Text, bytes, and importlib.resources from packaged code; from archives and folders."""
    writer, reader = both
    source = (
        "import importlib.resources, pathlib\nimport res\nimport torch_package_importer as importer\n"
        "def text():\n    return importlib.resources.read_text(res, 'a.txt')\n"
        "def by_path():\n    with importlib.resources.path(res, 'a.txt') as path:\n"
        "        return pathlib.Path(path).read_text()\n"
        "def by_importer():\n    return importer.load_text('res', 'a.txt')\n"
    )

    def save(exporter: Any) -> None:
        exporter.save_text("res", "a.txt", "hello ä")
        exporter.save_binary("res", "b.bin", b"\x00\xff")
        exporter.save_text("res.sub", "c.txt", "deep")
        exporter.save_source_string("m", source)

    archive = writer.pack(save)
    (tmp_path / "extracted").mkdir()
    with zipfile.ZipFile(archive) as records:
        records.extractall(tmp_path)
    archive.seek(0)
    for importer in (reader.importer(archive), reader.importer(tmp_path / "archive")):
        assert importer.load_text("res", "a.txt") == "hello ä"
        assert importer.load_binary("res", "b.bin") == b"\x00\xff"
        module = importer.import_module("m")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            assert module.text() == module.by_path() == module.by_importer() == "hello ä"
        resources = importer.get_resource_reader("res")
        assert sorted(resources.contents()) == ["a.txt", "b.bin", "sub"]
        assert resources.is_resource("a.txt")
        assert not resources.is_resource("sub")
        assert resources.open_resource("b.bin").read() == b"\x00\xff"
        assert importer.get_resource_reader("nowhere") is None
        assert importlib.resources.files(importer.import_module("res")).joinpath("b.bin").read_bytes() == b"\x00\xff"
    archive.seek(0)
    with pytest.raises(FileNotFoundError):
        reader.importer(archive).get_resource_reader("res").resource_path("a.txt")


@pytest.mark.usefixtures("net")
def test_names_and_sources(both: Both) -> None:
    """Mangled names, tracebacks with source, inspect, `is_from_package`."""
    source = "import sys\nWHERE = '__torch_package__' in dir()\ndef fail():\n    raise ValueError('here')\n"
    importer = travel(both, lambda exporter: (exporter.extern("sys"), exporter.save_source_string("m.n", source)))
    module = importer.import_module("m.n")
    assert module.WHERE
    assert module.__name__ == f"{importer.id()}.m.n"
    assert module.__file__ == f"{importer.id()}.m/n.py"
    assert module is importer.import_module(module.__name__)
    assert importer.get_source("m.n") == importer.get_source(module.__name__) == source
    assert inspect.getsource(module.fail) == "def fail():\n    raise ValueError('here')\n"
    try:
        module.fail()
    except ValueError:
        assert "raise ValueError('here')" in traceback.format_exc()
    with pytest.raises(ModuleNotFoundError, match='No module named "colorsys" in self-contained archive'):
        importer.import_module("colorsys")
    for api in (torch.package, both[1].api):
        assert api.is_from_package(module)
        assert not api.is_from_package(module.sys)
        assert not api.is_from_package("text")


def test_reexport(both: Both, net: Any) -> None:
    """An object of one implementation's importer goes through the other's exporter, and comes out."""
    first = travel((both[1], both[1]), lambda exporter: exporter.save_pickle("p", "x.pkl", net))
    loaded = first.load_pickle("p", "x.pkl")
    buffer = io.BytesIO()
    with both[0].exporter(buffer, importer=[first, both[0].api.sys_importer]) as exporter:
        exporter.intern("**")
        exporter.save_pickle("p", "again.pkl", loaded)
        exporter.save_module(type(loaded).__module__)
    buffer.seek(0)
    again = both[1].importer(buffer)
    x = torch.rand(2, 3)
    assert torch.equal(again.load_pickle("p", "again.pkl")(x), net(x))
    with pytest.raises(NotImplementedError):
        again.import_module("netlib.net").use_mock()


def test_module_allowed(both: Both) -> None:
    """A caller may refuse a package for its extern modules."""
    archive = both[0].pack(lambda exporter: exporter.save_source_string("m", "import math"))
    with pytest.raises(ImportError, match="needs the external module 'math' but that module has been disallowed"):
        both[1].importer(archive, module_allowed=lambda name: name != "math")


def _quietly(make: Callable[[], Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make()


def _listed(tensor: torch.Tensor) -> Any:
    if tensor.is_quantized:
        return tensor.int_repr().tolist()
    return (
        (tensor.to_dense() if tensor.layout is not torch.strided else tensor)
        .to(tensor.dtype if tensor.dtype.is_complex else torch.float64)
        .tolist()
    )


def test_ancestors_that_the_original_cannot_run_are_out_of_its_sight(project: Project) -> None:
    """Ours runs an `__init__` and what only it imports; the original, which would fail at it, goes without as ever."""
    dataclass = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass D:\n    x: int\n"
    )
    project(
        {"above/__init__.py": "from above.data import D\n", "above/data.py": dataclass, "above/b.py": "VALUE = 1\n"}
    )

    def save(exporter: Any) -> None:
        exporter.intern("above.**")
        exporter.save_module("above.b")

    with pytest.raises(AttributeError):
        ORACLE.load(lambda exporter: (save(exporter), exporter.save_module("above"))).import_module("above.b")
    buffer = OURS.pack(save)
    assert ORACLE.importer(buffer).import_module("above.b").VALUE == 1
    buffer.seek(0)
    importer = OURS.importer(buffer)
    assert importer.import_module("above.b").VALUE == 1
    package = importer.import_module("above")
    assert package.D(2).x == 2
    assert inspect.getsource(package).strip() == "from above.data import D"
    assert package.__file__.endswith(">.above/__init__.py")
    buffer.seek(0)
    faithful = OURS.importer(buffer, compat="torch")
    assert faithful.import_module("above.b").VALUE == 1
    assert not hasattr(faithful.import_module("above"), "D")


@pytest.mark.parametrize(
    "init",
    [
        "from importlib.metadata import version\n__version__ = version(__name__)\n",
        "import elsewhere\n",
        "import sys\nNAME = sys.modules[__name__]\n",
    ],
    ids=["own version", "extern", "own module"],
)
def test_ancestors_do_not_stand_between_an_archive_and_the_original(init: str, project: Project) -> None:
    """What they need of the environment is no demand of the package's either."""
    root = project({"top/__init__.py": init, "top/b.py": "VALUE = 1\n", "elsewhere.py": ""})
    project({"top-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: top\nVersion: 1.0\n"})

    def save(exporter: Any) -> None:
        exporter.intern("top.**")
        exporter.extern("elsewhere")
        exporter.save_module("top.b")
        assert exporter.externed_modules() == []

    buffer = OURS.pack(save)
    (root / "elsewhere.py").unlink()
    sys.modules.pop("elsewhere", None)
    importer = ORACLE.importer(buffer, module_allowed=lambda name: name != "elsewhere")
    assert not any(importer.extern_modules)
    assert importer.import_module("top.b").VALUE == 1
    buffer.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the package is left empty
        assert OURS.importer(buffer, module_allowed=lambda name: name != "elsewhere").import_module("top.b").VALUE == 1


def test_ancestors_that_bring_nothing_are_there_for_ours(both: Both, project: Project) -> None:
    """What the `__init__` imports is in the package anyway; the original reads what it would have written itself."""
    project({"up/__init__.py": "from up.names import NAMES\nNAMES.append(1)\n", "up/names.py": "NAMES = []\n"})
    project({"up/b.py": "import up.names\n"})
    writer, reader = both

    def save(exporter: Any) -> None:
        exporter.intern("up.**")
        exporter.save_module("up.b")

    expected = [1] if writer is reader is OURS else []
    assert expected == reader.importer(writer.pack(save)).import_module("up.b").up.names.NAMES
