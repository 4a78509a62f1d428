"""Score single imports: which modules the real exporter keeps that make one import each, and which are predicted.

    python -m tools.score_imports --python INTERPRETER [--kind KIND] [--number N] [--seed N]

The imports are drawn by lot from the sources of what is installed for INTERPRETER, and each is put into a module of its
own, which can be imported where its import works. One real export has them all. The kinds:

    across     imports that libraries make of others
    inside     imports that libraries make of their own modules
    renamed    the same, of names that are hardly there: an `x` is added
    attribute  the same, as `import module` and a use of the name
    aliased    the same, as `import module as another`
"""

import argparse
import ast
import json
import os
import random
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Collection, Iterator
from pathlib import Path

from tools.record_export import __file__ as record_export
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.scan.closure import build_closure
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter
from tpkg_runtime.spec.actions import Action

_PACKAGE = "drawn"
_ROOT = "imports_drawn"
_TESTS = frozenset({"test", "tests", "testing"})
_SPELLED = {
    "across": "from {0} import {1}\n",
    "inside": "from {0} import {1}\n",
    "renamed": "from {0} import {1}x\n",
    "attribute": "import {0}\n{0}.{1}\n",
    "aliased": "import {0} as module\nmodule.{1}\n",
}
# An exporter does not survive a module that ends the process.
_ENDING = f"""
import sys, torch.package, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, sys.argv[1])
for number in range(int(sys.argv[2])):
    try:
        __import__(f"{_PACKAGE}.m{{number}}")
    except Exception:
        pass
    except BaseException:
        print("ends", number, file=sys.stderr)
sys.stderr.flush()
import os; os._exit(0)
"""


def main() -> int:
    """Draw, export, predict and compare; 0 where both are the same."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--python", required=True, help="the interpreter whose libraries are drawn from")
    parser.add_argument("--kind", choices=sorted(_SPELLED), default="across")
    parser.add_argument("--number", type=int, default=3_000, help="how many imports to draw")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    interpreter = ask_interpreter(arguments.python)
    found = sorted({item for site in interpreter.sites for item in _imports(Path(site), arguments.kind == "across")})
    random.Random(arguments.seed).shuffle(found)
    drawn = [_SPELLED[arguments.kind].format(*item) for item in found[: arguments.number]]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, drawn, skipped=())
        ended = _run(arguments.python, ["-c", _ENDING, name, str(len(drawn))]).stderr
        skipped = [int(line.split()[1]) for line in ended.splitlines() if line.startswith("ends ")]
        _write(folder, drawn, skipped)
        steps = [["intern", _ROOT], ["extern", "**"], ["save_module", _ROOT]]
        case = {"folder": name, "extra_paths": ["."], "setup": "", "steps": steps}
        recorded = json.loads(_run(arguments.python, [record_export], json.dumps(case)).stdout)
        extern = ActionCall(Action.EXTERN, ("**",))
        package = Package(
            _ROOT, Place(None), (ActionCall(Action.INTERN, (_ROOT,)), extern, Root(RootKind.MODULE, _ROOT))
        )
        closure = build_closure(package, StaticEnvironment(Disk(), interpreter, [name]))
    really, predicted = set(recorded["externed"]), set(closure.with_action(Action.EXTERN))
    reasons = {item.module: item.reason for item in closure.dropped}
    for module in sorted(really ^ predicted):
        text = drawn[int(module.rpartition("m")[2])].strip().replace("\n", "; ")
        said = f"told to fail: {reasons.get(module)}" if module in really else "told to work"
        print(f"{text}  {said}")
    n_asked = len(drawn) - len(skipped)
    print(f"{n_asked} imports, {len(really)} work; wrongly told to fail {len(really - predicted)}", end="")
    print(f", wrongly told to work {len(predicted - really)}")
    return 0 if really == predicted else 1


def _imports(site: Path, is_across: bool) -> Iterator[tuple[str, str]]:
    """Yield the module and the name of each import in the libraries of a folder."""
    warnings.simplefilter("ignore")
    for path in sorted(site.rglob("*.py")):
        parts = path.relative_to(site).with_suffix("").parts
        if not _TESTS.isdisjoint(parts) or not all(map(str.isidentifier, parts)):
            continue
        try:
            tree = ast.parse(path.read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or (not node.level and node.module == "__future__"):
                continue
            above = parts[: len(parts) - node.level] if node.level else ()
            module = ".".join((*above, *((node.module,) if node.module else ())))
            if module and (module.partition(".")[0] != parts[0]) is is_across:
                yield from ((module, alias.name) for alias in node.names if alias.name != "*")


def _write(folder: Path, drawn: list[str], skipped: Collection[int]) -> None:
    (folder / _PACKAGE).mkdir(exist_ok=True)
    (folder / _PACKAGE / "__init__.py").write_text("")
    asked = []
    for number, text in enumerate(drawn):
        if number not in skipped:
            (folder / _PACKAGE / f"m{number}.py").write_text(text)
            asked.append(f"try:\n    import {_PACKAGE}.m{number}\nexcept BaseException:\n    pass\n")
    (folder / f"{_ROOT}.py").write_text("".join(asked))


def _run(python: str, arguments: list[str], given: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [python, "-W", "ignore", *arguments], input=given, capture_output=True, text=True, check=False, cwd=os.path.sep
    )


if __name__ == "__main__":
    sys.exit(main())
