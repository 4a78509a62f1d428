"""The public names: those of torch.package and ours, loaded when they are asked for."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import tpkg_runtime
import tpkg_runtime.analyze


def test_every_name_is_there() -> None:
    """Also by `from tpkg_runtime import *`, and in `dir`."""
    namespace: dict[str, object] = {}
    exec("from tpkg_runtime import *", namespace)
    assert set(tpkg_runtime.__all__) <= namespace.keys()
    assert set(tpkg_runtime.__all__) <= set(dir(tpkg_runtime))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        tpkg_runtime.nothing  # noqa: B018


@pytest.mark.parametrize("ours", [tpkg_runtime, tpkg_runtime.analyze], ids=lambda module: module.__name__)
def test_every_name_of_the_original_is_there(ours: ModuleType) -> None:
    """So that changing the import is the whole migration."""
    torch_package = pytest.importorskip("torch.package")
    __import__("torch.package.analyze")
    theirs = torch_package.analyze if ours is tpkg_runtime.analyze else torch_package
    names = [
        name
        for name, value in vars(theirs).items()
        if not name.startswith("_") and not isinstance(value, ModuleType) and name not in vars(__import__("builtins"))
    ]
    assert "is_from_package" in [*names, *vars(tpkg_runtime.analyze)]
    assert [name for name in names if not hasattr(ours, name)] == []


def test_little_is_loaded() -> None:
    """The spec loads the standard library's smaller half, an exporter no torch."""
    code = """
import sys
import tpkg_runtime.spec.walk, tpkg_runtime.spec.pickles, tpkg_runtime.spec.ancestors
assert not {"torch", "zipfile", "importlib.metadata", "tpkg_runtime.archive"} & set(sys.modules), sys.modules.keys()
from tpkg_runtime import PackageExporter, PackageImporter
assert "torch" not in sys.modules
"""
    path = str(Path(tpkg_runtime.__file__).parents[1])
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {path!r})\n{code}"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
