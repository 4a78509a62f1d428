"""Findings that no package of the project decides about: of code that opens an archive, and of what needs none."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.confirm.test_each_rule import confirmed
from tpkg_analyzer.model.diagnostic import Certainty

pytestmark = pytest.mark.torch

NET = "class Net:\n    pass\n"
MAKE = (
    "from torch.package import PackageExporter\nfrom net import Net\n\n"
    "with PackageExporter('old.pt') as exporter:\n"
    "    exporter.intern('net')\n    exporter.save_pickle('net', 'net.pkl', Net())\n"
)
SERVE = (
    "import pickle\nfrom torch.package import PackageExporter, PackageImporter\n\n"
    "importer = PackageImporter('old.pt')\nnet = importer.load_pickle('net', 'net.pkl')\npickle.dumps(net)\n"
    "with PackageExporter('new.pt') as exporter:\n    exporter.save_pickle('net', 'net.pkl', net)\n"
    "importer.load_text('net', 'notes.txt')\n"
)
REDUCED = (
    "import torch\n\n\nclass Words:\n    def __reduce_package__(self, exporter):\n        return load, ('a',)\n\n\n"
    "def load(importer): ...\n"
)


def verdicts(folder: Path) -> dict[str, tuple[Certainty, str]]:
    found = confirmed(folder)
    return {item.code: (item.certainty, item.evidence or "") for item in found if item.code.startswith("TPK5")}


def test_an_archive_that_is_there_is_opened(tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    place.mkdir()
    for name, text in {"net.py": NET, "make.py": MAKE}.items():
        (place / name).write_text(text)
    subprocess.run([sys.executable, "make.py"], cwd=place, check=True)
    project = tmp_path / "project"
    project.mkdir()
    (place / "old.pt").rename(project / "old.pt")
    (project / "serve.py").write_text(SERVE)
    (project / "words.py").write_text(REDUCED)
    found = verdicts(project)
    assert {code: verdict for code, (verdict, _) in found.items()} == dict.fromkeys(
        ("TPK506", "TPK507", "TPK509", "TPK510"), Certainty.CONFIRMED
    )
    assert "notes.txt of net read with torch.package 2.13: " in found["TPK506"][1]
    assert "Words() loaded with torch.package 2.13: TypeError: " in found["TPK507"][1]
    assert ".net.Net saved without its importer" in found["TPK509"][1]
    assert ".net.Net): " in found["TPK510"][1]


def test_an_archive_that_is_not_there_leaves_them_open(tmp_path: Path) -> None:
    (tmp_path / "serve.py").write_text(SERVE)
    missing = "could not be tried: old.pt is not there, and no export of the project writes it"
    assert verdicts(tmp_path) == dict.fromkeys(("TPK509", "TPK510"), (Certainty.OPEN, missing))


def test_an_archive_that_cannot_be_read_leaves_them_open(tmp_path: Path) -> None:
    (tmp_path / "serve.py").write_text(SERVE)
    (tmp_path / "old.pt").write_bytes(b"no archive")
    found = verdicts(tmp_path)
    assert {code: verdict for code, (verdict, _) in found.items()} == dict.fromkeys(
        ("TPK509", "TPK510"), Certainty.OPEN
    )
    assert all("could not be tried: RuntimeError: PytorchStreamReader" in evidence for _, evidence in found.values())
