"""Importers as namespaces: by name, in a row, and what they say about objects."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.package._digraph
import torch.package._mangling

import tpkg_runtime.importer.mangler
import tpkg_runtime.spec.graph
import tpkg_runtime.spec.mangling
from tests.conformance.implementations import COMPAT, ORACLE, OURS, Implementation
from tests.runtime.projects import Project


@pytest.fixture
def packaged(each: Implementation, project: Project) -> Any:
    """An importer of a package that has one of two modules."""
    project({"inside.py": "class C:\n    class D: pass\n", "outside.py": ""})
    import inside

    assert inside
    return each.load(lambda exporter: exporter.save_module("inside"))


def test_alone_and_in_a_row(each: Implementation, packaged: Any) -> None:
    """The first that has a module gives it."""
    import inside
    import outside

    api = each.api
    assert api.sys_importer.import_module("inside") is inside
    assert api.OrderedImporter(packaged).import_module("inside") is packaged.import_module("inside") is not inside
    with pytest.raises(ModuleNotFoundError):
        api.OrderedImporter(packaged).import_module("outside")
    assert api.OrderedImporter(api.sys_importer, packaged).import_module("inside") is inside
    row = api.OrderedImporter(packaged, api.sys_importer)
    assert row.import_module("inside") is packaged.import_module("inside")
    assert row.import_module("outside") is outside


def test_names_of_objects(each: Implementation, packaged: Any) -> None:
    """Round trips, and the two ways to fail."""
    import inside

    api = each.api
    theirs = packaged.import_module("inside").C
    assert api.sys_importer.get_name(inside.C.D) == packaged.get_name(theirs.D) == ("inside", "C.D")
    with pytest.raises(api.ObjMismatchError, match="make sure this 'PackageExporter's importer lists 'sys_importer'"):
        packaged.get_name(inside.C)
    with pytest.raises(api.ObjMismatchError, match=f"lists the importer for {packaged.id()} before 'sys_importer'"):
        api.sys_importer.get_name(theirs)
    with pytest.raises(api.ObjNotFoundError, match=r"was not found as inside\.missing"):
        packaged.get_name(theirs, "missing")
    with pytest.raises(api.ObjNotFoundError, match="in any of the importers"):
        api.OrderedImporter(packaged).get_name(inside.C)


def test_whichmodule(each: Implementation) -> None:
    """Each importer is asked in turn; `__main__` means that it does not know."""

    class Fixed(each.api.Importer):  # type: ignore[misc, name-defined]
        def __init__(self, answer: str) -> None:
            self.answer = answer

        def import_module(self, module_name: str) -> Any:
            raise NotImplementedError

        def whichmodule(self, *_: Any) -> str:
            return self.answer

    row = each.api.OrderedImporter
    assert row(Fixed("a"), Fixed("b")).whichmodule(object(), "") == "a"
    assert row(Fixed("__main__"), Fixed("b")).whichmodule(object(), "") == "b"
    assert row(Fixed("__main__")).whichmodule(object(), "") == "__main__"


def test_objects_without_a_module(each: Implementation) -> None:
    """torch.float16 does not say where it is from; only the package's importer is asked, twice."""
    first = each.load(lambda exporter: exporter.save_pickle("p", "x.pkl", torch.float16))
    assert first.load_pickle("p", "x.pkl") is torch.float16
    second = each.load(lambda exporter: exporter.save_pickle("p", "x.pkl", torch.float16), importer=first)
    assert second.load_pickle("p", "x.pkl") is torch.float16


def test_empty_packages_give_way(each: Implementation, project: Project) -> None:
    """A package that is there only because of what lies below it does not hide the environment's."""
    project({"a/__init__.py": "", "a/b/__init__.py": "from a.b.c import X", "a/b/c.py": "X = 1"})
    project({"a/direct.py": "from a.b.c import X\nclass D: pass", "a/indirect.py": "from a.b import X\nclass I: pass"})
    import a.direct
    import a.indirect

    first = each.load(
        lambda exporter: (
            exporter.intern("a.direct"),
            exporter.intern("a.b.c"),
            exporter.save_pickle("p", "d.py", a.direct.D()),
        )
    )
    first.load_pickle("p", "d.py")
    each.pack(
        lambda exporter: (exporter.intern("**"), exporter.save_pickle("p", "i.py", a.indirect.I())),
        importer=(first, each.api.sys_importer),
    )


def test_saving_what_was_imported(each: Implementation, project: Project) -> None:
    """By plain and by mangled name, also where it uses `torch_package_importer`."""
    source = "try:\n    import torch_package_importer\nexcept ImportError:\n    pass\nclass C: pass\n"
    project({"uses.py": source})
    import uses

    first = each.load(lambda exporter: (exporter.intern("**"), exporter.save_pickle("p", "x.pkl", uses.C())))
    mangled = type(first.load_pickle("p", "x.pkl")).__module__
    for name in ("uses", mangled):
        importer = each.load(
            lambda exporter, name=name: (exporter.intern("**"), exporter.save_module(name)),
            importer=(first, each.api.sys_importer),
        )
        assert importer.get_source("uses") == source
    with pytest.raises(ModuleNotFoundError, match=r"present in `self\.importer`"):
        each.pack(lambda exporter: exporter.save_module(mangled))


