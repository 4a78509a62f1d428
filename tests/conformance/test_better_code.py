"""Packaged code that runs with us: each test fails with the original, which it is run with as well (rows 42 to 49)."""

import inspect
import xml
from typing import Any

import pytest

from tests.conformance.implementations import Implementation


def run(implementation: Implementation, files: dict[str, str], call: str, **texts: str) -> Any:
    """Package sources (a name with a final dot is a package), import `pkg.main` and call a function of it."""

    def save(exporter: Any) -> None:
        exporter.extern(["sys", "numpy.**"])
        for name, source in files.items():
            exporter.save_source_string(name.rstrip("."), source, is_package=name.endswith("."))
        for place, text in texts.items():
            exporter.save_text("pkg." + place.replace("_", "."), "data.txt", text)

    module = implementation.load(save).import_module("pkg.main")
    return getattr(module, call)()


def test_dataclasses_with_string_annotations(better: Implementation) -> None:
    """Row 42."""
    source = """
from __future__ import annotations
import dataclasses, typing
@dataclasses.dataclass
class Config:
    size: int
    names: typing.ClassVar[list[str]] = []
def fields():
    return [field.name for field in dataclasses.fields(Config)]
"""
    assert run(better, {"pkg.main": source}, "fields") == ["size"]


def test_get_type_hints(better: Implementation) -> None:
    """Row 43."""
    source = """
from __future__ import annotations
import typing
class Other: pass
class Config:
    other: Other
def hints():
    return typing.get_type_hints(Config)["other"] is Other
"""
    assert run(better, {"pkg.main": source}, "hints") is True


def test_own_module_in_sys_modules(better: Implementation) -> None:
    """Row 44."""
    source = """
import sys
def own():
    setattr(sys.modules[__name__], "added", 5)
    return added, sys.modules[__name__].own is own
"""
    assert run(better, {"pkg.main": source}, "own") == (5, True)


def test_inspect_finds_the_module(better: Implementation) -> None:
    """Row 44."""
    source = "class C:\n    pass\n"
    module = better.load(lambda exporter: exporter.save_source_string("m", source)).import_module("m")
    found: Any = inspect.getmodule(module.C)
    assert found.C is module.C
    assert inspect.getsource(found) == source


@pytest.mark.parametrize(
    "expression",
    [
        'importlib.import_module("pkg.dep")',
        'importlib.import_module(".dep", __package__)',
        'importlib.import_module(".dep", __name__.rpartition(".")[0])',
        'importlib.import_module(__name__.rpartition(".")[0] + ".dep")',
        'import_module("pkg.dep")',
        'importlib.import_module(importlib.util.find_spec("pkg.dep").name)',
        'pkgutil.resolve_name("pkg.dep")',
    ],
)
def test_imports_by_name(better: Implementation, expression: str) -> None:
    """Row 45: the package's copy, not the environment's, of which there is none here."""
    imports = "import importlib, importlib.util, pkgutil\nfrom importlib import import_module\n"
    source = f"{imports}def dep():\n    return {expression}.WHO\n"
    assert run(better, {"pkg.": "", "pkg.dep": "WHO = 'packaged'\n", "pkg.main": source}, "dep") == "packaged"


def test_names_outside_go_to_the_environment(each: Implementation) -> None:
    """What the package does not have is the environment's, as ever."""
    source = """
import importlib, xml.sax.handler
def outside():
    return importlib.import_module("colorsys").__name__, importlib.import_module("xml").__file__
"""
    assert run(each, {"pkg.main": source}, "outside") == ("colorsys", xml.__file__)


@pytest.mark.parametrize(
    "expression",
    [
        'importlib.resources.files("pkg").joinpath("deep", "er", "data.txt").read_text()',
        '(importlib.resources.files(__package__) / "deep" / "er" / "data.txt").read_text()',
        '(importlib.resources.files("pkg.deep.er") / "data.txt").read_text()',
        'importlib.resources.files(__name__.rpartition(".")[0]).joinpath("deep/er/data.txt").read_bytes().decode()',
        'pkgutil.get_data("pkg", "deep/er/data.txt").decode()',
    ],
)
def test_resources_by_name(better: Implementation, expression: str) -> None:
    """Rows 45 and 46: nested ones, and by the name of a package."""
    source = f"import importlib.resources, pkgutil\ndef text():\n    return {expression}\n"
    assert run(better, {"pkg.": "", "pkg.main": source}, "text", deep_er="hello") == "hello"


