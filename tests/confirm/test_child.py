"""A probe that dies, hangs, floods or answers rubbish costs its verdicts and nothing else."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tpkg_analyzer.confirm.child import ask_probe
from tpkg_runtime.wire.codec import VERSION, WireError, decode, encode
from tpkg_runtime.wire.messages import (
    ANSWERS,
    Answer,
    Declaration,
    Experiment,
    ExperimentKind,
    Exported,
    Request,
    Save,
    SeenImport,
    Step,
    Verdict,
)

EXPERIMENT = Experiment(7, ExperimentKind.OWN_STATE, "m", "X")
STEPS = (
    Step(declaration=Declaration("intern", ("m",), ("m.x",), False)),
    Step(save=Save("object", "m", "C", (("m", "C"),))),
)
REQUEST = Request("p", STEPS, ("/x",), "tpkg", (EXPERIMENT,), smoke="m:f", memory=5)
SEEN = Answer(7, Verdict.CONFIRMED, "seen")
ANSWER = encode(SEEN)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-ins for interpreters are shell scripts")


def interpreter(folder: Path, script: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def is_running(process: int) -> bool:
    """Tell whether a process is still at work; one that waits to be reaped is not."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return shown.stdout.strip() not in ("", "Z")


def test_answers_are_read(tmp_path: Path) -> None:
    outcome = ask_probe(interpreter(tmp_path, f"cat >/dev/null; echo '{ANSWER}'"), REQUEST)
    assert outcome.messages == (SEEN,)
    assert outcome.failure is None


def test_a_probe_that_dies_keeps_what_it_said(tmp_path: Path) -> None:
    script = f"cat >/dev/null; echo '{ANSWER}'; echo 'MemoryError: no more' >&2; exit 3"
    outcome = ask_probe(interpreter(tmp_path, script), REQUEST)
    assert len(outcome.messages) == 1
    assert outcome.failure == "the probe died with status 3: MemoryError: no more"


def test_a_probe_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    left = tmp_path / "pid"
    script = f"cat >/dev/null; sleep 600 & echo $! > {left}; sleep 600"
    outcome = ask_probe(interpreter(tmp_path, script), REQUEST, patience=1)
    assert outcome.failure == "the probe took longer than 1 s"
    ends = time.monotonic() + 20  # a signal that was sent need not have been delivered yet
    while is_running(int(left.read_text())):
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_rubbish_and_floods_are_refused(tmp_path: Path) -> None:
    outcome = ask_probe(
        interpreter(tmp_path, "cat >/dev/null; yes rubbish | head -c 3000000; yes | head -c 3000000 >&2"), REQUEST
    )
    assert outcome.messages == ()
    assert outcome.failure is not None
    assert outcome.failure.startswith("the probe said something else: not JSON")


def test_no_interpreter(tmp_path: Path) -> None:
    outcome = ask_probe(str(tmp_path / "nothing"), REQUEST)
    assert outcome.failure is not None
    assert outcome.failure.startswith("the probe does not start")


def test_the_project_does_not_see_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only tpkg_runtime becomes importable, not what it is installed beside."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    (tmp_path / "m.py").write_text("import tpkg_analyzer\n")
    saved = (Step(save=Save("module", "m")),)
    request = Request("p", saved, (str(tmp_path),), "tpkg", (Experiment(0, ExperimentKind.OWN_STATE, "m", "X"),))
    bare = next((str(path) for path in Path(sys.base_prefix).glob("bin/python3") if path.exists()), None)
    assert bare is not None
    outcome = ask_probe(bare, request)
    [answer] = [message for message in outcome.messages if isinstance(message, Answer)]
    assert answer.verdict is Verdict.OPEN
    assert "No module named 'tpkg_analyzer'" in answer.evidence


MESSAGES = [
    REQUEST,
    SEEN,
    Exported("torch.package 2.13", ("a",), (), (), (), {"b": "NO_ACTION"}, None, ()),
    SeenImport("m", 3, "x.y", True, "importing m"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_messages_survive_the_wire(message: object) -> None:
    assert decode(encode(message), (Request, *ANSWERS)) == message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("[]", "not a message of version"),
        ("{}", "not a message of version"),
        (f'{{"version": {VERSION}, "type": "Request"}}', "'Request' is not expected here"),
        (f'{{"version": {VERSION}, "type": "Answer", "id": 1}}', "evidence, verdict missing or unknown"),
        (ANSWER.replace("7", '"7"'), "Answer.id: expected int, got str"),
        (ANSWER.replace("confirmed", "sure"), "'sure' is no Verdict"),
    ],
)
def test_what_is_no_message_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(WireError) as raised:
        decode(text, ANSWERS)
    assert said in str(raised.value)
