"""The import contracts of pyproject.toml hold, and each of them bites."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from importlinter.api import read_configuration

from tests.house.tree import PACKAGES, ROOT


@dataclass(frozen=True)
class Violation:
    """One line that a contract must refuse, and the module that it is put into."""

    contract: str
    module: str
    line: str


VIOLATIONS = [
    Violation("tiers", "runtime/tpkg_runtime/spec/globs.py", "import tpkg_analyzer.model"),
    Violation("tiers", "analyzer/tpkg_analyzer/model/package.py", "import tpkg_server"),
    Violation("analyzer-layers", "analyzer/tpkg_analyzer/model/package.py", "import tpkg_analyzer.config"),
    Violation("analyzer-layers", "analyzer/tpkg_analyzer/surprise.py", "'a layer that nobody has declared'"),
    Violation("runtime-layers", "runtime/tpkg_runtime/spec/globs.py", "import tpkg_runtime.archive"),
    Violation("runtime-layers", "runtime/tpkg_runtime/surprise.py", "'a layer that nobody has declared'"),
    Violation("torch-free-runtime", "analyzer/tpkg_analyzer/scan/closure.py", "import tpkg_runtime.environment"),
    Violation("rules-apart", "analyzer/tpkg_analyzer/rules/no_action.py", "import tpkg_analyzer.rules.host_import"),
    Violation("libcst-in-rules", "analyzer/tpkg_analyzer/scan/facts.py", "def late(): import libcst"),
    Violation("torch-free-runtime", "server/tpkg_server/main.py", "import tpkg_runtime.exporter"),
    Violation("server-layers", "server/tpkg_server/analysis.py", "import tpkg_server.features.hover"),
    Violation("features-apart", "server/tpkg_server/features/hover.py", "import tpkg_server.features.references"),
    Violation("lsp-in-server", "analyzer/tpkg_analyzer/session/session.py", "from lsprotocol import types"),
    Violation("lsp-in-server", "runtime/tpkg_runtime/probe/main.py", "import pygls"),
    Violation("torch-in-runtime", "analyzer/tpkg_analyzer/scan/closure.py", "def late(): import torch"),
    Violation("torch-in-runtime", "runtime/tpkg_runtime/spec/globs.py", "import torch.package"),
    Violation("runtime-alone", "runtime/tpkg_runtime/spec/globs.py", "import msgspec"),
]


def lint_imports(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the contracts of a checkout on its own packages."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()"]
    path = os.pathsep.join(str(folder / name) for name in PACKAGES.values())
    environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "200"}
    command += ["--no-logo", "--no-cache", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the three packages and of the contracts, to do wrong in."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name in PACKAGES.values():
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_contracts_are_kept() -> None:
    """`make lint` says the same."""
    run = lint_imports(ROOT)
    assert run.returncode == 0, run.stdout + run.stderr


def test_each_contract_has_a_violation() -> None:
    """A contract without a violation below may be one that keeps nothing."""
    contracts = read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    assert {violation.contract for violation in VIOLATIONS} == {contract["id"] for contract in contracts}


@pytest.mark.parametrize("violation", VIOLATIONS, ids=lambda violation: f"{violation.contract}-{violation.line}")
def test_contract_bites(copy: Path, violation: Violation) -> None:
    """The line breaks the contract, and only the line does."""
    file = copy / violation.module
    before = file.read_text(encoding="utf-8") if file.exists() else None
    file.write_text(f"{before or ''}\n{violation.line}\n", encoding="utf-8")
    try:
        run = lint_imports(copy, "--contract", violation.contract)
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_text(before, encoding="utf-8")
    assert run.returncode == 1
    assert "1 broken" in run.stdout, run.stdout + run.stderr
