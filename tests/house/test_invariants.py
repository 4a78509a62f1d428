"""Invariants of docs/architecture.md that show in the code's shape, and one that shows when it runs."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import module_name, package_modules

READING = {"open", "io.open", "os.open", ".read_text", ".read_bytes", ".scandir", ".listdir", ".iterdir", ".rglob"}
RUNNING = {"exec", "eval", "__import__", ".run_module", ".run_path"}
PROCESSES = {"subprocess", "multiprocessing", "concurrent"}
STARTS_PROCESSES = {
    "tpkg_analyzer.confirm.asking",
    "tpkg_analyzer.confirm.child",
    "tpkg_analyzer.cli.sharing",
    "tpkg_analyzer.scan.ahead",
    "tpkg_analyzer.sources.compiler",
    "tpkg_analyzer.sources.interpreter",
    "tpkg_analyzer.sources.processes",
}


def names_called(source: str) -> set[str]:
    """Return the functions that are called: `f` by its name, `x.f` as both `x.f` and `.f`."""
    functions = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    attributes = [function for function in functions if isinstance(function, ast.Attribute)]
    return {ast.unparse(function) for function in functions} | {f".{function.attr}" for function in attributes}


def names_imported(source: str) -> set[str]:
    """Return the top-level names of all imports."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in plain | named}


def analyzer_and_server() -> Iterator[tuple[str, str]]:
    """Yield name and source of each module above the runtime."""
    for path in package_modules():
        name = module_name(path)
        if not name.startswith("tpkg_runtime"):
            yield name, path.read_text("utf-8")


def test_files_are_read_in_sources_only() -> None:
    """All others ask a `Files`, so that an editor's buffer, an archive and a test's dict are as good as the disk."""
    readers = {name for name, source in analyzer_and_server() if names_called(source) & READING}
    assert {name for name in readers if not name.startswith("tpkg_analyzer.sources.")} == set()


def test_nothing_is_executed() -> None:
    """Neither by exec and eval nor by runpy; a probe does that, in a process of its own."""
    assert [name for name, source in analyzer_and_server() if names_called(source) & RUNNING] == []


def test_processes_are_started_in_five_places() -> None:
    """They ask for an interpreter's paths and its compiler, run the probe, import for the index, and read ahead."""
    starters = {name for name, source in analyzer_and_server() if names_imported(source) & PROCESSES}
    assert starters <= STARTS_PROCESSES


def test_torch_is_imported_by_three_layers() -> None:
    """They do so late and by name, which import contracts do not see."""
    importers = {
        ".".join(module_name(path).split(".")[:2])
        for path in package_modules()
        if "torch" in names_imported_late(path.read_text("utf-8"))
    }
    assert importers == {"tpkg_runtime.exporter", "tpkg_runtime.importer", "tpkg_runtime.probe"}


def names_imported_late(source: str) -> set[str]:
    """Return the top-level names of modules that are imported by a call with their name."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and node.args]
    imports = [
        call.args[0]
        for call in calls
        if names_called(ast.unparse(call)) & {".import_module", "import_module", "__import__"}
    ]
    names = {node.value for node in imports if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {name.partition(".")[0] for name in names}


def test_calls_and_imports_are_seen() -> None:
    """The two tests above look at the right things."""
    source = "import os.path\ndef f(p):\n    import subprocess as s\n    return p.read_text() + open(p)\n"
    assert names_called(source) == {"p.read_text", ".read_text", "open"}
    assert names_imported(source) == {"os", "subprocess"}
    assert names_imported_late("import importlib as i\ni.import_module('torch.package').x(y)\n") == {"torch"}


@pytest.mark.parametrize(
    "command",
    [
        ["check"],
        ["closure"],
        ["why", "app.layers"],
        ["graph", "--format", "html"],
        ["closure", "--module", "app", "--intern", "**"],
    ],
    ids=" ".join,
)
def test_no_user_code_runs(command: list[str], tmp_path: Path) -> None:
    """Every module of the project leaves a mark when it is imported, and so does a torch that is not torch."""
    mark = tmp_path / "executed"
    leave_mark = f"open({str(mark)!r}, 'w').close()\n"
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text(f"{leave_mark}import torch\nimport app.layers\n", encoding="utf-8")
    (tmp_path / "app" / "layers.py").write_text(leave_mark, encoding="utf-8")
    (tmp_path / "torch.py").write_text(leave_mark, encoding="utf-8")
    package = '[[package]]\nname = "app"\nmodules = ["app"]\nactions = [{ intern = "app.**" }]\n'
    (tmp_path / "tpkg-lint.toml").write_text(f'python = "{sys.executable}"\n{package}', encoding="utf-8")
    tpkg_lint = Path(sys.executable).with_name("tpkg-lint")
    run = subprocess.run([tpkg_lint, *command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert not mark.exists()
    subprocess.run([sys.executable, "-c", "import app"], cwd=tmp_path, check=True)
    assert mark.exists()