def test_submodules_are_listed(better: Implementation) -> None:
    """Row 23: plug-ins that are found through `__path__`."""
    source = """
import importlib, pkgutil, pkg.plugins
def plugins():
    found = [info.name for info in pkgutil.iter_modules(pkg.plugins.__path__)]
    walked = [info.name for info in pkgutil.walk_packages(pkg.plugins.__path__, pkg.plugins.__name__ + ".")]
    return found, [importlib.import_module(name).WHO for name in walked]
"""
    files = {"pkg.": "", "pkg.plugins.": "", "pkg.plugins.a": "WHO = 1\n", "pkg.plugins.b": "WHO = 2\n"}
    assert run(better, {**files, "pkg.main": source}, "plugins") == (["a", "b"], [1, 2])


def test_saved_metadata(better: Implementation) -> None:
    """Row 48: saved with the package, whatever is installed where it is loaded."""
    source = """
import importlib.metadata
from importlib.metadata import version
def meta():
    return version("pluggy"), importlib.metadata.metadata("Pluggy")["Name"], importlib.metadata.version("pip")
"""
    import importlib.metadata

    def save(exporter: Any) -> None:
        exporter.save_source_string("m", source)
        exporter.save_metadata("pluggy")

    found = better.load(save).import_module("m").meta()
    assert found == (importlib.metadata.version("pluggy"), "pluggy", importlib.metadata.version("pip"))


def test_module_getattr_that_imports(better: Implementation) -> None:
    """Row 49: lazy submodules by PEP 562."""
    init = """
import importlib
def __getattr__(name):
    if name == "dep":
        return importlib.import_module("." + name, __name__)
    raise AttributeError(name)
"""
    source = "import pkg\ndef lazy():\n    return pkg.dep.WHO\n"
    assert run(better, {"pkg.": init, "pkg.dep": "WHO = 7\n", "pkg.main": source}, "lazy") == 7


def test_module_that_replaces_itself(better: Implementation) -> None:
    """Row 49: the way of lazy packages from before PEP 562."""
    init = """
import importlib, sys, types
class Lazy(types.ModuleType):
    __path__ = []
    def __getattr__(self, name):
        if name == "dep":
            return importlib.import_module("." + name, self.__name__)
        raise AttributeError(name)
sys.modules[__name__] = Lazy(__name__)
"""
    source = "import pkg\nfrom pkg import dep\ndef lazy():\n    return pkg.dep.WHO, dep.WHO, type(pkg).__name__\n"
    assert run(better, {"pkg.": init, "pkg.dep": "WHO = 7\n", "pkg.main": source}, "lazy") == (7, 7, "Lazy")


def test_numpy_of_another_version(better: Implementation) -> None:
    """Row 25: `numpy.core` and `numpy._core` are the same to a package."""
    numpy = pytest.importorskip("numpy")
    old = b"\x80\x03cnumpy.core.multiarray\n_reconstruct\n."
    new = b"\x80\x03cnumpy._core.multiarray\n_reconstruct\n."

    def save(exporter: Any) -> None:
        exporter.extern("numpy.**")
        exporter.save_source_string("m", "import numpy._core.multiarray" if numpy.__version__ > "2" else "import numpy")
        exporter.save_source_string("n", "import numpy.core.multiarray" if numpy.__version__ < "2" else "import numpy")
        exporter.add_dependency("numpy.core.multiarray")
        exporter.add_dependency("numpy._core.multiarray")
        exporter.save_binary("p", "old.pkl", old)
        exporter.save_binary("p", "new.pkl", new)

    importer = better.load(save)
    assert importer.load_pickle("p", "old.pkl") is importer.load_pickle("p", "new.pkl")
    assert importer.import_module("numpy.core.multiarray") is importer.import_module("numpy._core.multiarray")
