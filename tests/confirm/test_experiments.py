"""Each kind of experiment, for real: once where the prediction is true, once where it is not."""

import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tpkg_analyzer.confirm.child import Outcome, ask_probe
from tpkg_runtime.wire.messages import (
    Answer,
    Declaration,
    Experiment,
    ExperimentKind,
    Exported,
    Note,
    Request,
    Save,
    SeenImport,
    Step,
    Verdict,
)

pytestmark = pytest.mark.torch

KIND = ExperimentKind
LAB = {
    "lab/__init__.py": "def helper(): ...\n",
    "lab/state.py": "TABLE = {}\nLIMIT = 3\n\nclass Thing:\n    registry = []\n",
    "lab/dated.py": "from __future__ import annotations\nfrom dataclasses import dataclass\n\n"
    "@dataclass\nclass Row:\n    width: int\n",
    "lab/patching.py": "import textwrap\n\ndef patched(text): ...\n\ntextwrap.tpkg_patched = patched\n",
    "lab/once.py": "import codecs, torch\n\ntorch.library.define('tpkg_lab::op', '(Tensor x) -> Tensor')\n",
    "lab/lookup.py": "import importlib, sys\n\n__all__ = ['find']\n\ndef find():\n"
    "    return importlib.import_module('lab.state')\n",
    "lab/optional.py": "try:\n    import nowhere_installed\nexcept ImportError:\n    nowhere_installed = None\n",
    "lab/constants.py": "",
    "shared.py": "class Base: ...\n",
    "extra.py": "VALUE = 1\n",
    "smoke.py": "def run(importer):\n    importer.import_module('lab.lookup').find()\n",
}
INTERNED = ("lab.state", "lab.dated", "lab.patching", "lab.once", "lab.lookup", "lab.optional", "shared")


class Case(NamedTuple):
    """A prediction and what is to be said of it."""

    kind: ExperimentKind
    module: str
    symbol: str
    expression: str
    verdict: Verdict
    evidence: str


CONFIRMED, REFUTED, OPEN = Verdict.CONFIRMED, Verdict.REFUTED, Verdict.OPEN
CASES = [
    Case(KIND.EXPORT_ERROR, "", "extra", "NO_ACTION", CONFIRMED, "PackagingError names extra (NO_ACTION)"),
    Case(KIND.EXPORT_ERROR, "", "extra", "DENIED", REFUTED, "broken for another reason, NO_ACTION"),
    Case(KIND.EXPORT_ERROR, "", "lab.state", "", REFUTED, "PackagingError does not name lab.state"),
    Case(KIND.EXPORT_RAISES, "", "PackagingError", "", CONFIRMED, "PackagingError: "),
    Case(KIND.EXPORT_RAISES, "", "EmptyMatchError", "", REFUTED, "PackagingError: "),
    Case(KIND.PATTERN_UNUSED, "", "2", "", CONFIRMED, "no module is given to the pattern"),
    Case(KIND.PATTERN_UNUSED, "", "0", "", REFUTED, "the pattern is given to a module"),
    Case(KIND.DROPPED, "", "nowhere_installed", "", CONFIRMED, "is left out (ModuleNotFoundError"),
    Case(KIND.DROPPED, "", "shared", "", REFUTED, "shared is in"),
    Case(KIND.LOAD_RAISES, "", "", "", REFUTED, "without an error"),
    Case(KIND.IMPORT_RAISES, "lab.dated", "", "", CONFIRMED, "AttributeError: 'NoneType' object has no attribute"),
    Case(KIND.IMPORT_RAISES, "lab.state", "", "", REFUTED, "without an error"),
    Case(KIND.LOAD_TWICE_RAISES, "lab.once", "", "", CONFIRMED, "beside the host's: RuntimeError"),
    Case(KIND.LOAD_TWICE_RAISES, "lab.state", "", "", REFUTED, "without an error"),
    Case(KIND.NAME_MISSING, "lab", "helper", "", CONFIRMED, "lab has no helper, the host's has one"),
    Case(KIND.NAME_MISSING, "lab.state", "LIMIT", "", REFUTED, "lab.state has LIMIT"),
    Case(KIND.NAME_MISSING, "lab.state", "nothing", "", OPEN, "the host's lab.state has no nothing either"),
    Case(KIND.RAISES_INSIDE, "lab.lookup", "", "sys.modules[__name__]", CONFIRMED, "KeyError"),
    Case(KIND.RAISES_INSIDE, "lab.lookup", "", "open(__file__)", CONFIRMED, "FileNotFoundError"),
    Case(KIND.RAISES_INSIDE, "lab.lookup", "", "find()", CONFIRMED, "where the project is not installed: ModuleNot"),
    Case(KIND.RAISES_INSIDE, "lab.state", "", "LIMIT + 1", REFUTED, "without an error"),
    Case(KIND.RAISES_INSIDE, "lab.state", "", "local_name", OPEN, "NameError"),
    Case(KIND.HOST_IMPORT, "lab.lookup", "lab.state", "find()", CONFIRMED, "gives the host's lab.state"),
    Case(KIND.HOST_IMPORT, "lab.lookup", "codecs", "importlib.import_module('codecs')", REFUTED, "an import statement"),
    Case(KIND.OWN_STATE, "lab.state", "TABLE", "", CONFIRMED, "TABLE is three objects, with 0 entries and 0 entries"),
    Case(KIND.OWN_STATE, "lab.state", "Thing.registry", "", CONFIRMED, "three objects"),
    Case(KIND.OWN_STATE, "lab.state", "LIMIT", "", REFUTED, "one object everywhere"),
    Case(KIND.OWN_CLASS, "serve", "lab.state.Thing", "", CONFIRMED, "is an instance of the host's lab.state.Thing"),
    Case(KIND.OWN_CLASS, "serve", "collections.OrderedDict", "", REFUTED, "know each other's instances"),
    Case(KIND.PATCHED, "lab.patching", "textwrap.tpkg_patched", "", CONFIRMED, "lab.patching's tpkg_patched"),
    Case(KIND.PATCHED, "lab.state", "textwrap.dedent", "", REFUTED, "is what it was"),
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lab")
    for name, text in LAB.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "lab/state.py").write_text(LAB["lab/state.py"] + "import extra, collections\nfrom lab import constants\n")
    return folder


