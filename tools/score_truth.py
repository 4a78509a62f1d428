"""Score the predicted closures on recorded real exports: exact sets per case, per kind, and what made the difference.

    python -m tools.score_truth FOLDER --python INTERPRETER [--extra FOLDER] [--jobs N] [--only GLOB] [--facts]
    python -m tools.score_truth --fresh FOLDER --python INTERPRETER

FOLDER holds `cases/*.json` and the little packages that they name; `--fresh` makes
exports of what is installed first. A case is exact when the interned, externed, mocked,
denied and broken sets and what was raised are all as recorded.
"""

import argparse
import atexit
import gc
import json
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tools.record_truth import fresh_cases, record
from tpkg_analyzer.confirm.asking import Group
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.scan.closure import Closure, build_closure
from tpkg_analyzer.scan.distributions import distributions, versions_of
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.reader import FactsReader
from tpkg_analyzer.scan.seen import SeenImports
from tpkg_analyzer.session.indexing import groups_for, groups_of, learn
from tpkg_analyzer.sources.compiler import compiler_of
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import Interpreter, ask_interpreter
from tpkg_analyzer.sources.store import Store
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.imports import find_imports

_SETS = {"interned": Action.INTERN, "externed": Action.EXTERN, "mocked": Action.MOCK, "denied": Action.DENY}

_LIMIT = 60.0
_LONGEST_EXPORT = 300.0
_ROUNDS = 2
"""How often a prediction is asked what it had to assume: knowing more, it assumes other things."""


@dataclass(frozen=True)
class Score:
    """How the prediction of one case compares with the record."""

    name: str
    kind: str
    seconds: float
    extra: dict[str, list[str]] = field(default_factory=dict)
    missing: dict[str, list[str]] = field(default_factory=dict)
    outcome: tuple[str, str] | None = None
    causes: dict[str, int] = field(default_factory=dict)

    @property
    def is_exact(self) -> bool:
        """Whether nothing differs."""
        return not (self.extra or self.missing or self.outcome)


