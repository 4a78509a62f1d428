"""Compare a predicted closure, cold and warm, with the real export, ruff's import graph and grimp, in one run.

    python benchmarks/closure.py [--python INTERPRETER] [LIBRARY ...]

A library is interned as a whole and everything else is extern. Figures are seconds and, for the others, the ratio to
the cold prediction; what is not installed is left out. Nothing is measured with an import of ours counted in.
"""

import argparse
import gc
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.scan.closure import build_closure
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import Interpreter, ask_interpreter
from tpkg_analyzer.sources.store import Store
from tpkg_runtime.spec.actions import Action

_EXPORT = """
import io, sys, time, torch.package
started = time.perf_counter()
with torch.package.PackageExporter(io.BytesIO()) as exporter:
    exporter.intern(sys.argv[1] + ".**")
    exporter.extern("**")
    exporter.save_module(sys.argv[1])
print(time.perf_counter() - started)
"""
_GRIMP = """
import sys, time, grimp
started = time.perf_counter()
grimp.build_graph(sys.argv[1], cache_dir=None)
print(time.perf_counter() - started)
"""


def main() -> None:
    """Print one row for each library."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("libraries", nargs="*", default=["einops", "networkx", "sympy"])
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    interpreter = ask_interpreter(options.python)
    print(f"{'library':16} {'modules':>8} {'cold':>8} {'warm':>8} {'export':>14} {'ruff':>14} {'grimp':>14}")
    for library in options.libraries:
        with tempfile.TemporaryDirectory() as folder:
            cold, n_modules = predicted(library, interpreter, Path(folder))
            warm, _ = predicted(library, interpreter, Path(folder))
        others = [real_export(library, options.python), ruff(library, interpreter), grimp(library, options.python)]
        shown = [f"{'-':>14}" if other is None else f"{other:7.2f} {other / cold:5.2f}x" for other in others]
        print(f"{library:16} {n_modules:8} {cold:8.2f} {warm:8.2f} {' '.join(shown)}")


def predicted(library: str, interpreter: Interpreter, cache: Path) -> tuple[float, int]:
    """Return the seconds of one prediction with this store, and how many modules it found."""
    actions = (ActionCall(Action.INTERN, (f"{library}.**",)), ActionCall(Action.EXTERN, ("**",)))
    package = Package(library, Place(None), (*actions, Root(RootKind.MODULE, library)))
    gc.collect()
    started = time.perf_counter()
    store = Store(cache)
    closure = build_closure(package, StaticEnvironment(Disk(), interpreter, [], store=store))
    store.close()
    return time.perf_counter() - started, len(closure.modules)


def real_export(library: str, python: str) -> float | None:
    """Return the seconds of the export itself, without the import of torch."""
    return _answered([python, "-c", _EXPORT, library])


def grimp(library: str, python: str) -> float | None:
    """Return the seconds in which grimp builds the graph of the library's own modules."""
    return _answered([python, "-c", _GRIMP, library])


def ruff(library: str, interpreter: Interpreter) -> float | None:
    """Return the seconds in which ruff lists the imports of the library's own files."""
    found = (Path(folder) / library for folder in interpreter.search_path)
    folder = next((path for path in found if path.is_dir()), None)
    program = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if folder is None or program is None:
        return None
    return _timed(lambda: subprocess.run([program, "analyze", "graph", str(folder)], capture_output=True, check=False))


def _timed(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _answered(command: list[str]) -> float | None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return float(done.stdout.split()[-1])
    except (IndexError, ValueError):
        return None


if __name__ == "__main__":
    main()
