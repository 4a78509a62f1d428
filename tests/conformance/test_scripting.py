"""TorchScript and packaged code: interfaces, script classes, several versions of one class, shared modules."""

import io
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from tests.conformance.implementations import Implementation
from tests.runtime.projects import Project

INTERFACE = """
    import torch
    from torch import Tensor

    @torch.jit.interface
    class Shape(torch.nn.Module):
        def area(self, x: Tensor, y: Tensor) -> Tensor:
            pass

    class Square(torch.nn.Module):
        def area(self, x: Tensor, y: Tensor) -> Tensor:
            return x * y

    class Sum(torch.nn.Module):
        def area(self, x: Tensor, y: Tensor) -> Tensor:
            return x + y
        def forward(self, x: Tensor) -> Tensor:
            return self.area(x, x)

    class User(torch.nn.Module):
        shape: Shape
        def __init__(self):
            super().__init__()
            self.shape = Square()
        def forward(self, x: Tensor) -> Tensor:
            return self.shape.area(x, x)
    """
OTHER_INTERFACE = """
    import torch
    from torch import Tensor

    @torch.jit.interface
    class Shape(torch.nn.Module):
        def area(self, x: Tensor) -> Tensor:
            pass

    class Square(torch.nn.Module):
        def area(self, x: Tensor) -> Tensor:
            return x * 3

    class User(torch.nn.Module):
        shape: Shape
        def __init__(self):
            super().__init__()
            self.shape = Square()
        def forward(self, x: Tensor) -> Tensor:
            return self.shape.area(x)
    """
CLASSES = """
    import torch

    @torch.jit.script
    class Pair:
        def __init__(self, x):
            self.first = x

    @torch.jit.script
    def use_pair(x):
        return Pair(x).first

    @torch.jit.script
    class Feature:
        def __init__(self):
            self.ids = torch.ones(1, 1)
        def itself(self) -> "Feature":
            return Feature()

    class UsesFeature(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return Feature().itself().ids + x
    """
MODULES = """
    import torch

    class Leaf(torch.nn.Module):
        def __init__(self, tensor):
            super().__init__()
            self.tensor = tensor
        def forward(self, x):
            return self.tensor * x

    class Holder(torch.nn.Module):
        def __init__(self, tensor, *parts):
            super().__init__()
            self.tensor = tensor
            self.parts = torch.nn.ModuleList(parts)
        def forward(self, x):
            for part in self.parts:
                x = part(x)
            return x + self.tensor
    """


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is deprecated, and still to be had
        yield


def pack_and_load(implementation: Implementation, obj: Any, **options: Any) -> Any:
    """Send an object through a package."""

    def save(exporter: Any) -> None:
        exporter.intern("**")
        exporter.save_pickle("p", "x.pkl", obj)

    return implementation.load(save, **options).load_pickle("p", "x.pkl")


def test_modules_beside_an_object_that_saves_one_of_its_own(each: Implementation, project: Project) -> None:
    """What an object saves while it is reduced has numbers of its own in the pickle."""
    project(
        {
            "lazy.py": """
    class Lazy:
        def __init__(self, value):
            self.value = value
        def __reduce_package__(self, exporter):
            name = f"lazy_{exporter.get_unique_id()}"
            exporter.save_pickle(name, "value", self.value)
            return load, (name,)

    def load(importer, name):
        return Lazy(importer.load_pickle(name, "value"))
    """
        }
    )
    import lazy

    scripted = torch.jit.script(torch.nn.Linear(2, 2))
    inner, other, beside = pack_and_load(each, [lazy.Lazy(scripted), lazy.Lazy([1]), scripted])
    assert (type(inner).__name__, type(other).__name__, other.value) == ("Lazy", "Lazy", [1])
    assert isinstance(beside, torch.jit.ScriptModule)
    assert isinstance(inner.value, torch.jit.ScriptModule)


def test_a_default_device_is_for_new_tensors(each: Implementation) -> None:
    def save(exporter: Any) -> None:
        exporter.save_pickle("p", "x.pkl", [torch.arange(4.0), torch.jit.script(torch.nn.Linear(2, 2))])

    importer = each.load(save)
    with torch.device("meta"):
        tensor, _ = importer.load_pickle("p", "x.pkl")
    assert tensor.tolist() == [0, 1, 2, 3]


def test_interfaces(each: Implementation, project: Project) -> None:
    """A packaged user of an interface takes implementations from outside."""
    project({"shapes.py": INTERFACE})
    import shapes

    scripted = torch.jit.script(pack_and_load(each, shapes.User()))
    assert scripted(torch.tensor(3)).item() == 9
    scripted.shape = torch.jit.script(shapes.Sum())
    assert scripted(torch.tensor(3)).item() == 6


def test_different_interface_of_the_same_name(each: Implementation, project: Project) -> None:
    """TorchScript keeps the package's version apart from the environment's."""
    import textwrap

    project({"shapes.py": INTERFACE})
    import shapes

    torch.jit.script(shapes.User())
    importer = each.load(lambda exporter: exporter.save_source_string("shapes", textwrap.dedent(OTHER_INTERFACE)))
    assert torch.jit.script(importer.import_module("shapes").User())(torch.tensor(3)).item() == 9


