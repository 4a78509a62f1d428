"""Confirm the findings in the examples and in real libraries, and write how many came true into the documentation.

`python tools/confirm_table.py --python INTERPRETER [NAME ...]` takes the libraries from the environment of INTERPRETER.
Each is copied to a temporary folder, becomes a project of its own and is exported as `LIBRARIES` says. With names, only
these are tried and nothing is written.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tpkg_analyzer.model.diagnostic import Certainty, Diagnostic
from tpkg_analyzer.rule.registry import all_rules
from tpkg_analyzer.session.confirming import confirm
from tpkg_analyzer.session.projects import find_projects, open_project

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/explanation/confirmed.md"
START, END = "<!-- table -->\n", "<!-- end of table -->\n"
VERDICTS = (Certainty.CONFIRMED, Certainty.REFUTED, Certainty.OPEN)


@dataclass(frozen=True)
class Library:
    """One library as a project: its import packages, and the modules that a small export of it would save."""

    name: str
    modules: tuple[str, ...]
    packages: tuple[str, ...] = ()

    def config(self) -> str:
        """Return the configuration: what is the library's own is interned, all else stays with the host."""
        interned = ", ".join(f'"{name}.**"' for name in self.copied)
        saved = ", ".join(f'"{name}"' for name in self.modules)
        actions = f'{{ intern = [{interned}] }}, {{ extern = "**" }}'
        return f'[[package]]\nname = "{self.name}"\nmodules = [{saved}]\nactions = [{actions}]\n'

    @property
    def copied(self) -> tuple[str, ...]:
        """The import packages that become the project's own."""
        return self.packages or (self.name,)


LIBRARIES = (
    Library("einops", ("einops", "einops.layers.torch")),
    Library("torchdiffeq", ("torchdiffeq",)),
    Library("x_transformers", ("x_transformers",)),
    Library("linear_operator", ("linear_operator",)),
    Library("gpytorch", ("gpytorch.models", "gpytorch.kernels")),
    Library("torchmetrics", ("torchmetrics.classification", "torchmetrics.regression")),
    Library("kornia", ("kornia.filters", "kornia.color")),
    Library("e3nn", ("e3nn.o3", "e3nn.nn")),
    Library("pyro", ("pyro.infer", "pyro.nn", "pyro.contrib.gp")),
    Library("sentence_transformers", ("sentence_transformers",)),
)


def main() -> int:
    """Try all, print what was refuted, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has the libraries")
    parser.add_argument("names", nargs="*", help="only these")
    options = parser.parse_args()
    counts: dict[str, Counter[Certainty]] = defaultdict(Counter)
    rows = []
    for name, version, findings in _tried(options.python, options.names):
        judged = [item for item in findings if item.certainty in VERDICTS]
        for item in judged:
            counts[item.code][item.certainty] += 1
            if item.certainty is Certainty.REFUTED:
                print(f"{name}: {item.path}:{item.span.line}: {item.code} {item.message}\n    {item.evidence}")
        total = Counter(item.certainty for item in judged)
        rows.append((f"{name} {version}".strip(), *(str(total[verdict]) for verdict in VERDICTS)))
        print(*rows[-1], flush=True)
    if not options.names:
        _write(counts, rows)
    return 0


def _tried(python: str, names: list[str]) -> Iterator[tuple[str, str, list[Diagnostic]]]:
    if not names or "examples" in names:
        yield "examples", "", _confirmed(ROOT / "examples", sys.executable)
    for library in LIBRARIES:
        if names and library.name not in names:
            continue
        with tempfile.TemporaryDirectory(prefix="confirm-") as place:
            folder = Path(place)
            for package in library.copied:
                home, version = _found(python, package)
                shutil.copytree(home, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
            (folder / "tpkg-lint.toml").write_text(library.config(), encoding="utf-8")
            yield library.name, version, _confirmed(folder, python)


def _found(python: str, package: str) -> tuple[Path, str]:
    """Return folder and version of an installed import package."""
    code = (
        "import importlib.util, importlib.metadata as m\n"
        f"name = {package!r}\n"
        "print(importlib.util.find_spec(name).submodule_search_locations[0])\n"
        "print(m.version(m.packages_distributions()[name][0]))"
    )
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    home, version = done.stdout.splitlines()
    return Path(home), version


def _confirmed(folder: Path, python: str) -> list[Diagnostic]:
    found = []
    for files in find_projects([folder]):
        session = open_project(files, python)
        findings = session.check_packages()
        for path in files.files:
            findings += session.check(path)
        found += confirm(session, findings, lambda line: print(f"  {line}", file=sys.stderr))
    return found


def _write(counts: dict[str, Counter[Certainty]], rows: list[tuple[str, ...]]) -> None:
    heads = ("confirmed", "refuted", "open")
    names = {rule.code: rule.name for rule in all_rules()}
    by_rule = [
        (f"[{code}](../rules/{names[code]}.md) {names[code]}", *(str(counts[code][verdict]) for verdict in VERDICTS))
        for code in sorted(counts)
        if code in names
    ]
    total = ("all", *(str(sum(counts[code][verdict] for code in counts)) for verdict in VERDICTS))
    text = "\n".join(["", *_table(("rule", *heads), [*by_rule, total]), "", *_table(("project", *heads), rows), "", ""])
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    PAGE.write_text(before + START + text + END + rest.partition(END)[2], encoding="utf-8")


def _table(heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|---|" + "---:|" * 3
    for row in rows:
        yield "| " + " | ".join(row) + " |"


if __name__ == "__main__":
    sys.exit(main())