def test_repackaged_mocks(each: Implementation, project: Project) -> None:
    """A mock stays a mock when its package is packaged again, whatever the patterns say of it."""
    project({"mocked.py": "VALUE = 1\n"})
    first = each.load(lambda exporter: (exporter.mock("mocked"), exporter.save_source_string("m", "import mocked")))
    second = each.load(
        lambda exporter: (
            exporter.intern("mocked"),
            exporter.mock("**"),
            exporter.save_source_string("m", "import mocked"),
        ),
        importer=first,
    )
    with pytest.raises(NotImplementedError):
        second.import_module("m").mocked.something()


def test_the_standard_library_is_odd(each: Implementation) -> None:
    """Modules that are put into `sys.modules` by others: they have no parent package."""
    old = "import typing, typing.io, typing.re\n" if sys.version_info < (3, 13) else ""
    imports = "import os.path\nimport os.path as path\nfrom os import path as p\n"
    source = f"{imports}{old}ALL = os.path.join('a', 'b'), path, p\n"
    module = each.load(lambda exporter: exporter.save_source_string("m", source)).import_module("m")
    import os

    assert (os.path.join("a", "b"), os.path, os.path) == module.ALL


def test_loaders_that_map_files(each: Implementation, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source is that of the file which the module's loader names."""
    from importlib.machinery import PathFinder, SourceFileLoader

    root = project({"mapped.py": "WHO = 1\n", "other.py": "WHO = 2\n"})

    class Loader(SourceFileLoader):
        def get_filename(self, *_: Any) -> str:
            return str(root / "other.py")

    class Finder:
        @staticmethod
        def find_spec(name: str, path: Any, target: Any = None) -> Any:
            spec = PathFinder.find_spec(name, path, target) if name == "mapped" else None
            if spec is not None:
                spec.loader = Loader(name, str(root / "mapped.py"))
            return spec

    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    assert "WHO = 2" in each.load(lambda exporter: exporter.save_module("mapped")).get_source("mapped")


@pytest.mark.parametrize("implementation", [ORACLE, OURS], ids=str)
def test_mangling(implementation: Implementation) -> None:
    """Prefixes are given once, taken off by all, and by their own mangler."""
    ours: Any = tpkg_runtime.importer.mangler
    names: Any = tpkg_runtime.spec.mangling
    mangling: Any = torch.package._mangling
    if implementation is OURS:
        mangling = type("Mangling", (), {**vars(names), "PackageMangler": ours.PackageMangler})
    a, b = mangling.PackageMangler(), mangling.PackageMangler()
    assert a.mangle("x.y") == a.mangle("x.y") != b.mangle("x.y")
    assert mangling.demangle(a.mangle("x.y")) == mangling.demangle(b.mangle("x.y")) == "x.y"
    assert (a.demangle(a.mangle("x")), a.demangle(b.mangle("x"))) == ("x", b.mangle("x"))
    assert mangling.is_mangled(a.mangle("x"))
    assert not mangling.is_mangled("x")
    assert mangling.demangle(a.parent_name()) == ""
    assert mangling.get_mangle_prefix(a.mangle("x.y")) + ".x.y" == a.mangle("x.y")
    with pytest.raises(AssertionError):
        a.mangle("")


def test_numbers_beside_the_original() -> None:
    """Importers of both kinds have names of their own."""
    archive = OURS.pack(lambda exporter: exporter.save_source_string("m", "X = 1"))
    ids = [each.importer(io.BytesIO(archive.getvalue())).id() for each in (OURS, ORACLE, OURS, ORACLE)]
    assert len(set(ids)) == 4


@pytest.mark.parametrize("graph_class", [torch.package._digraph.DiGraph, tpkg_runtime.spec.graph.DiGraph])
def test_graphs(graph_class: Any) -> None:
    """Nodes with attributes, edges in order, closures, paths."""
    graph = graph_class()
    for source, target in ["12", "17", "78", "83", "23", "54", "43"]:
        graph.add_edge(source, target)
    graph.add_node("9", color=1)
    graph.add_node("9", color=2, size=3)
    assert graph.nodes["9"] == {"color": 2, "size": 3}
    assert list(graph) == ["1", "2", "7", "8", "3", "5", "4", "9"]
    assert list(graph.successors("1")) == ["2", "7"]
    assert list(graph.predecessors("3")) == ["8", "2", "4"]
    assert ("1", "2") in list(graph.edges)
    assert "1" in graph
    assert ["1"] not in graph
    assert graph.forward_transitive_closure("4") == {"4", "3"}
    assert graph.backward_transitive_closure("8") == {"8", "7", "1"}
    assert graph.first_path("3") == ["1", "2", "3"]
    paths = graph.all_paths("1", "3")
    assert {line for line in paths.splitlines() if "->" in line} == {
        f'"{source}" -> "{target}";' for source, target in ["12", "17", "78", "83", "23"]
    }
    for ask in (graph.successors, graph.predecessors):
        with pytest.raises(ValueError, match="is not in the digraph"):
            ask("missing")


@pytest.mark.parametrize("api", [ORACLE.api, OURS.api], ids=["torch", "tpkg"])
@pytest.mark.parametrize(
    ("pattern", "separator", "inside", "outside"),
    [
        ("torch.*", ".", "torch.a torch.b", "tor.a torch.a.b torch"),
        ("a.*.b", ".", "a.q.b a.a.b", "a.b a.a x.a.y.b a.q.b.c a.x.y.b"),
        ("fo*.bar", ".", "fo.bar foo.bar foobar.bar", "oij.bar f.bar foo"),
        ("a/b*.htm*", "/", "a/b.html a/b.htm a/bc.html", "a/x.html"),
        ("torch.**", ".", "torch torch.a torch.a.b", "x.torch torchvision"),
        ("**.torch", ".", "torch a.torch", "atorch torch.a"),
        ("a.**.z", ".", "a.z a.b.z a.b.c.z", "az a.b.z.x"),
        ("**/bar/**/*.txt", "/", "bar/a.txt a/bar/b.txt bar/a/c.txt", "a.txt a/b.txt"),
        ("**", ".", "a a.b a.b.c", ""),
    ],
)
def test_globs(api: Any, pattern: str, separator: str, inside: str, outside: str) -> None:
    """As in Bazel."""
    group = api.GlobGroup(pattern, separator=separator)
    assert [name for name in inside.split() if not group.matches(name)] == []
    assert [name for name in [*outside.split(), ""] if group.matches(name)] == []
    assert not api.GlobGroup(["**"], exclude=[pattern], separator=separator).matches(inside.split()[0])
    with pytest.raises(ValueError, match="entire path segment"):
        api.GlobGroup(f"a{separator}**b", separator=separator)


def test_faults_in_the_manner_of_the_original(project: Project) -> None:
    """With `compat="torch"`, what the original gets wrong is wrong."""
    project({"plain.py": "class C:\n    class D: pass\n"})
    import plain

    def save(exporter: Any) -> None:
        exporter.intern("plain")
        exporter.save_pickle("p", "nested.pkl", plain.C.D(), pickle_protocol=4)
        exporter.save_source_string("broken", "X = 1\nraise ValueError\n")
        exporter.save_source_string("text", "1 / 0\n", is_package=True)
        exporter.save_text("text", "t.txt", "x")
        exporter.save_binary("p", "odd.pkl", b"\x80\x03X\x05\x00\x00\x00otherX\x01\x00\x00\x00x\x86Q.")

    for implementation in (ORACLE, COMPAT):
        importer = implementation.load(save)
        with pytest.raises(AttributeError, match=r"C\.D"):
            importer.load_pickle("p", "nested.pkl")
        assert importer.load_pickle("p", "odd.pkl") is None
        with pytest.raises(ValueError, match=r"^$"):
            importer.import_module("broken")
        assert importer.import_module("broken").X == 1
        with pytest.raises(ZeroDivisionError):
            importer.load_text("text", "t.txt")
        assert importer.import_module("plain").__name__ not in sys.modules
    assert OURS.load(save).load_text("text", "t.txt") == "x"


def test_standard_pickle_within_the_process(project: Project) -> None:
    """Packaged classes are found by their mangled names, as long as their importer lives."""
    import copy
    import pickle

    project({"plain.py": "class C:\n    class D:\n        def __init__(self): self.x = 1\n"})
    importer = OURS.load(lambda exporter: exporter.save_module("plain"))
    made = importer.import_module("plain").C.D()
    for again in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
        assert type(again) is type(made)
        assert again.x == 1


def test_paths_are_paths(each: Implementation, tmp_path: Path) -> None:
    """`Path` objects are as good as strings, for exporter and importer."""
    with each.exporter(tmp_path / "x.pt") as exporter:
        exporter.save_text("p", "t", "x")
    assert each.importer(tmp_path / "x.pt").load_text("p", "t") == "x"
    assert each.importer(tmp_path / "x.pt").filename == str(tmp_path / "x.pt")


def test_a_row_of_ours_exports_with_the_original() -> None:
    importer = OURS.load(lambda exporter: exporter.save_source_string("made", "class C: ...\n"))
    row = OURS.api.OrderedImporter(importer, OURS.api.sys_importer)

    def save(exporter: Any) -> None:
        exporter.intern("made")
        exporter.save_pickle("data", "c.pkl", importer.import_module("made").C())

    loaded = ORACLE.importer(ORACLE.pack(save, importer=row)).load_pickle("data", "c.pkl")
    assert type(loaded).__name__ == "C"