def ask(lab: Path, runtime: str) -> Outcome:
    steps = [
        Step(declaration=Declaration("intern", ("lab.**", "shared"))),
        Step(declaration=Declaration("extern", ("nowhere_installed",))),
        Step(declaration=Declaration("mock", ("never.**",))),
        *(Step(save=Save("module", name)) for name in INTERNED),
    ]
    experiments = [
        Experiment(index, case.kind, case.module, case.symbol, case.expression) for index, case in enumerate(CASES)
    ]
    request = Request("lab", tuple(steps), (str(lab),), runtime, tuple(experiments), smoke="smoke:run")
    return ask_probe(sys.executable, request)


@pytest.fixture(scope="module")
def outcome(lab: Path) -> Outcome:
    return ask(lab, "torch")


@pytest.mark.parametrize("index", range(len(CASES)), ids=lambda index: f"{CASES[index].kind.value}-{index}")
def test_the_verdict_is_what_happens(outcome: Outcome, index: int) -> None:
    case = CASES[index]
    [answer] = [item for item in outcome.messages if isinstance(item, Answer) and item.id == index]
    assert (answer.verdict, case.evidence in answer.evidence) == (case.verdict, True), answer.evidence


def test_every_kind_is_tried() -> None:
    assert {case.kind for case in CASES} == set(ExperimentKind)


def test_the_other_runtime_is_named_where_it_differs(outcome: Outcome) -> None:
    dated = next(index for index, case in enumerate(CASES) if case.module == "lab.dated")
    [answer] = [item for item in outcome.messages if isinstance(item, Answer) and item.id == dated]
    assert (
        "otherwise with tpkg_runtime: imported from the package with tpkg_runtime: without an error" in answer.evidence
    )


def test_what_the_exporter_held_is_reported(outcome: Outcome) -> None:
    [exported] = [item for item in outcome.messages if isinstance(item, Exported)]
    assert exported.runtime == "torch.package 2.13"
    assert exported.interned == tuple(sorted((*INTERNED, "lab.constants")))
    assert exported.broken == {"extra": "NO_ACTION", "sys": "NO_ACTION"}
    assert exported.raised == "PackagingError"


def test_imports_past_the_package_are_seen_while_the_smoke_function_runs(outcome: Outcome) -> None:
    seen = [item for item in outcome.messages if isinstance(item, SeenImport)]
    assert seen == [SeenImport("lab.lookup", 6, "lab.state", True, "running smoke:run")]


def test_a_module_that_does_not_import_is_noted(outcome: Outcome) -> None:
    notes = [item.text for item in outcome.messages if isinstance(item, Note)]
    assert any(text.startswith("importing lab.dated from the package: AttributeError") for text in notes)


def test_the_behaviour_of_the_configured_runtime_decides(lab: Path) -> None:
    outcome = ask(lab, "tpkg")
    dated = next(index for index, case in enumerate(CASES) if case.module == "lab.dated")
    [answer] = [item for item in outcome.messages if isinstance(item, Answer) and item.id == dated]
    assert answer.verdict is Verdict.REFUTED
    assert "otherwise with torch.package 2.13" in answer.evidence
