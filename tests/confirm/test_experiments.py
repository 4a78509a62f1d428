"""Each kind of experiment, for real: once where the prediction is true, once where it is not."""

import sys
from pathlib import Path
from typing import Any, NamedTuple

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
    "lab/state.py": "TABLE = {}\nLIMIT = 3\n\nclass Thing:\n    registry = []\n    count = 0\n",
    "lab/dated.py": "from __future__ import annotations\nfrom dataclasses import dataclass\n\n"
    "@dataclass\nclass Row:\n    width: int\n",
    "lab/dated_twice.py": "from __future__ import annotations\nfrom dataclasses import dataclass\n\nif True:\n"
    "    @dataclass\n    class Row:\n        width: int\n\n@dataclass\nclass Cell:\n    width: int\n\n"
    "ROWS = []\nCELLS = [Cell]\n",
    "lab/patching.py": "import textwrap\nfrom shared import TABLE\n\ndef patched(text): ...\n\n"
    "textwrap.tpkg_patched = patched\ntextwrap.TextWrapper.tpkg_lab_width = 3\n",
    "lab/once.py": "import atexit, codecs, torch\n\natexit.register(print)\n"
    "torch.library.define('tpkg_lab::op', '(Tensor x) -> Tensor')\natexit.register(print)\n",
    "lab/handlers.py": "import atexit\nfrom hosted import ROWS, registered\n\natexit.register(print)\n\n"
    "@registered\ndef row(): ...\n",
    "lab/lookup.py": "import importlib, sys, logging, collections\nimport importlib.util, pkgutil\n\n"
    "__all__ = ['find']\nPARTS = {'TABLE': 'lab.state'}\n\ndef find():\n"
    "    return importlib.import_module('lab.state')\n\n"
    "def __getattr__(name):\n    if name in PARTS:\n"
    "        return getattr(importlib.import_module(PARTS[name]), name)\n    raise AttributeError(name)\n",
    "lab/serving.py": "import lab.state\n\n__all__ = ['TABLE']\n\ndef __getattr__(name):\n"
    "    if name == 'TABLE':\n        return lab.state.TABLE\n    raise AttributeError(name)\n",
    "lab/swapped.py": "import sys, types\n\nclass Module(types.ModuleType):\n    __file__ = __file__\n"
    "    __spec__ = __spec__\n\nsys.modules[__name__] = Module(__name__)\n",
    "lab/latin.py": "# coding: latin-1\nGREETING = 'gr\u00fc\u00df'\n",
    "lab/refusing/__init__.py": "assert '<' not in __name__, 'in a package'\n",
    "lab/refusing/latin.py": "# coding: latin-1\nGREETING = 'gr\u00fc\u00df'\n",
    "lab/optional.py": "try:\n    import nowhere_installed\nexcept ImportError:\n    nowhere_installed = None\n",
    "lab/constants.py": "",
    "lab/unheld.py": "",
    "shared.py": "TABLE = {}\n\nclass Base: ...\n",
    "hosted.py": "ROWS = []\nEMPTY = []\n\ndef registered(function):\n    ROWS.append(function)\n    return function\n",
    "saving.py": "def load(importer): ...\n\n\nclass Keeper:\n"
    "    def __init__(self):\n        self.rule = lambda: 0\n        self.size = 3\n\n"
    "    class Inner: ...\n\n\n"
    "class Wanting:\n    def __init__(self, size): ...\n\n\n"
    "class Reduced:\n    def __reduce_package__(self, exporter):\n        return load, ()\n\n\n"
    "class Misreduced:\n    def __reduce_package__(self, exporter):\n        return load, (1, 2, 3)\n\n\n"
    "class Kept:\n    alive = []\n\n    def __init__(self):\n        self.alive.append(self)\n\n"
    "    def __reduce_package__(self, exporter):\n        return load, ()\n",
    "extra.py": "VALUE = 1\n",
    "smoke.py": "def run(importer):\n    importer.import_module('lab.lookup').find()\n",
}
INTERNED = (
    "lab.state",
    "lab.dated",
    "lab.dated_twice",
    "lab.patching",
    "lab.once",
    "lab.handlers",
    "lab.lookup",
    "lab.serving",
    "lab.swapped",
    "lab.latin",
    "lab.optional",
    "lab.refusing",
    "lab.refusing.latin",
    "shared",
)


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
    Case(KIND.NO_ACTION_BELOW, "", "extra.*", "", CONFIRMED, "PackagingError names extra (NO_ACTION)"),
    Case(KIND.NO_ACTION_BELOW, "", "lab", "", REFUTED, "PackagingError does not name lab"),
    Case(KIND.PATTERN_UNUSED, "", "2", "0", CONFIRMED, "no module is given to `never.**`"),
    Case(KIND.PATTERN_UNUSED, "", "0", "2", CONFIRMED, "`lab.nothing` takes no module, though another pattern"),
    Case(KIND.PATTERN_UNUSED, "", "1", "2", CONFIRMED, "`torch.**` takes no module, though another pattern"),
    Case(KIND.PATTERN_UNUSED, "", "1", "3", CONFIRMED, "`lab.**` takes no module, though another pattern"),
    Case(KIND.PATTERN_UNUSED, "", "0", "0", REFUTED, "`lab.**` takes lab."),
    Case(KIND.PATTERN_UNUSED, "", "0", "", REFUTED, "the action takes lab."),
    Case(KIND.DROPPED, "", "nowhere_installed", "", CONFIRMED, "is left out (ModuleNotFoundError"),
    Case(KIND.DROPPED, "", "shared", "", REFUTED, "shared is in"),
    Case(KIND.LOAD_RAISES, "", "", "", REFUTED, "without an error"),
    Case(KIND.IMPORT_RAISES, "lab.dated", "", "", CONFIRMED, "AttributeError: 'NoneType' object has no attribute"),
    Case(KIND.IMPORT_RAISES, "lab.state", "", "", REFUTED, "without an error"),
    Case(KIND.IMPORT_RAISES, "lab.dated_twice", "", "7", CONFIRMED, "AttributeError: 'NoneType' object has no"),
    Case(KIND.IMPORT_RAISES, "lab.dated_twice", "", "11", CONFIRMED, "in line 5 before it; run by itself with torch"),
    Case(
        KIND.IMPORT_RAISES, "lab.dated_twice", "", "13", OPEN, "the import ends in line 5 before it, and by itself it"
    ),
    Case(KIND.IMPORT_RAISES, "lab.dated_twice", "", "14", OPEN, "and by itself: NameError: name 'Cell' is not defined"),
    Case(KIND.IMPORT_RAISES, "lab.dated_twice", "", "2", REFUTED, "the import gets past it to line 5: AttributeError"),
    Case(KIND.IMPORT_RAISES, "lab.refusing.latin", "", "2", OPEN, "could not be tried: AssertionError: in a package"),
    Case(KIND.LOAD_TWICE_RAISES, "lab.once", "", "", CONFIRMED, "beside the host's: RuntimeError"),
    Case(KIND.LOAD_TWICE_RAISES, "lab.state", "", "", REFUTED, "without an error"),
    Case(KIND.NAME_MISSING, "lab", "helper", "", CONFIRMED, "lab has no helper, the host's has one"),
    Case(KIND.NAME_MISSING, "lab.state", "LIMIT", "", REFUTED, "lab.state has LIMIT"),
    Case(KIND.NAME_MISSING, "lab.state", "nothing", "", OPEN, "the host's lab.state has no nothing either"),
    Case(KIND.RAISES_INSIDE, "lab.lookup", "", "sys.modules[__name__]", CONFIRMED, "KeyError"),
    Case(KIND.RAISES_INSIDE, "lab.lookup", "", "open(__file__)", CONFIRMED, "FileNotFoundError"),
    Case(KIND.RAISES_INSIDE, "lab.lookup", "", "find()", CONFIRMED, "where the project is not installed: ModuleNot"),
    Case(KIND.RAISES_INSIDE, "lab.state", "", "LIMIT + 1", REFUTED, "without an error"),
    Case(KIND.RAISES_INSIDE, "lab.state", "", "local_name", OPEN, "needs `local_name` of the function"),
    Case(KIND.RAISES_INSIDE, "lab.state", "", "1 +", OPEN, "`1 +` is no expression"),
    Case(KIND.RAISES_INSIDE, "lab.state", "", "1 / 0", OPEN, "raises in the host as well, ZeroDivisionError"),
    Case(KIND.HOST_IMPORT, "lab.lookup", "lab.state", "find()", CONFIRMED, "gives the host's lab.state"),
    Case(KIND.HOST_IMPORT, "lab.lookup", "codecs", "importlib.import_module('codecs')", REFUTED, "an import statement"),
    Case(KIND.SUBMODULE_MISSING, "lab.serving", "lab.unheld", "lab.unheld", CONFIRMED, "has no attribute 'unheld'"),
    Case(KIND.SUBMODULE_MISSING, "lab.state", "lab.constants", "lab.constants", REFUTED, "holds lab.constants"),
    Case(KIND.DIFFERS_INSIDE, "lab.state", "", "__file__", CONFIRMED, "gives '<torch_package_"),
    Case(KIND.DIFFERS_INSIDE, "lab.lookup", "", "logging.getLogger(__name__)", CONFIRMED, "gives logger '<torch_pac"),
    Case(KIND.DIFFERS_INSIDE, "lab.lookup", "", "sys.modules.get('lab.state')", CONFIRMED, "None where the project is"),
    Case(
        KIND.DIFFERS_INSIDE, "lab.lookup", "", "sys.modules.get('lab.state').LIMIT", CONFIRMED, "is not installed: Attr"
    ),
    Case(
        KIND.DIFFERS_INSIDE,
        "lab.lookup",
        "",
        "importlib.util.find_spec('lab.state').name",
        CONFIRMED,
        "not installed: ",
    ),
    Case(
        KIND.DIFFERS_INSIDE, "lab.lookup", "", "importlib.util.find_spec('hosted').name", REFUTED, "'hosted' everywhere"
    ),
    Case(KIND.DIFFERS_INSIDE, "lab.lookup", "", "list(PARTS)", REFUTED, "gives 1 items ('TABLE') everywhere"),
    Case(KIND.DIFFERS_INSIDE, "lab.state", "", "local_name", OPEN, "needs `local_name` of the function"),
    Case(
        KIND.GIVES_LOADER, "lab.lookup", "", "importlib.util.spec_from_file_location('x', 'x.py')", CONFIRMED, "SourceF"
    ),
    Case(KIND.GIVES_LOADER, "lab.lookup", "", "importlib.util.spec_from_loader('x', None)", REFUTED, "gives spec of x"),
    Case(KIND.DISTRIBUTION, "lab.state", "tpkg-lab-nowhere", "version()", CONFIRMED, "PackageNotFoundError"),
    Case(KIND.DISTRIBUTION, "lab.state", "torch", "version()", REFUTED, "the package holds no module of torch"),
    Case(KIND.GARBLED, "lab.latin", "", "", CONFIRMED, "in the package is 'gr\u00fc\u00df' in the host"),
    Case(KIND.GARBLED, "lab.refusing.latin", "", "", OPEN, "could not be tried: AssertionError: in a package"),
    Case(KIND.GARBLED, "lab.state", "", "", REFUTED, "texts of lab.state are the same"),
    Case(KIND.MANGLED_NAME, "lab.state", "lab.state", "", CONFIRMED, "lab.state of the package is called <torch_pack"),
    Case(KIND.MANGLED_NAME, "lab.state", "collections", "", REFUTED, "holds no module at or below collections"),
    Case(KIND.LAZY_NAMES, "lab.lookup", "", "", CONFIRMED, "lab.lookup.TABLE"),
    Case(KIND.LAZY_NAMES, "lab.serving", "", "", REFUTED, "lab.serving gives TABLE of its own"),
    Case(KIND.LAZY_NAMES, "lab.state", "", "", OPEN, "nothing tells which names are served"),
    Case(KIND.REPLACED_MODULE, "lab.swapped", "", "", CONFIRMED, "gives a module for lab.swapped, the host a Module"),
    Case(KIND.REPLACED_MODULE, "lab.state", "", "", REFUTED, "the package and the host give a module"),
    Case(KIND.PAST_PACKAGE, "lab.lookup", "", "8-8 ", CONFIRMED, "seen while running smoke:run: lab.state was asked"),
    Case(KIND.PAST_PACKAGE, "lab.lookup", "", "12-12 ", OPEN, "could not be tried: the call did not run"),
    Case(KIND.PAST_PACKAGE, "lab.lookup", "import_module", "12-12 lab.sta", CONFIRMED, "although the package holds it"),
    Case(KIND.PAST_PACKAGE, "lab.lookup", "import_module", "12-12 lab.unh", CONFIRMED, "the package does not hold"),
    Case(KIND.PAST_PACKAGE, "lab.lookup", "__import__", "12-12 lab.unh", CONFIRMED, "ModuleNotFoundError"),
    Case(KIND.PAST_PACKAGE, "lab.lookup", "__import__", "12-12 lab.state", OPEN, "the call did not run"),
    Case(KIND.PAST_PACKAGE, "lab.lookup", "import_module", "12-12 torch.fu", OPEN, "the call did not run"),
    Case(KIND.RESOURCE_MISSING, "", "notes/nothing.txt", "", CONFIRMED, "nothing.txt of notes read with torch.package"),
    Case(KIND.RESOURCE_MISSING, "", "notes/settings.py", "", REFUTED, "settings.py of notes read with torch.package"),
    Case(KIND.RESOURCE_LOST, "", "notes", "", REFUTED, "settings.py of notes read with torch.package 2.13: without"),
    Case(KIND.RESOURCE_LOST, "", "nothing", "", OPEN, "nothing is known to be saved in nothing"),
    Case(KIND.IMPORTABLE, "", "notes.settings", "", CONFIRMED, "import of notes.settings from the package gives"),
    Case(KIND.IMPORTABLE, "", "notes.plain", "", REFUTED, "ModuleNotFoundError"),
    Case(
        KIND.REGISTERS, "lab.handlers", "atexit.register", "4", CONFIRMED, "is called at each load, by <torch_package_"
    ),
    Case(KIND.REGISTERS, "lab.state", "atexit.register", "1", REFUTED, "atexit.register is not called"),
    Case(KIND.REGISTERS, "lab.handlers", "atexit.register", "2", REFUTED, "atexit.register is not called"),
    Case(KIND.REGISTERS, "lab.once", "torch.library.define", "4", CONFIRMED, "beside the host's: RuntimeError"),
    Case(KIND.REGISTERS, "lab.once", "atexit.register", "3", CONFIRMED, "is called at each load, by <torch_package_"),
    Case(KIND.REGISTERS, "lab.once", "atexit.register", "5", OPEN, "could not be tried: RuntimeError: "),
    Case(KIND.FILLS_TABLE, "lab.handlers", "hosted.ROWS", "", CONFIRMED, "lab.handlers.row in the host's hosted.ROWS"),
    Case(KIND.FILLS_TABLE, "lab.handlers", "hosted.EMPTY", "", REFUTED, "leaves nothing of it in the host's"),
    Case(KIND.UNPICKLABLE, "", "saving.Keeper.rule", "", CONFIRMED, "Keeper().rule saved with torch.package 2.13: "),
    Case(KIND.UNPICKLABLE, "", "saving.Keeper.size", "", REFUTED, "without an error"),
    Case(KIND.UNPICKLABLE, "", "saving.Wanting.size", "", OPEN, "Wanting() raises TypeError"),
    Case(KIND.UNPICKLABLE, "", "torch.jit.ScriptModule", "", CONFIRMED, "a scripted module saved with torch.package"),
    Case(
        KIND.REDUCED, "", "saving.Misreduced", "", CONFIRMED, "Misreduced() loaded with torch.package 2.13: TypeError"
    ),
    Case(KIND.REDUCED, "", "saving.Reduced", "", REFUTED, "without an error"),
    Case(KIND.PROTOCOL, "", "", "5", CONFIRMED, "a number saved with protocol 5 of torch.package 2.13: AssertionError"),
    Case(KIND.PROTOCOL, "", "saving.Keeper.Inner", "4", CONFIRMED, "saving.Keeper.Inner saved with protocol 4 of"),
    Case(KIND.PROTOCOL, "", "saving.Keeper", "4", REFUTED, "and loaded: without an error"),
    Case(KIND.TEMPORARY, "", "saving.Reduced", "", CONFIRMED, "is gone, and its address is still taken for it"),
    Case(KIND.TEMPORARY, "", "saving.Kept", "", REFUTED, "is kept until the exporter is closed"),
    Case(KIND.REEXPORTED, "", "importer", "", CONFIRMED, "saved without its importer, with torch.package 2.13: "),
    Case(KIND.ESCAPES, "lab.state", "", "", CONFIRMED, "lab.state.Thing): "),
    Case(KIND.ESCAPES, "lab.state", "shared.Base", "", CONFIRMED, "shared.Base): "),
    Case(KIND.ESCAPES, "lab.lookup", "", "", OPEN, "lab.lookup of the package has no class"),
    Case(KIND.MAIN_OBJECT, "", "Net", "", REFUTED, "__main__ is not in it"),
    Case(KIND.OWN_BINDING, "lab.state", "LIMIT", "", CONFIRMED, "LIMIT is not seen in the other, nor in the host"),
    Case(KIND.OWN_BINDING, "lab.state", "Thing.count", "", CONFIRMED, "Thing.count is not seen in the other"),
    Case(KIND.OWN_BINDING, "lab.lookup", "collections.tpkg_lab", "", REFUTED, "is seen in the other package"),
    Case(KIND.OWN_STATE, "lab.state", "TABLE", "", CONFIRMED, "TABLE is three objects, with 0 entries and 0 entries"),
    Case(KIND.OWN_STATE, "lab.state", "Thing.registry", "", CONFIRMED, "three objects"),
    Case(KIND.OWN_STATE, "lab.state", "LIMIT", "", REFUTED, "one object everywhere"),
    Case(KIND.OWN_CLASS, "serve", "lab.state.Thing", "", CONFIRMED, "is an instance of the host's lab.state.Thing"),
    Case(KIND.OWN_CLASS, "serve", "collections.OrderedDict", "", REFUTED, "know each other's instances"),
    Case(KIND.PATCHED, "lab.patching", "textwrap.tpkg_patched", "", CONFIRMED, "lab.patching's tpkg_patched"),
    Case(KIND.PATCHED, "lab.patching", "textwrap.TextWrapper.tpkg_lab_width", "", CONFIRMED, "leaves 3 in the host's"),
    Case(KIND.PATCHED, "lab.state", "textwrap.dedent", "", REFUTED, "is what it was"),
]

