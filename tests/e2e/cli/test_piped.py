"""Texts from standard input."""

import subprocess
import sys
from pathlib import Path

import pytest

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")
TEXT = "import torch\nCACHE = {}\n\n\ndef put(key):\n    CACHE[key] = 1\n"
SUPPRESSED = "import torch\n\nX = 1  # tpkg: ignore[TPK301]\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tpkg-lint.toml").write_text("exclude = ['gen']\n")
    (tmp_path / "net.py").write_text("X = 1\n")
    return tmp_path


def piped(folder: Path, text: str | bytes, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [TPKG_LINT, "check", "--python", sys.executable, "--output-format", "concise", *words]
    data = text.encode() if isinstance(text, str) else text
    return subprocess.run(command, cwd=folder, capture_output=True, input=data, check=False, timeout=120)


def test_the_text_stands_for_the_file(project: Path) -> None:
    for words, path in (
        (["-"], "stdin.py"),
        (["--stdin-filename", "net.py"], "net.py"),
        (["--stdin-filename", "no/x.py"], "no/x.py"),
    ):
        done = piped(project, TEXT, *words)
        assert done.returncode == 1
        assert done.stdout.decode().startswith(f"{path}:2:1: TPK301")


def test_an_excluded_name_is_left_out_where_that_is_forced(project: Path) -> None:
    assert piped(project, TEXT, "--stdin-filename", "gen/x.py").returncode == 1
    assert piped(project, TEXT, "--stdin-filename", "gen/x.py", "--force-exclude").returncode == 0


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_fixes_go_to_standard_output(project: Path, ends: str) -> None:
    text = SUPPRESSED.replace("\n", ends)
    done = piped(project, text, "--fix", "--stdin-filename", "net.py")
    assert done.stdout.decode() == f"import torch{ends}{ends}X = 1{ends}"
    assert (project / "net.py").read_text() == "X = 1\n"
    assert piped(project, TEXT, "--fix-only", "-").stdout.decode() == TEXT
    assert piped(project, text, "--diff", "-").stdout.decode().startswith("--- stdin.py")


def test_a_fix_in_another_file_is_not_made(project: Path) -> None:
    """What comes back is written over the file by an editor: it is never the text of another one."""
    table = '[[package]]\nname = "p"\nmodules = ["net"]\nactions = [{ mock = "other" }]\n'
    (project / "tpkg-lint.toml").write_text(table)
    (project / "late.py").write_text("")
    for text, after in (("import late\n", "import late\n"), (f"import late\n{SUPPRESSED}", "X = 1\n")):
        done = piped(project, text, "--fix", "--select", "TPK003,TPK101,TPK301", "--stdin-filename", "net.py")
        assert done.stdout.decode().startswith("import late\n")
        assert done.stdout.decode().endswith(after)
    assert (project / "tpkg-lint.toml").read_text() == table


def test_other_codings(project: Path) -> None:
    text = "# coding: latin-1\nimport torch\nNAME = '\xe9'  # tpkg: ignore[TPK301]\n".encode("latin-1")
    assert piped(project, text, "--fix", "--select", "TPK0,TPK301", "-").stdout == text.replace(
        b"  # tpkg: ignore[TPK301]", b""
    )
    broken = piped(project, b"# coding: utf-8\nX = '\xff'\n", "-")
    assert (broken.returncode, b"TPK001" in broken.stdout) == (1, True)


@pytest.mark.parametrize("words", [["--stdin-filename", "a.py", "b.py"], ["-", "--watch"], ["-", "--add-ignore"]])
def test_what_cannot_be_done_with_a_text(project: Path, words: list[str]) -> None:
    done = piped(project, TEXT, *words)
    assert (done.returncode, done.stdout) == (2, b"")
