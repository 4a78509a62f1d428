"""The fix in a full report: the lines that it changes, in the file that it changes."""

import subprocess
import sys
from pathlib import Path

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")


def report(folder: Path, select: str) -> list[str]:
    command = [TPKG_LINT, "check", "--python", sys.executable, "--select", select]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.splitlines()


def test_changed_lines_are_shown_with_their_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import torch\n\nX = 1  # tpkg: ignore[TPK301]\n")
    assert report(tmp_path, "TPK003,TPK301")[-4:-1] == [
        "  fix: Remove what is unused",
        "3 - X = 1  # tpkg: ignore[TPK301]",
        "3 + X = 1",
    ]


def test_another_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "tpkg-lint.toml").write_text(
        '[[package]]\nname = "net"\nmodules = ["net"]\nactions = [{ extern = "numpy.**" }]\n'
    )
    (tmp_path / "net.py").write_text("import layers\n")
    (tmp_path / "layers.py").write_text("")
    lines = report(tmp_path, "TPK101")
    assert "  tpkg-lint.toml" in lines
    assert [line.split(" ", 1) for line in lines if line[:1] == "5"] == [
        ["5", '+            { intern = "layers.**" }]']
    ]
