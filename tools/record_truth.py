"""Record real exports of whatever is installed, in the form that `score_truth.py` reads.

    python -m tools.record_truth FOLDER --python INTERPRETER [--only NAME ...] [--kinds acdeb] [--limit SECONDS]

Each export is made by the installed torch.package in a process of its own. The libraries are the installed
distributions' own top-level packages; nothing is known here about any of them.
"""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

_CHILD = Path(__file__).with_name("record_export.py")
_LARGEST = 800
"""The most source files of a library whose export takes a bearable time."""

_SURVEY = """
import importlib.metadata, json, pathlib, sys
found = {}
for distribution in importlib.metadata.distributions():
    names = [str(file) for file in distribution.files or () if str(file).endswith(".py")]
    for name in names:
        parts = name[:-3].split("/")
        if ".." in parts or not all(part.isidentifier() for part in parts):
            continue
        if parts[-1] == "__init__":
            parts.pop()
        if parts:
            found.setdefault(parts[0], []).append(".".join(parts))
implicit = {"torch", *sys.stdlib_module_names}
print(json.dumps({top: sorted(set(names)) for top, names in found.items() if top not in implicit}))
"""

Case = dict[str, Any]


def main() -> int:
    """Record what is asked for; 0 where every export could be made or failed by itself."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", required=True, help="the interpreter whose environment is exported")
    parser.add_argument("--only", nargs="*", help="top-level packages instead of all that are installed")
    parser.add_argument("--kinds", default="acdef", help="which of the kinds of exports to make")
    parser.add_argument("--limit", type=float, default=300, help="the most seconds for one export")
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    cases = fresh_cases(arguments.python, arguments.only, arguments.kinds)
    n_recorded = record(cases, arguments.folder, arguments.python, arguments.limit, arguments.jobs)
    print(f"{n_recorded} exports in {arguments.folder}")
    return 0


def fresh_cases(python: str, only: list[str] | None = None, kinds: str = "acde") -> list[Case]:
    """Return exports worth making in an environment; the same for the same environment."""
    survey = subprocess.run([python, "-c", _SURVEY], capture_output=True, text=True, check=True)
    libraries: dict[str, list[str]] = json.loads(survey.stdout)
    tops = [top for top in sorted(libraries) if (only is None or top in only) and top in libraries[top]]
    cases: list[Case] = []
    for top in tops:
        if only is None and len(libraries[top]) > _LARGEST:
            continue
        cases += _cases_of(top, libraries[top], sorted(set(tops) - {top}), kinds)
    return cases


def _cases_of(top: str, modules: list[str], others: list[str], kinds: str) -> Iterator[Case]:
    chance = random.Random(top)
    inner = [name for name in modules if name != top and "test" not in name and "._" not in name]
    some = sorted(chance.sample(inner, min(2, len(inner)))) or [top]
    denied = sorted(chance.sample(others, min(6, len(others))))
    saves = [["save_module", name] for name in some]
    own, rest = ["intern", f"{top}.**"], ["extern", "**"]
    steps: dict[str, list[Any]] = {
        "a": [own, rest, ["save_module", top]],
        "A": [own, rest, *saves],
        "c": [["mock", "**", {"exclude": [f"{top}.**"]}], ["intern", "**"], saves[0]],
        "d": [*(["deny", f"{name}.**"] for name in denied), own, rest, saves[-1]],
        "e": [own, saves[-1]],
        "f": [["intern", "**"], saves[0]],
        "h": [
            ["intern", f"{top}.*"],
            ["mock", f"{top}.*.*", {"exclude": [some[0]]}],
            ["extern", "**", {"exclude": [f"{name}.**" for name in denied]}],
            ["mock", "**"],
            ["save_module", top],
        ],
    }
    for kind in kinds:
        name = f"{top}_{kind}" if kind.islower() else f"{top}_{kind.lower()}1"
        yield {"name": name, "lib": top, "kind": kind.lower(), "extra_paths": [], "setup": "", "steps": steps[kind]}


def record(cases: list[Case], folder: Path, python: str, limit: float, jobs: int = 1) -> int:
    """Make the exports and write each with what came of it into `folder`/cases; those that are there are kept."""
    (folder / "cases").mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(jobs) as pool:
        return sum(pool.map(partial(_record, folder, python, limit), cases))


def _record(folder: Path, python: str, limit: float, case: Case) -> bool:
    path = folder / "cases" / f"{case['name']}.json"
    if path.exists():
        return True
    asked = json.dumps({**case, "folder": str(folder.absolute())})
    try:
        done = subprocess.run(
            [python, str(_CHILD)], input=asked, capture_output=True, text=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        print(f"{case['name']}: not made in {limit:.0f} s", file=sys.stderr)
        return False
    if done.returncode != 0:
        print(f"{case['name']}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return False
    path.write_text(json.dumps({**case, **json.loads(done.stdout.splitlines()[-1])}, indent=1) + "\n")
    print(path.stem, flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
