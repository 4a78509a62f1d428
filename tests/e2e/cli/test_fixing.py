"""`tpkg-lint check` with the options that change files."""

import subprocess
import sys
from pathlib import Path

import pytest

BEFORE = b"import torch\r\n\r\nSIZES = [1]  # tpkg: ignore[TPK301]\r\n"
AFTER = b"import torch\r\n\r\nSIZES = [1]\r\n"


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tpkg_analyzer.cli.main", "check", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_bytes(BEFORE)
    (tmp_path / "model.py").chmod(0o640)
    return tmp_path


def test_fix_keeps_line_ends_and_permissions(project: Path) -> None:
    done = run(project, "--fix", "--show-fixes")
    assert done.returncode == 0
    assert "fixed model.py: TPK003 unused-suppression" in done.stderr
    assert (project / "model.py").read_bytes() == AFTER
    assert (project / "model.py").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in project.iterdir()] == ["model.py"]


def test_a_link_goes_on_to_point_to_the_file(project: Path) -> None:
    (project / "model.py").rename(project / "real.txt")
    (project / "model.py").symlink_to("real.txt")
    assert run(project, "--fix-only").returncode == 0
    assert (project / "model.py").is_symlink()
    assert (project / "real.txt").read_bytes() == AFTER


def test_a_file_that_is_read_only_stays_as_it_is(project: Path) -> None:
    (project / "model.py").chmod(0o444)
    for words in (["--fix"], ["--fix-only"]):
        done = run(project, *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "tpkg-lint: cannot write model.py: the file is read-only\n"
    assert (project / "model.py").read_bytes() == BEFORE
    assert (project / "model.py").stat().st_mode & 0o777 == 0o444


def test_what_cannot_be_written_holds_nothing_else_up(project: Path) -> None:
    for name in ("a.py", "z.py"):
        (project / name).write_bytes(BEFORE)
    for name in ("a.py", "model.py"):
        (project / name).chmod(0o444)
    done = run(project, "--fix")
    assert (done.returncode, done.stdout) == (2, "")
    said = "tpkg-lint: cannot write a.py: the file is read-only; model.py: the file is read-only\n"
    assert done.stderr == said
    assert [(project / name).read_bytes() for name in ("a.py", "model.py", "z.py")] == [BEFORE, BEFORE, AFTER]


def test_a_file_with_two_names_keeps_both(project: Path) -> None:
    (project / "other.txt").hardlink_to(project / "model.py")
    assert run(project, "--fix-only").returncode == 0
    assert (project / "other.txt").read_bytes() == (project / "model.py").read_bytes() == AFTER
    assert (project / "other.txt").samefile(project / "model.py")


def test_diff_changes_nothing(project: Path) -> None:
    done = run(project, "--diff")
    assert done.returncode == 1
    assert "-SIZES = [1]  # tpkg: ignore[TPK301]" in done.stdout
    assert "+SIZES = [1]" in done.stdout
    assert (project / "model.py").read_bytes() == BEFORE


def test_options_that_need_another(project: Path) -> None:
    done = run(project, "--unsafe-fixes")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--unsafe-fixes needs --fix" in done.stderr


SEEN = "import torch\nSEEN = []\n\n\ndef see(value):\n    SEEN.append(value)\n"


def test_add_ignore_tells_what_it_cannot_do(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(SEEN)
    (tmp_path / "broken.py").write_text("def f(:\n")
    done = run(tmp_path, "--add-ignore")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "broken.py:1:7: TPK001 syntax-error cannot be kept quiet: invalid syntax\n1 finding kept quiet in 1 file\n"
    )
    assert "tpkg: ignore[TPK301]" in (tmp_path / "model.py").read_text()
    done = run(tmp_path, "--add-ignore", "--exit-zero")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "0 findings kept quiet in 0 files")


def test_add_ignore_as_a_diff(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(SEEN)
    done = run(tmp_path, "--add-ignore=known", "--diff")
    assert (done.returncode, done.stderr) == (1, "1 finding would be kept quiet in 1 file\n")
    assert "-SEEN = []\n+SEEN = []  # tpkg: ignore[TPK301] -- known\n" in done.stdout
    assert (tmp_path / "model.py").read_text() == SEEN
    for words in (("--fix", "--diff"), ("--fix-only",)):
        done = run(tmp_path, "--add-ignore", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"{' '.join(words)} does not go with --add-ignore" in done.stderr
    (tmp_path / "model.py").write_text("X = 1\n")
    done = run(tmp_path, "--add-ignore", "--diff")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "0 findings would be kept quiet in 0 files\n")


def test_add_ignore(tmp_path: Path) -> None:
    source = "import torch\nSEEN = []\n\n\ndef see(value):\n    SEEN.append(value)\n"
    (tmp_path / "model.py").write_text(source)
    assert run(tmp_path, "--add-ignore=one process each", ".").returncode == 0
    assert "SEEN = []  # tpkg: ignore[TPK301] -- one process each\n" in (tmp_path / "model.py").read_text()
    assert run(tmp_path, "--add-ignore", ".").returncode == 0
    assert run(tmp_path).returncode == 0