TRIED_ELSEWHERE = {KIND.MAIN_OBJECT, KIND.LOAD_RAISES, KIND.RESOURCE_LOST}
SCRIPT = "raise RuntimeError('this must not run')\n"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lab")
    for name, text in LAB.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text, encoding="latin-1" if "latin" in name else "utf-8")
    (folder / "lab/state.py").write_text(LAB["lab/state.py"] + "import extra, collections\nfrom lab import constants\n")
    return folder


def ask(lab: Path, runtime: str) -> Outcome:
    steps = [
        Step(declaration=Declaration("intern", ("lab.**", "shared", "lab.nothing"))),
        Step(declaration=Declaration("extern", ("nowhere_installed", "hosted", "torch.**", "lab.**"))),
        Step(declaration=Declaration("mock", ("never.**",))),
        *(Step(save=Save("module", name)) for name in INTERNED),
        Step(save=Save("resource", "notes", "settings.py")),
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


def test_every_kind_is_tried_on_a_true_and_on_a_false_prediction() -> None:
    tried = {(case.kind, case.verdict) for case in CASES}
    assert {kind for kind, verdict in tried if verdict is CONFIRMED} == set(KIND) - TRIED_ELSEWHERE
    # What a call was not seen to do it may do with another value.
    never_refuted = {KIND.PAST_PACKAGE, KIND.REEXPORTED, KIND.ESCAPES}
    assert {kind for kind, verdict in tried if verdict is REFUTED} == set(KIND) - never_refuted


DIFFERING = {
    (KIND.IMPORT_RAISES, "lab.dated", ""): "imported from the package with tpkg_runtime: without an error",
    (KIND.IMPORT_RAISES, "lab.dated_twice", "7"): "imported from the package with tpkg_runtime: without an error",
    (KIND.IMPORT_RAISES, "lab.dated_twice", "11"): "imported from the package with tpkg_runtime: without an error",
    (KIND.NAME_MISSING, "lab", "helper"): "lab has helper",
    (KIND.RAISES_INSIDE, "lab.lookup", "sys.modules[__name__]"): "without an error",
    (KIND.RAISES_INSIDE, "lab.lookup", "find()"): "without an error",
    (KIND.HOST_IMPORT, "lab.lookup", "find()"): "gives the package's own <torch_package_",
    (KIND.DIFFERS_INSIDE, "lab.lookup", "importlib.util.find_spec('lab.state').name"): "gives 'lab.state' everywhere",
    (KIND.GARBLED, "lab.latin", ""): "texts of lab.latin are the same in the package",
    (KIND.LAZY_NAMES, "lab.lookup", ""): "gives TABLE of its own",
    (KIND.REPLACED_MODULE, "lab.swapped", ""): "the package and the host give a Module",
    (KIND.UNPICKLABLE, "", "torch.jit.ScriptModule"): "a scripted module saved with tpkg_runtime: without an error",
    (KIND.PROTOCOL, "", "4"): "saved with protocol 4 of tpkg_runtime and loaded: without an error",
    (KIND.TEMPORARY, "", "saving.Reduced"): "saved with tpkg_runtime is kept until the exporter is closed",
    (KIND.ESCAPES, "lab.state", ""): "with tpkg_runtime: without an error",
    (KIND.ESCAPES, "lab.state", "shared.Base"): "with tpkg_runtime: without an error",
}
"""Where ours does otherwise than torch.package, and what is said of it then."""


def test_the_other_runtime_is_named_where_it_differs(outcome: Outcome) -> None:
    told = {}
    for answer in outcome.messages:
        if isinstance(answer, Answer) and "; otherwise with " in answer.evidence:
            case = CASES[answer.id]
            told[case.kind, case.module, case.expression or case.symbol] = answer.evidence
    assert set(told) == set(DIFFERING)
    for key, evidence in DIFFERING.items():
        assert evidence in told[key].partition("; otherwise with tpkg_runtime: ")[2]


def test_what_the_exporter_held_is_reported(outcome: Outcome) -> None:
    [exported] = [item for item in outcome.messages if isinstance(item, Exported)]
    assert exported.runtime == "torch.package 2.13"
    assert exported.interned == tuple(sorted((*INTERNED, "lab.constants")))
    assert exported.broken == {"extra": "NO_ACTION", "sys": "NO_ACTION"}
    assert exported.raised == "PackagingError"


def test_imports_past_the_package_are_seen_while_the_smoke_function_runs(outcome: Outcome) -> None:
    seen = [item for item in outcome.messages if isinstance(item, SeenImport)]
    assert seen == [SeenImport("lab.lookup", 8, "lab.state", True, "running smoke:run")]


def test_a_module_that_does_not_import_is_noted(outcome: Outcome) -> None:
    notes = [item.text for item in outcome.messages if isinstance(item, Note)]
    assert any(text.startswith("importing lab.dated from the package: AttributeError") for text in notes)


def asked(folder: Path, steps: list[Step], experiment: Experiment, **options: Any) -> Answer:
    request = Request("lab", tuple(steps), (str(folder),), "torch", (experiment,), **options)
    [answer] = [item for item in ask_probe(sys.executable, request).messages if isinstance(item, Answer)]
    return answer


def test_a_package_that_cannot_be_loaded(lab: Path) -> None:
    steps = [
        Step(declaration=Declaration("intern", ("lab.constants",))),
        Step(declaration=Declaration("extern", ("lab", "hosted"))),
        Step(save=Save("module", "lab.constants")),
        Step(save=Save("globals", "data", "rows.pkl", (("lab", "helper"),))),
    ]
    answer = asked(lab, steps, Experiment(0, KIND.LOAD_RAISES, "", "lab"))
    assert answer.verdict is CONFIRMED
    assert "opened with torch.package 2.13: ImportError" in answer.evidence


def test_an_empty_pattern_beside_one_that_takes_something(lab: Path) -> None:
    steps = [
        Step(declaration=Declaration("intern", ("", "lab.constants"))),
        Step(save=Save("source", "saved", "import lab.constants\n")),
    ]
    unused = {index: asked(lab, steps, Experiment(0, KIND.PATTERN_UNUSED, "", "0", index)) for index in ("0", "1")}
    assert [item.verdict for item in unused.values()] == [CONFIRMED, REFUTED]
    assert "the empty pattern takes no module, though another pattern" in unused["0"].evidence
    assert "`lab.constants` takes lab.constants" in unused["1"].evidence


def test_a_resource_that_cannot_be_loaded(lab: Path) -> None:
    steps = [
        Step(declaration=Declaration("intern", ("shared",))),
        Step(save=Save("module", "shared")),
        Step(save=Save("resource", "shared", "table.txt")),
    ]
    answer = asked(lab, steps, Experiment(0, KIND.RESOURCE_LOST, "", "shared"))
    assert answer.verdict is CONFIRMED
    assert "table.txt of shared read with torch.package 2.13: " in answer.evidence


def test_what_is_not_exported_raises_no_import(lab: Path) -> None:
    """A package that no other action of a module would repair says nothing of its modules."""
    steps = [
        Step(declaration=Declaration("intern", ("lab.constants",))),
        Step(save=Save("module", "lab.constants")),
        Step(save=Save("source", "lab.more", "from ... import extra\n")),
    ]
    answer = asked(lab, steps, Experiment(0, KIND.IMPORT_RAISES, "lab.constants", ""))
    assert answer.verdict is OPEN
    assert "could not be tried: PackagingError" in answer.evidence


def test_the_script_is_stood_in_for_and_does_not_run(tmp_path: Path) -> None:
    script = tmp_path / "export.py"
    script.write_text(SCRIPT)
    steps = [
        Step(declaration=Declaration("intern", ("__main__",))),
        Step(save=Save("globals", "data", "net.pkl", (("__main__", "Net"),))),
    ]
    answer = asked(tmp_path, steps, Experiment(0, KIND.MAIN_OBJECT, "", "Net"), main=str(script))
    assert (answer.verdict, answer.evidence[-31:]) == (CONFIRMED, ": __main__ is interned, for Net")


def test_a_class_of_the_script_is_not_there_for_another_one(tmp_path: Path) -> None:
    script = tmp_path / "export.py"
    script.write_text(SCRIPT)
    steps = [
        Step(declaration=Declaration("extern", ("__main__",))),
        Step(save=Save("globals", "data", "net.pkl", (("__main__", "Net"),))),
    ]
    answer = asked(tmp_path, steps, Experiment(0, KIND.MAIN_OBJECT, "", "Net"), main=str(script))
    assert answer.verdict is CONFIRMED
    assert answer.evidence.endswith("AttributeError: module '__main__' has no attribute 'Net'")


def test_the_behaviour_of_the_configured_runtime_decides(lab: Path) -> None:
    outcome = ask(lab, "tpkg")
    dated = next(index for index, case in enumerate(CASES) if case.module == "lab.dated")
    [answer] = [item for item in outcome.messages if isinstance(item, Answer) and item.id == dated]
    assert answer.verdict is Verdict.REFUTED
    assert "otherwise with torch.package 2.13" in answer.evidence