def test_script_classes(each: Implementation, project: Project) -> None:
    """Classes and functions that are scripted when the packaged module runs, also such as name themselves."""
    project({"classes.py": CLASSES})
    import classes

    torch.jit.script(classes.UsesFeature())  # fills the compilation cache with the environment's types
    loaded = pack_and_load(each, classes.UsesFeature())
    scripted = torch.jit.script(loaded)
    assert torch.jit.load(io.BytesIO(scripted.save_to_buffer()))(torch.ones(1)).item() == 2
    importer = each.load(lambda exporter: exporter.save_module("classes"))
    packaged = importer.import_module("classes")
    assert packaged.use_pair(torch.tensor(4)).item() == 4
    assert packaged.Pair(torch.tensor(5)).first.item() == 5


def test_scripted_modules_share(each: Implementation, project: Project) -> None:
    """One storage, one code, one object for all that mention it; again after packaging what was loaded."""
    project({"parts.py": MODULES})
    import parts

    shared = torch.ones(3, 3)
    leaves = [torch.jit.script(parts.Leaf(shared)) for _ in range(2)]
    holder = parts.Holder(shared, *leaves, leaves[0])
    importer = each.load(
        lambda exporter: (
            exporter.intern("**"),
            exporter.save_pickle("p", "tensor.pkl", shared),
            exporter.save_pickle("p", "x.pkl", holder),
            exporter.save_pickle("p", "again.pkl", holder),
        )
    )
    tree = importer.file_structure()
    assert len(importer.file_structure(include=".data/*.storage").children[".data"].children) == 1
    assert tree.has_file(".data/ts_code/1")
    assert not tree.has_file(".data/ts_code/2")
    for loaded in (importer.load_pickle("p", "x.pkl"), importer.load_pickle("p", "again.pkl")):
        check_sharing(loaded)
    check_sharing(pack_and_load(each, importer.load_pickle("p", "x.pkl"), importer=importer))


def check_sharing(loaded: Any) -> None:
    """Change the tensor in one place and see it everywhere."""
    assert loaded.parts[0] is loaded.parts[2]
    assert loaded.parts[0].tensor.untyped_storage()._cdata == loaded.tensor.untyped_storage()._cdata
    loaded.tensor.add_(1)
    assert [float(part.tensor.sum()) for part in loaded.parts] == [18.0, 18.0, 18.0]


def test_scripting_and_packaging_what_was_loaded(each: Implementation, project: Project) -> None:
    """Code that came from a package goes into another as TorchScript."""
    project({"parts.py": MODULES})
    import parts

    importer = each.load(
        lambda exporter: (exporter.intern("**"), exporter.save_pickle("p", "x.pkl", parts.Leaf(torch.ones(2))))
    )
    scripted = torch.jit.script(importer.load_pickle("p", "x.pkl"))
    again = pack_and_load(each, scripted, importer=importer)
    assert again(torch.ones(2)).tolist() == [1, 1]


def test_two_versions_of_a_submodule(each: Implementation) -> None:
    """Scripted modules of one name with different code, in one package."""

    def make(suffix: str) -> Any:
        class Inner(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.suffix = suffix

            def forward(self, x: str) -> str:
                return x + self.suffix

        class Outer(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.inner = Inner()

            def forward(self, x: str) -> str:
                return self.inner(x)

        return torch.jit.script(Outer())

    loaded = pack_and_load(each, [make("-a"), make("-b"), torch.ones(0)])
    assert [loaded[0]("x"), loaded[1]("x")] == ["x-a", "x-b"]


def test_folders_have_no_torchscript(each: Implementation, tmp_path: Any) -> None:
    """As in the original, which says so."""
    import zipfile

    path = tmp_path / "scripted.pt"
    with each.exporter(str(path)) as exporter:
        exporter.save_pickle("p", "x.pkl", torch.jit.script(torch.nn.Linear(1, 1)))
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    importer = each.importer(str(tmp_path / "scripted"))
    with pytest.raises(RuntimeError, match=r"directory is not supported\. Use a package archive file instead"):
        importer.load_pickle("p", "x.pkl")
    assert importer.zip_reader.has_record("p/x.pkl")
    assert not importer.zip_reader.has_record("p")


def test_graphs_that_call_functions(each: Implementation, project: Project) -> None:
    """torch.fx asks the exporter's importer for the names of what a graph calls, also of what was loaded."""
    project({"leafs.py": "import torch\ndef leaf(a, b):\n    return a + b\n"})
    import leafs

    graph = torch.fx.Graph()
    a, b = graph.placeholder("a"), graph.placeholder("b")
    graph.output(graph.call_function(leafs.leaf, (a, b)))
    importer = each.load(
        lambda exporter: (
            exporter.intern("**"),
            exporter.save_pickle("p", "x.pkl", torch.fx.GraphModule(torch.nn.Module(), graph)),
        )
    )
    loaded = importer.load_pickle("p", "x.pkl")
    assert loaded(torch.ones(1), torch.ones(1)).item() == 2
    assert importer.import_module("leafs") is not leafs
    again = pack_and_load(each, loaded, importer=[importer, each.api.sys_importer])
    assert again(torch.ones(1), torch.ones(1)).item() == 2
