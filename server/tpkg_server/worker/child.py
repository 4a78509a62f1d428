"""The worker's side: one job at a time, each of which can be broken off at any place.

A thread reads the pipe. It breaks a job off by raising in the main thread, and it ends the process with the pipe, so
that no worker outlives its server however that died.
"""

import _thread
import contextlib
import gc
import os
import queue
import signal
import sys
import threading
import traceback
import warnings
from types import FrameType
from typing import IO

from tpkg_analyzer.rule.registry import all_rules
from tpkg_analyzer.session.live import Live
from tpkg_analyzer.session.preferences import Preferences
from tpkg_server.worker.answers import answer
from tpkg_server.worker.frames import packed, read
from tpkg_server.worker.questions import Cancel, Job, Reply

_PATIENCE = 2.0
_SOON = 0.005
_REST = 1.0
"""Seconds without a job after which there is time to look for garbage."""
_WORTH_IT = 10_000
_A_PROJECT = 100_000
_TOO_MANY = 10_000_000
"""New objects: worth a search for garbage at rest, as of a first look, so many that even a job has to wait for it."""


class Cancelled(BaseException):
    """The job at work is not wanted any more. Not an Exception, so that no rule's guard takes it for a fault."""


class Desk:
    """The state of the worker: what is at work, what waits, what is known of the projects."""

    def __init__(self, preferences: Preferences) -> None:
        self.live = Live(preferences)
        self.jobs: queue.Queue[Job] = queue.Queue()
        self.at_work: int | None = None
        self.unwanted: int | None = None
        self.at_rest = threading.Event()
        self.n_settled_in = 0

    def receive(self, pipe: IO[bytes]) -> None:
        """Read messages until the server is gone."""
        while (message := read(pipe)) is not None:
            if isinstance(message, Cancel):
                self._break_off(message.id)
            else:
                self.jobs.put(message)
        # A probe at work is the child of the job and has to go with it.
        self.at_rest.clear()
        if self.at_work is not None:
            self._break_off(self.at_work)
            self.at_rest.wait(_PATIENCE)
        os._exit(0)

    def interrupt(self, _signal: int, frame: FrameType | None) -> None:
        """Break the job at work off, if it is the unwanted one; a terminal's Ctrl-C is for the server."""
        job = self.at_work
        if job is None or job != self.unwanted:
            return
        if _is_importing(frame):  # nothing may be left half imported
            threading.Timer(_SOON, self._break_off, [job]).start()
            return
        self.at_work = None
        raise Cancelled

    def dropped(self, unraisable: "sys.UnraisableHookArgs") -> None:
        """Break the job off again where the interpreter has dropped the exception, as it does in a finalizer."""
        if unraisable.exc_type is not Cancelled or self.unwanted is None:
            sys.__unraisablehook__(unraisable)
            return
        self.at_work = self.unwanted
        threading.Timer(_SOON, self._break_off, [self.unwanted]).start()

    def work(self, job: Job) -> Reply:
        """Do one job."""
        try:
            if job.change is not None:
                self.live.change(job.change)
            try:
                self.at_work = job.id
                if self.unwanted == job.id:
                    raise Cancelled
                found = answer(job.question, self.live)
            finally:
                self.at_work = None
        except Cancelled:
            self._start_afresh()
            self.at_rest.set()
            return Reply(job.id, is_cancelled=True)
        except Exception as error:  # noqa: BLE001 - whatever went wrong with one question, the others get answers
            self._start_afresh()
            where = "".join(traceback.format_exception(error))
            return Reply(job.id, error=f"{type(error).__name__}: {error}\n{where}")
        return Reply(job.id, found)

    def next_job(self) -> Job:
        """Return the next job; whoever waits long for it tidies up."""
        if gc.get_count()[0] < _TOO_MANY:
            with contextlib.suppress(queue.Empty):
                return self.jobs.get(timeout=_REST)
        self._tidy_up()
        return self.jobs.get()

    def _break_off(self, job: int) -> None:
        self.unwanted = job
        if self.at_work != job:
            return
        if hasattr(signal, "pthread_kill"):
            # A real signal also ends a wait for a child process, other than `_thread.interrupt_main`.
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        else:
            _thread.interrupt_main(signal.SIGINT)

    def _tidy_up(self) -> None:
        """Look for garbage. What the first look at a project has left is there to stay, and passed over unseen.

        A search in it would take most of a second, which the next job might have to wait for.
        """
        n_new, n_projects = gc.get_count()[0], len(self.live.projects())
        if n_new > _A_PROJECT and n_projects > self.n_settled_in:
            gc.freeze()
            self.n_settled_in = n_projects
        elif n_new > _WORTH_IT:
            gc.collect()

    def _start_afresh(self) -> None:
        for project in self.live.projects().values():
            project.interrupted()


def main() -> None:
    """Work until the pipe ends. The first message says what the person prefers, all others are jobs."""
    warnings.simplefilter("ignore")  # about the code of others
    source = os.fdopen(os.dup(0), "rb")
    target = os.fdopen(os.dup(1), "wb")
    # What a library prints must not get between the frames.
    os.dup2(2, 1)
    # A search for garbage among all that is known of a project takes longer than a look at a file, and nothing breaks
    # it off. Jobs leave little: it waits until there is none.
    gc.disable()
    all_rules()  # before the first job: an import cannot be broken off
    gc.freeze()  # else a search among what was loaded might be at work when a job comes
    with contextlib.suppress(BrokenPipeError):  # nobody is left to hear it
        _send(target, None)
        preferences = read(source)
        if preferences is not None:
            _work(Desk(preferences), source, target)
    os._exit(0)


def _work(desk: Desk, source: IO[bytes], target: IO[bytes]) -> None:
    signal.signal(signal.SIGINT, desk.interrupt)
    sys.unraisablehook = desk.dropped
    threading.Thread(target=desk.receive, args=(source,), daemon=True).start()
    while True:
        _send(target, desk.work(desk.next_job()))


def _send(target: IO[bytes], message: object) -> None:
    target.write(packed(message))
    target.flush()


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


if __name__ == "__main__":
    main()
