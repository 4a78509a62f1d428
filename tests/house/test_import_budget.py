"""What each entry point loads: start-up stays light, and nothing but the runtime loads torch."""

import subprocess
import sys

import pytest

from tests.house.tree import module_name, package_modules

HEAVY = {"asyncio", "hypothesis", "libcst", "lsprotocol", "numpy", "pygls", "torch"}
ABOVE_THE_RUNTIME = [
    name for name in map(module_name, package_modules()) if name.startswith(("tpkg_analyzer", "tpkg_server"))
]
TORCH_FREE_RUNTIME = [
    name
    for name in map(module_name, package_modules())
    if name == "tpkg_runtime" or name.startswith(("tpkg_runtime.spec", "tpkg_runtime.archive", "tpkg_runtime.wire"))
]


def loaded_by(code: str) -> set[str]:
    """Run code in a child process and return the top-level names that it has loaded at the end."""
    report = "import sys; sys.stderr.write('\\n' + ' '.join({name.partition('.')[0] for name in sys.modules}))"
    child = f"import atexit\natexit.register(lambda: exec({report!r}))\n{code}"
    run = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return set(run.stderr.rpartition("\n")[2].split())


def test_budget_test_sees_what_is_loaded() -> None:
    """The measure itself works, also for a command that ends by sys.exit."""
    assert "libcst" in loaded_by("import libcst, sys; sys.exit(0)")


def test_version_loads_nothing_heavy() -> None:
    """`tpkg-lint --version` answers at once; not even the configuration is read."""
    loaded = loaded_by("from tpkg_analyzer.cli.main import main; import sys; sys.exit(main(['--version']))")
    assert "tpkg_analyzer" in loaded
    assert not loaded & (HEAVY | {"msgspec", "pathspec", "platformdirs"})


def test_closure_loads_neither_libcst_nor_the_server() -> None:
    """The scan reads with the standard library's ast."""
    loaded = loaded_by("import tpkg_analyzer.scan.closure, tpkg_analyzer.scan.environment")
    assert not loaded & (HEAVY - {"asyncio"})


def test_server_loads_no_rules() -> None:
    """The server analyses nothing, and starts its worker before it loads anything itself."""
    assert not loaded_by("import tpkg_server.server") & {"libcst", "torch"}
    assert not loaded_by("import tpkg_server.main") & {"libcst", "pygls", "lsprotocol"}


def test_analyzer_and_server_never_load_torch() -> None:
    """Every module of both is imported; torch is not."""
    loaded = loaded_by(f"import importlib\nfor name in {ABOVE_THE_RUNTIME!r}: importlib.import_module(name)")
    assert {"tpkg_analyzer", "tpkg_server"} <= loaded
    assert "torch" not in loaded


def test_shared_parts_of_the_runtime_need_the_standard_library_only() -> None:
    """The analyzer shares them, and they run in any user's interpreter."""
    loaded = loaded_by(f"import importlib\nfor name in {TORCH_FREE_RUNTIME!r}: importlib.import_module(name)")
    assert loaded <= set(sys.stdlib_module_names) | {"tpkg_runtime", "__main__"} | startup()


@pytest.mark.parametrize("name", TORCH_FREE_RUNTIME)
def test_shared_part_of_the_runtime_loads_no_torch(name: str) -> None:
    """Also taken alone: no module of them relies on another having been loaded before."""
    assert "torch" not in loaded_by(f"import {name}")


def startup() -> set[str]:
    """Return what this interpreter loads by itself, such as the finders of editable installs."""
    return loaded_by("pass")
