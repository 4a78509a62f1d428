"""What user code does while it is confirmed costs its own verdicts, and nothing else."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tpkg_analyzer.confirm.child import Outcome, ask_probe
from tpkg_runtime.wire.messages import (
    Answer,
    Declaration,
    Experiment,
    ExperimentKind,
    Note,
    Request,
    Save,
    Step,
    Verdict,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes and namespaces as Linux has them")

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")
INSIDE = "import os, sys, time\n\nif __name__.startswith('<torch_package_'):\n"
CONFIG = '[[package]]\nname = "p"\nmodules = ["wild"]\nactions = [{ intern = "wild" }]\n'


@pytest.fixture(scope="module")
def bare() -> str:
    """An interpreter that has our runtime alone to try, and so starts at once."""
    found = next((path for path in Path(sys.base_prefix).glob("bin/python3") if path.exists()), None)
    assert found is not None
    return str(found)


def ask(bare: str, folder: Path, lines: str, *, patience: float = 60, memory: int | None = None) -> Outcome:
    """Confirm a package whose one module does something when it is imported from the package."""
    (folder / "wild.py").write_text(INSIDE + "".join(f"    {line}\n" for line in lines.split("\n")))
    steps = (Step(declaration=Declaration("intern", ("wild",))), Step(save=Save("module", "wild")))
    experiments = (
        Experiment(0, ExperimentKind.IMPORT_RAISES, "wild", ""),
        Experiment(1, ExperimentKind.EXPORT_ERROR, "", "wild"),
        Experiment(2, ExperimentKind.LOAD_RAISES, "", "p"),
    )
    request = Request("p", steps, (str(folder),), "tpkg", experiments, memory=memory, read_only=(str(folder),))
    return ask_probe(bare, request, patience)


def verdicts(outcome: Outcome) -> dict[int, Verdict]:
    return {item.id: item.verdict for item in outcome.messages if isinstance(item, Answer)}


def notes(outcome: Outcome) -> str:
    return "\n".join(item.text for item in outcome.messages if isinstance(item, Note))


@pytest.mark.parametrize(
    ("lines", "failure", "patience"),
    [
        ("os.kill(os.getpid(), 11)", "the probe was killed by SIGSEGV: ", 120),
        ("sys.stderr.write('out of luck\\n')\nsys.stderr.flush()\nos._exit(7)", "died with status 7: out of luck", 120),
        # As long as the export takes on a machine that has much else to do.
        ("os.fork()\ntime.sleep(600)", "the probe took longer than 12 s", 12),
    ],
    ids=["crashes", "exits", "forks and hangs"],
)
def test_the_export_is_known_although_an_import_ends_the_process(
    bare: str, tmp_path: Path, lines: str, failure: str, patience: float
) -> None:
    outcome = ask(bare, tmp_path, lines, patience=patience)
    assert failure in (outcome.failure or "")
    assert verdicts(outcome) == {1: Verdict.REFUTED}


@pytest.mark.parametrize(
    ("lines", "evidence"),
    [
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("sys.exit('enough')", "SystemExit: enough"),
        ("bytearray(2**33)", "MemoryError"),
    ],
)
def test_what_code_raises_is_its_own_verdict(bare: str, tmp_path: Path, lines: str, evidence: str) -> None:
    outcome = ask(bare, tmp_path, lines, memory=2**31)
    assert outcome.failure is None
    assert verdicts(outcome) == {0: Verdict.CONFIRMED, 1: Verdict.REFUTED, 2: Verdict.REFUTED}
    assert evidence in next(item.evidence for item in outcome.messages if isinstance(item, Answer) and item.id == 0)


def test_what_code_prints_is_no_answer(bare: str, tmp_path: Path) -> None:
    loud = (
        "print('{}', flush=True)\nos.write(1, b'rubbish\\n' * 500000)\nos.write(2, b'more\\n' * 500000)\nprint(input)"
    )
    outcome = ask(bare, tmp_path, loud)
    assert outcome.failure is None
    assert verdicts(outcome) == dict.fromkeys((0, 1, 2), Verdict.REFUTED)


def test_who_writes_to_the_answers_is_not_listened_to(bare: str, tmp_path: Path) -> None:
    rude = "for number in range(3, 20):\n    try: os.write(number, b'rubbish\\n')\n    except OSError: pass"
    outcome = ask(bare, tmp_path, rude)
    assert (outcome.failure or "").startswith("the probe said something else: not JSON")
    assert verdicts(outcome) == {1: Verdict.REFUTED}


def test_nothing_is_written_into_the_project(bare: str, tmp_path: Path) -> None:
    target = tmp_path / "left"
    outcome = ask(bare, tmp_path, f"open({str(target)!r}, 'w')")
    if "is not refused" not in notes(outcome):
        assert not target.exists()
        assert "Read-only file system" in notes(outcome)
    assert {path.name for path in tmp_path.iterdir()} - {"left"} == {"wild.py"}


def test_a_temporary_folder_is_there_and_goes(bare: str, tmp_path: Path) -> None:
    place = tmp_path / "place"
    lines = "import tempfile\nplace = tempfile.mkdtemp()\nopen(place + '/x', 'w').close()\nraise SystemExit(place)"
    (tmp_path / "project").mkdir()
    outcome = ask(bare, tmp_path / "project", lines)
    said = next(item.evidence for item in outcome.messages if isinstance(item, Answer) and item.id == 0)
    place = Path(said.rpartition("SystemExit: ")[2])
    assert place.parent.name.startswith("tpkg-lint-")
    assert not place.parent.exists()


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_network_cannot_be_reached(bare: str, tmp_path: Path, port: int) -> None:
    outcome = ask(bare, tmp_path, f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 5).close()")
    expected = Verdict.REFUTED if "the network is not off" in notes(outcome) else Verdict.CONFIRMED
    assert verdicts(outcome)[0] is expected


def is_running(process: int) -> bool:
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return shown.stdout.strip() not in ("", "Z")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda sent: sent.name)
def test_a_run_that_is_ended_leaves_no_process(bare: str, tmp_path: Path, sent: signal.Signals) -> None:
    """Whether a person presses Ctrl-C, an editor stops its server, or the machine kills the command."""
    project, scratch = tmp_path / "project", tmp_path / "scratch"
    project.mkdir()
    scratch.mkdir()
    (project / "tpkg-lint.toml").write_text(CONFIG)
    (project / "wild.py").write_text(
        f"{INSIDE}    open('pid.new', 'w').write(str(os.getpid()))\n"
        "    os.rename('pid.new', 'pid')\n    time.sleep(600)\n\nCACHE = {}\n\ndef put(key):\n    CACHE[key] = 1\n"
    )
    command = [TPKG_LINT, "check", "--confirm", "--no-cache", "--python", bare]
    with subprocess.Popen(
        command, cwd=project, env={**os.environ, "TMPDIR": str(scratch)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        while child.poll() is None and not (found := [*scratch.glob("*/pid")]):
            time.sleep(0.05)
        assert child.poll() is None, child.communicate()
        probe = int(found[0].read_text())
        child.send_signal(sent)
        child.communicate()
    if sent is signal.SIGINT:
        assert child.returncode == 130
        assert [*scratch.iterdir()] == []
    while is_running(probe):
        time.sleep(0.05)
