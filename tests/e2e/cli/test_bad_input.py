"""What cannot be used gets one clear message on standard error and exit status 2; other files are still checked."""

import subprocess
import sys
from pathlib import Path

import pytest

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TPKG_LINT, *words], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["check", ""], "an empty word names no file or folder"),
        (["clean", "fine", ""], "an empty word names no file or folder"),
        (["check", "nope"], "there is no file or folder nope"),
        (["chek"], "did you mean `check`?"),
        (["check", "--select", "TPK999"], "there is no rule `TPK999`"),
        (["check", "--ignore", "host-imprt"], "did you mean `host-import`?"),
        (["rule", "mutable-globl"], "did you mean `mutable-global`?"),
        (["check", "--config", "nope.toml"], "cannot read nope.toml"),
        (["check", "--python", "/nope/python"], "there is no interpreter at /nope/python"),
        (["check", "--python", "/bin/true"], "does not answer as a Python interpreter"),
        (["check", "--package", "nope"], "no package is configured here"),
        (["closure"], "no package is configured here"),
        (["why"], "usage: tpkg-lint why [OPTIONS] MODULE [PATH ...]"),
        (["closure", "--intern", "a"], "a package needs something to save"),
        (["closure", "--exclude", "a"], "--exclude needs a pattern before it"),
        (["closure", "--object", "a:"], "`a:` names no object"),
        (["check", "--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["check", "--output-format", "xml"], "invalid choice: 'xml'"),
        (["check", "--select", ","], "`,` names no rule"),
        (["check", "--select", "TPK9999"], "there is no rule `TPK9999`\n  help: `tpkg-lint rule` lists all rules"),
        (["why", "a", "--limit", "0"], "argument --limit: `0` is no number above zero"),
        (["why", "a", "--limit", "few"], "argument --limit: `few` is no number above zero"),
        (
            ["check", "-", "--stdin-filename", "pyproject.toml"],
            "a text on standard input is read as Python or as a notebook\n"
            "  help: name the file instead: tpkg-lint check pyproject.toml",
        ),
        (["check", "--output", "sarif"], "write for example sarif:report"),
        (["check", "--output", "srif:x"], "did you mean `sarif`?"),
        (["check", "--output-file", "nope/x"], "cannot write nope/x: there is no such folder"),
        (["check", "--output", "json:."], "cannot write .: Is a directory"),
    ],
)
def test_usage(tmp_path: Path, words: list[str], message: str) -> None:
    done = run(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_an_object_of_a_class_that_is_not_there(tmp_path: Path) -> None:
    """The export would not come to its end, and its closure says so."""
    (tmp_path / "shop.py").write_text("class Net:\n    pass\n")
    done = run(tmp_path, "closure", "--object", "shop:Nett", "--intern", "**")
    assert "cannot save shop: shop has no Nett" in done.stdout
    assert done.stdout.endswith("outcome: ImportError\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"selct = []\n", "tpkg-lint.toml:1:9: unknown key `selct`\n  help: did you mean `select`?"),
        (b"src = [\n", "tpkg-lint.toml:1:8: this is not TOML"),
        (b"src = '\xff'\n", "tpkg-lint.toml:1:1: this is not UTF-8"),
    ],
)
def test_configuration(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "tpkg-lint.toml").write_bytes(content)
    done = run(tmp_path, "check")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_broken_pyproject_of_others_is_none_of_our_business(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.other\n")
    assert run(tmp_path, "check").returncode == 0


def test_files_that_cannot_be_read_do_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("import torch\nSEEN = []\ndef put(x):\n    SEEN.append(x)\n")
    (tmp_path / "broken.py").write_text("def f(:\n")
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "null.py").write_bytes(b"x = 1\x00\n")
    done = run(tmp_path, "check", "--output-format", "concise")
    assert done.returncode == 1
    found = {line.split(":")[0]: line.split()[1] for line in done.stdout.splitlines()}
    assert found == {"good.py": "TPK301", "broken.py": "TPK001", "binary.py": "TPK001", "null.py": "TPK001"}
    assert "1 file checked, 3 skipped" in done.stderr
