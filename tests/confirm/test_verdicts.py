"""The four kinds of experiment, tried for real: what happens is confirmed, what does not is refuted."""

import sys
from pathlib import Path

import pytest

from tests.rules.scenarios import findings_in
from tpkg_analyzer.model.diagnostic import Certainty, Diagnostic
from tpkg_analyzer.session.confirming import confirm
from tpkg_analyzer.session.projects import find_projects, open_project

pytestmark = pytest.mark.torch

CONFIG = """\
[[package]]
name = "p"
modules = ["net.model"]
objects = ["net.model:Net"]
actions = [{ intern = "net.**" }]
"""
MODEL = """\
import importlib
import torch
import helpers
from net import state


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(2, 2)


def table():
    print("what user code prints is no answer")
    return importlib.import_module("net.state").CACHE
"""
SERVE = """\
from torch.package import PackageImporter
from net.model import Net

net = PackageImporter("p.pt").load_pickle("net", "net.pkl")
assert isinstance(net, Net)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "net").mkdir()
    files = {
        "tpkg-lint.toml": CONFIG,
        "net/__init__.py": "",
        "net/model.py": MODEL,
        "net/state.py": "CACHE = {}\n\ndef put(key):\n    CACHE[key] = 1\n",
        "helpers.py": "",
        "serve.py": SERVE,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def confirmed(project: Path, findings: list[Diagnostic]) -> dict[str, Diagnostic]:
    [files] = find_projects([project])
    session = open_project(files, sys.executable)
    return {item.code: item for item in confirm(session, findings, use_cache=False)}


def test_a_scripted_module_ends_the_export(tmp_path: Path) -> None:
    (tmp_path / "export.py").write_text(
        "import torch\nfrom torch.package import PackageExporter\n\n"
        "net = torch.jit.script(torch.nn.Linear(2, 2))\n"
        'with PackageExporter("net.pt") as exporter:\n    exporter.save_pickle("net", "net.pkl", net)\n'
    )
    [files] = find_projects([tmp_path])
    session = open_project(files, sys.executable)
    [package] = session.packages
    assert session.closure_of(package).outcome == "Exception"
    found = confirmed(tmp_path, findings_in(tmp_path))
    assert found["TPK502"].certainty is Certainty.CONFIRMED
    assert "Serializing ScriptModules directly into a package" in (found["TPK502"].evidence or "")


def test_each_finding_of_the_four_rules_is_confirmed(project: Path) -> None:
    found = confirmed(project, findings_in(project))
    assert {code: item.certainty for code, item in found.items()} == {
        "TPK101": Certainty.CONFIRMED,
        "TPK202": Certainty.CONFIRMED,
        "TPK301": Certainty.CONFIRMED,
        "TPK401": Certainty.CONFIRMED,
    }
    assert "PackagingError names helpers (NO_ACTION)" in (found["TPK101"].evidence or "")
    assert "gives the host's net.state" in (found["TPK202"].evidence or "")
    assert "0 entries and 0 entries in the packages, 0 entries in the host" in (found["TPK301"].evidence or "")
    assert "<torch_package_" in (found["TPK401"].evidence or "")


def test_what_is_no_longer_so_is_refuted(project: Path) -> None:
    findings = findings_in(project)
    config = CONFIG.replace('"net.**" }', '"net.model" }, { extern = ["helpers", "net.state"] }')
    (project / "tpkg-lint.toml").write_text(config)
    model = MODEL.replace("class Net(", "class _Other(").replace(
        "import state", "import state; from net.state import Net"
    )
    (project / "net/model.py").write_text(model)
    (project / "net/state.py").write_text("CACHE = {}\n\n\nclass Net:\n    pass\n")
    found = confirmed(project, findings)
    assert {code: item.certainty for code, item in found.items()} == {
        "TPK101": Certainty.REFUTED,
        "TPK202": Certainty.REFUTED,
        "TPK301": Certainty.REFUTED,
        "TPK401": Certainty.REFUTED,
    }
    assert found["TPK101"].evidence == "exported p with torch.package 2.13: it succeeds"


def test_what_cannot_be_tried_is_open_with_the_reason(project: Path) -> None:
    findings = findings_in(project)
    (project / "net/state.py").write_text("raise RuntimeError('not on this machine')\n")
    found = confirmed(project, findings)
    assert {item.certainty for item in found.values()} == {Certainty.OPEN}
    reason = "net.model cannot be imported: RuntimeError: not on this machine (line 1 of net.state)"
    assert found["TPK301"].evidence == f"could not be tried: {reason}"


SAVE = """\
import sys
from torch.package import PackageExporter
from net.model import Net

net = Net()
net.settings = sys.argv[1:] and __import__(sys.argv[1])
with PackageExporter("p.pt") as exporter:
    exporter.intern("net.**")
    exporter.save_pickle("net", "net.pkl", net)
"""


def test_what_is_certain_of_an_open_package_is_confirmed_and_nothing_of_it_refuted(project: Path) -> None:
    (project / "tpkg-lint.toml").write_text("")
    (project / "save.py").write_text(SAVE)
    findings = findings_in(project)
    assert confirmed(project, findings)["TPK004"].certainty is Certainty.PREDICTED
    missing = confirmed(project, findings)["TPK101"]
    assert missing.certainty is Certainty.CONFIRMED
    assert "PackagingError names helpers (NO_ACTION)" in (missing.evidence or "")
    (project / "net/model.py").write_text(MODEL.replace("import helpers\n", ""))
    missing = confirmed(project, findings)["TPK101"]
    assert missing.certainty is Certainty.OPEN
    assert (missing.evidence or "").endswith("it succeeds; only a part of the export is understood")


ADD = """\
from torch.package import PackageExporter

with PackageExporter("p.pt") as exporter:
    exporter.extern("cuda_only_kernels")
    exporter.intern("**")
    exporter.add_dependency("cuda_only_kernels")
    exporter.add_dependency("helpers")
    exporter.save_module("net.state")
"""


def test_what_is_added_by_name_is_in_the_export_that_is_tried(project: Path) -> None:
    (project / "tpkg-lint.toml").write_text("")
    (project / "save.py").write_text(ADD)
    (project / "serve.py").unlink()
    found = confirmed(project, findings_in(project))
    assert {code: item.certainty for code, item in found.items()} == {"TPK301": Certainty.CONFIRMED}
