"""What a person sees while a check runs, and what a program never sees."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="there are no terminals of this kind here")

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")
CLEAR = b"\r\x1b[K"


def seen_on_terminal(folder: Path, *words: str, **variables: str) -> bytes:
    """Return what the command writes to standard error where that is a terminal."""
    ours, theirs = pty.openpty()
    command = [TPKG_LINT, "check", "--python", sys.executable, "--no-cache", *words]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, **variables}
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:
        pass  # how Linux says that the other side has been closed
    finally:
        os.close(ours)
        process.wait()
    return shown


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tpkg-lint.toml").write_text(
        '[[package]]\nname = "net"\nmodules = ["net"]\nactions = [{ intern = "net" }]\n'
    )
    (tmp_path / "net.py").write_text("import torch\n")
    return tmp_path


def test_progress_is_one_line_that_goes_away(project: Path) -> None:
    shown = seen_on_terminal(project, TERM="xterm")
    assert CLEAR + b"following the imports" in shown or CLEAR + b"checking 1 of 1 files" in shown
    assert shown.rpartition(CLEAR)[2].startswith(b"no findings; 1 file checked")


@pytest.mark.parametrize(("words", "variables"), [(["--quiet"], {"TERM": "xterm"}), ([], {"TERM": "dumb"})])
def test_nothing_moves_where_nobody_wants_it(project: Path, words: list[str], variables: dict[str, str]) -> None:
    assert b"\x1b" not in seen_on_terminal(project, *words, **variables)