def main() -> int:
    """Score the cases that are asked for, all by default; 0 where every one is exact."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fresh", action="store_true", help="export what is installed into the folder first")
    parser.add_argument("--kinds", default="aAcde", help="with --fresh: the kinds of exports, as in record_truth.py")
    parser.add_argument("--only", default="*", help="a glob over the names of cases")
    parser.add_argument("--python", required=True, help="the interpreter whose environment was exported")
    parser.add_argument("--extra", type=Path, help="the folder that stands for `extra` in a case's paths")
    parser.add_argument("--cache", type=Path, help="keep facts in this folder")
    parser.add_argument("--facts", action="store_true", help="import what is installed for real first")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--show", type=int, default=6, help="how many names of a difference to show")
    arguments = parser.parse_args()
    if os.path.dirname(arguments.python):  # noqa: PTH120 - a link to an interpreter is an environment of its own
        arguments.python = str(Path(arguments.python).absolute())
    if arguments.fresh:
        cases = fresh_cases(arguments.python, kinds=arguments.kinds)
        record(cases, arguments.folder, arguments.python, _LONGEST_EXPORT, arguments.jobs)
    names = sorted(path.stem for path in (arguments.folder / "cases").glob(f"{arguments.only}.json"))
    if not names:
        parser.error(f"no case in {arguments.folder} is called like that")
    one = partial(score, arguments.folder, arguments.python, arguments.extra, arguments.cache, arguments.facts)
    scores: list[Score] = []
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for item in pool.map(one, names) if arguments.jobs > 1 else map(one, names):
            _print(item, arguments.show)
            scores.append(item)
    _report(scores)
    return 0 if all(item.is_exact for item in scores) else 1


def score(
    folder: Path, python: str, extra: Path | None, cache_folder: Path | None, with_facts: bool, name: str
) -> Score:
    """Predict one case and compare.

    What stands in `extra` is installed, in another folder; where a case changes the process before the export,
    nothing that another process has seen is used.
    """
    case = json.loads((folder / "cases" / f"{name}.json").read_text())
    parts = [path.partition("/") for path in case["extra_paths"]]
    roots = [str(folder / top / rest) for top, _, rest in parts if top != "extra"]
    installed = tuple(str((extra or folder / "extra") / rest) for top, _, rest in parts if top == "extra")
    interpreter = ask_interpreter(python)
    interpreter = (
        interpreter if not installed else replace(interpreter, search_path=(*installed, *interpreter.search_path))
    )
    package, reader = package_of_case(case, folder), _reader(python, cache_folder)
    facts = facts_of(interpreter, installed) if with_facts and not case.get("prelude") else None
    closure, seconds = _predict(package, StaticEnvironment(Disk(), interpreter, roots, reader=reader))
    if facts is not None:
        for _ in range(_ROUNDS):
            facts.ask(closure.assumed)
            environment = StaticEnvironment(Disk(), interpreter, roots, reader=reader, known=facts.known)
            closure, seconds = _predict(package, environment)
    return compare(case, closure, seconds)


def _predict(package: Package, environment: StaticEnvironment) -> tuple[Closure, float]:
    gc.disable()
    started = time.process_time()
    closure = build_closure(package, environment)
    seconds = time.process_time() - started
    environment.end()  # hundreds of cases in one process
    gc.enable()
    gc.freeze()
    return closure, seconds


class Facts:
    """What was seen of an environment, as `tpkg-lint index` sees it; `first` are folders before those of its own."""

    def __init__(self, interpreter: Interpreter, first: tuple[str, ...]) -> None:
        self._interpreter = interpreter
        self._first = first
        self._folder = tempfile.TemporaryDirectory()
        self._seen = SeenImports(Store(Path(self._folder.name)), interpreter.executable, interpreter.version)
        self._installed = list(distributions(Disk(), interpreter))
        self._asked: set[str] = set()
        self._learn(groups_of(self._installed))

    def ask(self, wanted: Iterable[str]) -> None:
        """Import besides what a prediction has had to assume, each module once."""
        fresh = set(wanted) - self._asked
        self._asked |= fresh
        self._learn(groups_for(self._installed, fresh))

    def _learn(self, groups: Sequence[Group]) -> None:
        before = os.environ.get("PYTHONPATH", "")
        os.environ["PYTHONPATH"] = os.pathsep.join((*self._first, before)).strip(os.pathsep)
        learn(self._seen, self._installed, self._interpreter.executable, groups, _LIMIT, 1)
        os.environ["PYTHONPATH"] = before
        self.known = self._seen.known(versions_of(Disk(), self._interpreter))


_FACTS: dict[tuple[str, ...], Facts] = {}


def facts_of(interpreter: Interpreter, first: tuple[str, ...]) -> Facts:
    """Import what is installed for real and return what that did; once for all cases."""
    if interpreter.search_path not in _FACTS:
        _FACTS[interpreter.search_path] = Facts(interpreter, first)
    return _FACTS[interpreter.search_path]


@cache
def _reader(python: str, folder: Path | None) -> FactsReader:
    """Return what reads facts for all cases of this process."""
    interpreter, store = ask_interpreter(python), Store(folder) if folder else None
    if store is not None:
        atexit.register(store.close)
    return FactsReader(Disk(), interpreter.version[:2], store, compiler_of(interpreter))


def package_of_case(case: dict[str, Any], folder: Path) -> Package:
    """Return the calls of a case as a package; its code is what runs before them."""
    code = find_imports(f"{case.get('prelude') or ''}\n{case['setup']}")
    imported = tuple((item.module, item.name or "") for item in code)
    script = Path(__file__).with_name(case["script"]) if "script" in case else None
    return Package(case["name"], Place(None), tuple(_steps(case, folder)), imported=imported, script=script)


def _steps(case: dict[str, Any], folder: Path) -> Iterator[ActionCall | Root]:
    recorded = list(case["roots"])
    for step in case["steps"]:
        name, *arguments = step
        named = arguments.pop() if isinstance(arguments[-1], dict) else {}
        follows = named.get("dependencies", True)
        if name in {"intern", "extern", "mock", "deny"}:
            include, exclude = _patterns(arguments[0]), _patterns(named.get("exclude", ()))
            yield ActionCall(Action(name), include, exclude, named.get("allow_empty", True))
        elif name == "save_module":
            yield Root(RootKind.MODULE, arguments[0], dependencies=follows)
        elif name == "save_pickle":
            found = next(root for root in recorded if root["kind"] == "pickle")
            recorded.remove(found)
            names = tuple((module, "") for module in found["globals"])
            yield Root(RootKind.PICKLE, arguments[0], resource=arguments[1], globals=names, dependencies=follows)
        elif name == "save_source_string":
            yield Root(RootKind.SOURCE, arguments[0], source=arguments[1], dependencies=follows)
        elif name == "save_source_file":
            yield from _files(recorded, folder, follows)
            if not recorded and (raised := _unreadable(folder / arguments[1])):
                yield Root(RootKind.SOURCE, arguments[0], raises=raised)


def _unreadable(path: Path) -> str:
    """Return what reading a file as the exporter does raises, nothing where that works."""
    try:
        path.read_bytes().decode("utf-8") if path.is_file() else ""
    except UnicodeDecodeError as error:
        return type(error).__name__
    return ""


def _files(recorded: list[dict[str, Any]], folder: Path, follows: bool) -> Iterator[Root]:
    while recorded and recorded[0]["kind"] == "file":
        root = recorded.pop(0)
        top = folder / root["path"]
        for path in top.glob("**/*.py") if top.is_dir() else [top]:
            is_package = path.name == "__init__.py"
            inside = path.parent if is_package else path.with_suffix("")
            name = ".".join((root["name"], *(inside.relative_to(top).parts if top.is_dir() else ())))
            source = path.read_bytes().decode("utf-8")
            yield Root(RootKind.SOURCE, name, source=source, is_package=is_package, dependencies=follows)


def _patterns(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def compare(case: dict[str, Any], closure: Closure, seconds: float = 0.0) -> Score:
    """Compare a closure with the record of the real export."""
    extra: dict[str, list[str]] = {}
    missing: dict[str, list[str]] = {}
    causes: Counter[str] = Counter()
    predicted = {name: set(closure.with_action(action)) for name, action in _SETS.items()}
    recorded = {name: set(case[name]) for name in _SETS}
    for module, reason in closure.broken.items():
        predicted.setdefault(reason.name, set()).add(module)
    recorded.update({reason: set(modules) for reason, modules in case["broken"].items()})
    for name in sorted(predicted.keys() | recorded.keys()):
        more = predicted.get(name, set()) - recorded.get(name, set())
        less = recorded.get(name, set()) - predicted.get(name, set())
        if more:
            extra[name] = sorted(more)
        if less:
            missing[name] = sorted(less)
        if name in _SETS:
            for module in more | less:
                causes[_cause(case, module, is_extra=module in more)] += 1
    raised = case["exception"]["type"] if case["exception"] else "ok"
    outcome = None if closure.outcome == raised else (closure.outcome, raised)
    return Score(case["name"], case["kind"], seconds, extra, missing, outcome, dict(causes))


def _cause(case: dict[str, Any], module: str, *, is_extra: bool) -> str:
    what, _, error = case["differs_from_plain_lookup"].get(module, ("", None, None))
    direction = "predicted, not there" if is_extra else "there, not predicted"
    if error:
        return f"{direction}: {error[0]} {error[1] or ''}".rstrip()
    return f"{direction}: {what or 'follows from another'}"


def _print(item: Score, shown: int) -> None:
    if item.is_exact:
        print(f"{item.name} {item.seconds:.1f} s exact", flush=True)
        return
    ended = "predicted {}, raised {}".format(*item.outcome) if item.outcome else ""
    print(f"{item.name} {item.seconds:.1f} s {ended}")
    for sign, sets in (("+", item.extra), ("-", item.missing)):
        for name, modules in sets.items():
            more = f" ... {len(modules)}" if len(modules) > shown else ""
            print(f"  {sign} {name}: {' '.join(modules[:shown])}{more}", flush=True)


def _report(scores: list[Score]) -> None:
    kinds: dict[str, list[Score]] = defaultdict(list)
    for item in scores:
        kinds[item.kind].append(item)
    totals = Counter(cause for item in scores for cause in item.causes)
    if totals:
        print("\ncases  cause")
        for cause, count in totals.most_common(30):
            print(f"{count:5}  {cause}")
    print("\nkind  exact  cases  seconds")
    for kind, items in sorted(kinds.items()):
        print(f"{kind:4} {sum(s.is_exact for s in items):6} {len(items):6} {sum(s.seconds for s in items):8.1f}")
    exact = sum(item.is_exact for item in scores)
    print(f"all  {exact:6} {len(scores):6} {sum(s.seconds for s in scores):8.1f}  {100 * exact / len(scores):.1f} %")


if __name__ == "__main__":
    sys.exit(main())
