"""A fix takes no pattern away that another call, or another export of the same code, needs."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.scenarios import findings_in

_TOLD_TWICE = """
from torch.package import PackageExporter

RULES = [("extern", ["heads.small", "heads.big"]), ("intern", ["net"])]
with PackageExporter("net.pt") as exporter:
    for action, patterns in RULES:
        getattr(exporter, action)(patterns)
    for action, patterns in RULES[:1]:
        getattr(exporter, action)(patterns)
    exporter.save_module("net")
"""
_TWO_EXPORTS = """
from torch.package import PackageExporter


def save(name, module):
    with PackageExporter(f"{name}.pt") as exporter:
        exporter.extern("helpers.**")
        exporter.save_module(module)


for name, module in (("first", "net"), ("second", "plain")):
    save(name, module)
"""
_ALIKE = _TWO_EXPORTS.replace('"net"', '"plain"')
_FILES = {
    "net.py": "import heads.big\nimport heads.small\nimport helpers\n",
    "plain.py": "",
    "helpers.py": "",
    "heads/__init__.py": "",
    "heads/big.py": "",
    "heads/small.py": "",
}


@pytest.mark.parametrize(
    ("code", "text", "is_fixed"),
    [
        ("TPK121", _TOLD_TWICE, [False, False]),
        ("TPK125", _TWO_EXPORTS, []),
        ("TPK125", _ALIKE, [True]),
    ],
    ids=["told twice", "two exports", "two exports that are alike"],
)
def test_what_others_need_is_kept(code: str, text: str, is_fixed: list[bool], tmp_path: Path) -> None:
    for name, source in {**_FILES, "export.py": text.lstrip("\n")}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="utf-8")
    found = [item for item in findings_in(tmp_path) if item.code == code]
    assert [item.fix is not None for item in found] == is_fixed


def test_what_a_package_needs_that_nobody_asks_for_is_kept(tmp_path: Path) -> None:
    for name, source in {**_FILES, "export.py": _TWO_EXPORTS.lstrip("\n"), "tpkg-lint.toml": ""}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="utf-8")
    command = [Path(sys.executable).with_name("tpkg-lint"), "check", "--fix", "--package", "second", "--exit-zero"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "export.py").read_text(encoding="utf-8") == _TWO_EXPORTS.lstrip("\n")
