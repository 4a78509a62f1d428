"""Where a command prints: streams that are closed, full or gone, and a folder that is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="streams are other things there")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text("def f(:\n")
    return tmp_path


def run(project: Path, script: str) -> subprocess.CompletedProcess[str]:
    command = script.replace("TOOL", str(TPKG_LINT))
    return subprocess.run(["/bin/sh", "-c", command], cwd=project, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", ["check", "rule --all", "--help"])
def test_a_reader_that_is_gone_is_no_error(project: Path, words: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [TPKG_LINT, *words.split()], cwd=project, stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert done.returncode == 0
    assert "Error" not in done.stderr


def test_a_closed_stream_is_done_without(project: Path) -> None:
    check = "TOOL check --output-format concise"
    without_output = run(project, f"{check} >&-")
    assert without_output.returncode == 1
    assert without_output.stderr.startswith("1 error")
    without_errors = run(project, f"{check} 2>&-")
    assert (without_errors.returncode, without_errors.stdout) == (1, "a.py:1:7: TPK001 syntax-error invalid syntax\n")


def test_a_text_from_an_input_that_is_closed(project: Path) -> None:
    done = run(project, "TOOL check - <&-")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "tpkg-lint: standard input is closed\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("words", ["check", "--version"])
def test_a_full_disk_is_told_in_one_line(project: Path, words: str) -> None:
    done = run(project, f"TOOL {words} >/dev/full")
    assert (done.returncode, done.stderr) == (2, "tpkg-lint: cannot write the answer: No space left on device\n")


def test_a_folder_that_is_gone_is_told_in_one_line(project: Path) -> None:
    (project / "gone").mkdir()
    done = run(project, "cd gone && rmdir ../gone && TOOL check")
    assert (done.returncode, done.stderr) == (2, "tpkg-lint: the current folder has been removed\n")


@pytest.mark.parametrize("warned", ["always", "error"])
@pytest.mark.parametrize("command", ["check", "closure --module odd --intern odd --extern '**'"])
def test_a_parser_does_not_warn_of_the_code_of_others(tmp_path: Path, command: str, warned: str) -> None:
    (tmp_path / "odd.py").write_text('PATTERN = "\\d"\nclass A:\n    """Digits: \\d"""\n')
    done = run(tmp_path, f"PYTHONWARNINGS={warned} TOOL {command} --no-cache")
    assert "escape" not in done.stdout + done.stderr
    assert done.returncode == 0


def test_silent_prints_nothing_and_writes_what_was_asked_for(project: Path) -> None:
    done = run(project, "TOOL check --silent --output json:found.json")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert "TPK001" in (project / "found.json").read_text("utf-8")


def test_output_file_takes_what_would_be_printed(project: Path) -> None:
    done = run(project, "FORCE_COLOR=1 TOOL check --output-format concise --output-file found.txt")
    assert (done.returncode, done.stdout) == (1, "")
    assert (project / "found.txt").read_text("utf-8") == "a.py:1:7: TPK001 syntax-error invalid syntax\n"


def test_a_device_takes_the_text_and_stays_what_it_is(project: Path) -> None:
    os.mkfifo(project / "pipe")
    check = "TOOL check --silent --output json:/dev/stdout --output concise:pipe"
    done = run(project, f"cat pipe >copy & {check}; wait")
    assert '"code": "TPK001"' in done.stdout
    assert (project / "copy").read_text("utf-8").startswith("a.py:1:7: TPK001")
    assert (project / "pipe").is_fifo()
