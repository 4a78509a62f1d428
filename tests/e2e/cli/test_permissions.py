"""What may not be read or written is told in one line, or passed over with a word."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")

# Root may do everything, unless it gives that up.
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
RIGHTS = "-dac_override,-dac_read_search"
BEFORE = ["setpriv", f"--bounding-set={RIGHTS}", f"--inh-caps={RIGHTS}"] if IS_ROOT else []

pytestmark = pytest.mark.skipif(
    os.name == "nt" or (IS_ROOT and shutil.which("setpriv") is None), reason="everything may be read here"
)


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*BEFORE, str(TPKG_LINT), *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "project"
    (folder / "app" / "secret" / "in").mkdir(parents=True)
    (folder / "app" / "secret" / "in" / "a.py").write_text("X = 1\n")
    (folder / "app" / "fine.py").write_text("def f(:\n")
    (folder / "tpkg-lint.toml").write_text('cache-dir = "../cache"\n')
    (folder / "app" / "secret").chmod(0)
    yield folder
    (folder / "app" / "secret").chmod(0o755)


@pytest.mark.parametrize("path", ["app/secret", "app/secret/in", "app/secret/in/a.py"])
@pytest.mark.parametrize("command", ["check", "closure", "clean"])
def test_what_is_named_has_to_be_readable(project: Path, command: str, path: str) -> None:
    done = run(project, command, path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"tpkg-lint: cannot read {path}: Permission denied\n"


def test_what_is_below_is_passed_over_with_a_word(project: Path) -> None:
    said = "tpkg-lint: passed over app/secret: Permission denied\n"
    for words in ([], ["app"], ["--show-files"], ["-q"]):
        done = run(project, "check", *words)
        assert "fine.py" in done.stdout
        assert said in done.stderr
    assert run(project, "check", "--silent").stderr == ""


def test_other_paths_that_may_not_be_read(project: Path) -> None:
    for words in (["--python", "app/secret/python"], ["--baseline", "app/secret/b"], ["--config", "app/secret/c.toml"]):
        done = run(project, "check", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.endswith(": Permission denied\n")
        assert "Traceback" not in done.stderr


def test_a_text_may_stand_for_a_file_that_may_not_be_read(project: Path) -> None:
    done = run(project, "check", "-", "--stdin-filename", "app/secret/in/a.py")
    assert (done.returncode, done.stderr) == (0, "no findings; 1 file checked\n")


def test_a_cache_that_cannot_be_written_is_told_once(project: Path) -> None:
    cache = project.parent / "cache"
    cache.mkdir(mode=0o555)
    done = run(project, "check", "app/fine.py", "tpkg-lint.toml")
    said = f"tpkg-lint: nothing is remembered in {project / '../cache'}: Permission denied\n"
    assert done.stderr == f"{said}1 error; 0 files checked, 1 skipped\n"
    assert run(project, "check", "app/fine.py", "-q").stderr == ""
    assert f"cache: {project / '../cache'} cannot be used\n" in run(project, "check", "-v").stderr
    assert "cache: none is used\n" in run(project, "check", "-v", "--no-cache").stderr


def test_a_cache_that_cannot_be_removed(project: Path) -> None:
    run(project, "check", "app/fine.py")
    [folder] = (project.parent / "cache").glob("v*")
    folder.chmod(0o555)
    done = run(project, "clean", "app/fine.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == f"tpkg-lint: cannot remove {project / '../cache' / folder.name / 'facts.sqlite'}: Permission denied\n"
    )
    folder.chmod(0o755)
    assert run(project, "clean", "app/fine.py").returncode == 0


def test_what_cannot_be_fixed_is_told_by_its_name(project: Path) -> None:
    (project / "app" / "fine.py").write_text("X = [1]  # tpkg: ignore[TPK301]\n")
    (project / "app").chmod(0o555)
    done = run(project, "check", "--fix", "app/fine.py")
    (project / "app").chmod(0o755)
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        "tpkg-lint: cannot write app/fine.py: Permission denied\n",
    )
