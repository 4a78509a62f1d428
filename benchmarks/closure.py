"""Compare predicted closures with the real export, ruff's import graph and grimp, in one run.

    python benchmarks/closure.py [--python INTERPRETER] [LIBRARY ...]

Each library is interned as a whole and everything else is extern. INTERPRETER is the one that the libraries are
installed for: by default what BENCH_PYTHON names, else the one that runs this. What is not installed is named and left
out. Each figure is of a process of its own: seconds on the clock and, in brackets, of processors, helpers counted in.

    cold      nothing is known of any file
    scanned   every file has been scanned before, but the closure is predicted anew, as after an edit
    warm      nothing has changed since the last prediction
    parse     `ast.parse` of the library's own files, without garbage collection: the speed of the machine
    export    what torch.package takes for the same, after its import
    ruff      `ruff analyze graph` on the library's own files
    grimp     the import graph of the library's own modules
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tpkg_analyzer.sources.interpreter import Interpreter, ask_interpreter

_LIBRARIES = ("torchmetrics", "timm", "transformers")
_ALWAYS_INSTALLED = ("networkx", "sympy")
"""What torch brings with it."""

# The command's own way from an interpreter to a closure, without the start of Python and what prints the result.
_PREDICT = """
import gc, os, sys, time
from pathlib import Path
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.scan import remembered
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter
from tpkg_analyzer.sources.store import Store
from tpkg_runtime.spec.actions import Action
library, python, cache, anew = sys.argv[1:]
interpreter = ask_interpreter(python)
steps = (ActionCall(Action.INTERN, (library + ".**",)), ActionCall(Action.EXTERN, ("**",)))
package = Package(library, Place(None), (*steps, Root(RootKind.MODULE, library)))
if anew == "anew":
    remembered._found = lambda data, package: None
gc.disable()
before = os.times().children_user + os.times().children_system
started, spent = time.perf_counter(), time.process_time()
store = Store(Path(cache))
closure = remembered.closure_of(package, StaticEnvironment(Disk(), interpreter, [], store=store))
store.close()
helper = os.times()
spent -= helper.children_user + helper.children_system - before
print(len(closure.modules), time.perf_counter() - started, time.process_time() - spent)
"""
_PARSE = """
import ast, gc, sys, time, warnings
from pathlib import Path
warnings.simplefilter("ignore")
gc.disable()
sources = [path.read_bytes() for path in Path(sys.argv[1]).rglob("*.py")]
started, spent = time.perf_counter(), time.process_time()
for source in sources:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        pass
print(time.perf_counter() - started, time.process_time() - spent)
"""
_EXPORT = """
import io, sys, time, torch.package
started, spent = time.perf_counter(), time.process_time()
try:
    with torch.package.PackageExporter(io.BytesIO()) as exporter:
        exporter.intern(sys.argv[1] + ".**")
        exporter.extern("**")
        exporter.save_module(sys.argv[1])
except Exception as error:  # what it ends with is predicted as well
    print(type(error).__name__, file=sys.stderr)
print(time.perf_counter() - started, time.process_time() - spent)
"""
_GRIMP = """
import json, sys, time, grimp
sys.path += json.loads(sys.argv[2])
started, spent = time.perf_counter(), time.process_time()
grimp.build_graph(sys.argv[1], cache_dir=None)
print(time.perf_counter() - started, time.process_time() - spent)
"""


def main() -> None:
    """Print one row for each library."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("libraries", nargs="*", default=None)
    parser.add_argument("--python", default=os.environ.get("BENCH_PYTHON") or sys.executable)
    options = parser.parse_args()
    interpreter = ask_interpreter(options.python)
    wanted = options.libraries or _LIBRARIES
    found = [library for library in wanted if folder_of(library, interpreter) is not None]
    for library in wanted:
        if library not in found:
            print(
                f"{library} is not installed for {options.python}: name another interpreter by --python or BENCH_PYTHON"
            )
    if not found and not options.libraries:
        found = [library for library in _ALWAYS_INSTALLED if folder_of(library, interpreter) is not None]
    columns = ("cold", "scanned", "warm", "parse", "export", "ruff", "grimp")
    print(f"{'library':14} {'modules':>8} {' '.join(f'{name:>14}' for name in columns)}")
    for library in found:
        with tempfile.TemporaryDirectory() as cache:
            n_modules, cold = predicted(library, options.python, cache)
            _, scanned = predicted(library, options.python, cache, "anew")
            _, warm = predicted(library, options.python, cache)
        others = [
            answered([sys.executable, "-c", _PARSE, str(folder_of(library, interpreter))]),
            answered([options.python, "-c", _EXPORT, library]),
            ruff(library, interpreter),
            answered([sys.executable, "-c", _GRIMP, library, json.dumps(interpreter.search_path)]),
        ]
        print(
            f"{library:14} {n_modules:8} {' '.join(f'{_shown(item):>14}' for item in (cold, scanned, warm, *others))}"
        )


def folder_of(library: str, interpreter: Interpreter) -> Path | None:
    """Return the folder of a library, None where it is not installed."""
    return next((path for entry in interpreter.search_path if (path := Path(entry) / library).is_dir()), None)


def predicted(library: str, python: str, cache: str, how: str = "remembered") -> tuple[int, list[float]]:
    """Return how many modules a prediction finds, and its seconds."""
    answer = subprocess.run(
        [sys.executable, "-c", _PREDICT, library, python, cache, how], capture_output=True, text=True, check=True
    )
    n_modules, *seconds = answer.stdout.split()
    return int(n_modules), list(map(float, seconds))


def ruff(library: str, interpreter: Interpreter) -> list[float] | None:
    """Return the seconds in which ruff lists the imports of the library's own files."""
    folder = folder_of(library, interpreter)
    program = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if folder is None or program is None:
        return None
    started, before = time.perf_counter(), os.times()
    done = subprocess.run([program, "analyze", "graph", "-q", str(folder)], stdout=subprocess.DEVNULL, check=False)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return [time.perf_counter() - started, spent] if done.returncode == 0 else None


def answered(command: list[str]) -> list[float] | None:
    """Return the seconds that a command prints at its end, None where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return [float(word) for word in done.stdout.splitlines()[-1].split()] if done.returncode == 0 else None
    except (IndexError, ValueError):
        return None


def _shown(seconds: list[float] | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds[0]:.2f} ({seconds[1]:.2f})"


if __name__ == "__main__":
    main()
