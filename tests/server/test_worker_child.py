"""The worker's side: jobs that are not wanted any more end wherever they are."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tpkg_analyzer.session.live import Live
from tpkg_analyzer.session.preferences import Preferences
from tpkg_server.worker.answers import answer
from tpkg_server.worker.child import Desk
from tpkg_server.worker.questions import Job, Question

_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class _Loop(Question[str]):
    """Work that ends by itself only after a long time."""

    begun: threading.Event


@dataclass(frozen=True, slots=True)
class _LoopInFinalizer(_Loop):
    """The same, and the end of an object takes some of that time."""


class _Dying:
    def __init__(self, begun: threading.Event) -> None:
        self._begun = begun

    def __del__(self) -> None:
        self._begun.set()
        _spin(0.1)


def _spin(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


@answer.register
def _loop(question: _Loop, live: Live) -> str:  # noqa: ARG001 - the signature of all answers
    question.begun.set()
    _spin(_PATIENCE)
    return "nobody came"


@answer.register
def _loop_in_finalizer(question: _LoopInFinalizer, live: Live) -> str:  # noqa: ARG001 - the signature of all answers
    dying = _Dying(question.begun)
    del dying
    _spin(_PATIENCE)
    return "nobody came"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk in this process, as `main` sets it up in its own."""
    made = Desk(Preferences())
    monkeypatch.setattr(sys, "unraisablehook", made.dropped)
    before = signal.signal(signal.SIGINT, made.interrupt)
    yield made
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("kind", [_Loop, _LoopInFinalizer])
def test_broken_off(desk: Desk, kind: type[_Loop]) -> None:
    """Also where the interpreter drops the exception: what a finalizer raises goes nowhere."""
    begun = threading.Event()

    def cancel() -> None:
        begun.wait(_PATIENCE)
        desk._break_off(1)

    threading.Thread(target=cancel).start()
    reply = desk.work(Job(1, None, kind(begun)))
    assert (reply.is_cancelled, reply.error) == (True, None)
    assert desk.work(Job(2, None, _Short())).answer == "done"


@dataclass(frozen=True, slots=True)
class _Short(Question[str]):
    """Work that is done at once."""


@answer.register
def _short(question: _Short, live: Live) -> str:  # noqa: ARG001 - the signature of all answers
    return "done"


def test_another_job_is_left_alone(desk: Desk) -> None:
    """Who comes too late does no harm."""
    desk._break_off(1)
    assert desk.work(Job(2, None, _Short())).answer == "done"
