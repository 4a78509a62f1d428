"""The server's side of a worker: questions by urgency, one at a time, and a new process when one dies."""

import asyncio
import contextlib
import heapq
import itertools
import logging
import pickle
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Generic, TypeVar

import msgspec

from tpkg_analyzer.session.preferences import Preferences
from tpkg_server.worker.feed import Feed
from tpkg_server.worker.frames import HEADER, packed
from tpkg_server.worker.questions import Cancel, Job, Question, Reply

_LOG = logging.getLogger(__name__)
_BOOTSTRAP = "import sys; sys.path[:] = sys.argv[2:]; from tpkg_server.worker.child import main; main(sys.argv[1])"
_MOST_CRASHES = 3
_PATIENCE = 5.0
_GRACE = 0.02
"""Seconds that a job which is broken off has to come to its end: most take less, and none has to be done twice then."""

Answer = TypeVar("Answer")


class WorkerError(Exception):
    """A question that the worker could not answer."""


class Urgency(IntEnum):
    """Who goes first. More urgent questions break off less urgent work, which is then started again."""

    TYPING = 0
    SETTLING = 1
    BACKGROUND = 2


@dataclass(order=True)
class _Order:
    urgency: Urgency
    number: int
    question: Question[Any] = field(compare=False)
    answer: "asyncio.Future[Any]" = field(compare=False)
    is_dropped: bool = field(default=False, compare=False)
    crashes: int = field(default=0, compare=False)
    job: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Answered(Generic[Answer]):
    """An answer, with the texts of the editor's files that it is about."""

    answer: Answer
    texts: Mapping[str, str]


class Worker:
    """A process that answers questions and learns of changes from its feed."""

    def __init__(self, feed: Feed, preferences: Preferences) -> None:
        self._feed = feed
        self.preferences = preferences
        self._orders: list[_Order] = []
        self._numbers = itertools.count(1)
        self._jobs = itertools.count(1)
        self._wake = asyncio.Event()
        self._current: _Order | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._pump: asyncio.Task[None] | None = None
        self.n_starts = 0

    async def ask(self, question: Question[Answer], urgency: Urgency) -> Answered[Answer]:
        """Return the answer. Cancelling the caller breaks the work off. Raises WorkerError."""
        loop = asyncio.get_running_loop()
        order = _Order(urgency, next(self._numbers), question, loop.create_future())
        heapq.heappush(self._orders, order)
        if self._pump is None:
            self._pump = loop.create_task(self._work())
        current = self._current
        if current is not None and urgency < current.urgency:
            self._break_off(current)
        self._wake.set()
        try:
            answer: Answered[Answer] = await order.answer
        except asyncio.CancelledError:
            order.is_dropped = True
            self._break_off(order)
            raise
        return answer

    @property
    def pid(self) -> int | None:
        """The process that works now."""
        return self._process.pid if self._process is not None else None

    async def close(self) -> None:
        """End the process and let nobody wait."""
        if self._pump is not None:
            self._pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pump
        for order in self._orders:
            order.answer.cancel()
        self._orders.clear()
        await self._end_process()

    async def _work(self) -> None:
        while True:
            while not self._orders:
                self._wake.clear()
                await self._wake.wait()
            order = heapq.heappop(self._orders)
            if order.is_dropped or order.answer.done():
                continue
            self._current = order
            try:
                await self._answer(order)
            except Exception as error:  # noqa: BLE001 - whoever asked hears of it; the others get answers
                _LOG.exception("asking the worker failed")
                if not order.answer.done():
                    order.answer.set_exception(WorkerError(str(error)))
            finally:
                self._current = None

    async def _answer(self, order: _Order) -> None:
        try:
            process = await self._running()
            if order.is_dropped:  # while the process was starting
                return
            change = self._feed.take()
            texts = self._feed.sent
            order.job = next(self._jobs)
            assert process.stdin is not None
            process.stdin.write(packed(Job(order.job, change, order.question)))
            await process.stdin.drain()
            reply = await self._reply(process)
        except (ConnectionError, asyncio.IncompleteReadError):
            await self._end_process()
            order.crashes += 1
            _LOG.warning("the worker died at %s", order.question)
            if order.crashes < _MOST_CRASHES:
                heapq.heappush(self._orders, order)
            elif not order.answer.done():
                order.answer.set_exception(WorkerError(f"the worker died {order.crashes} times at {order.question}"))
            return
        if order.is_dropped or order.answer.done():
            return
        if reply.is_cancelled:
            heapq.heappush(self._orders, order)
        elif reply.error is not None:
            _LOG.error("the worker failed: %s", reply.error)
            order.answer.set_exception(WorkerError(reply.error))
        else:
            order.answer.set_result(Answered(reply.answer, texts))

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            # Not `-m`: it would put the current folder, which is the user's, before the standard library.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                _BOOTSTRAP,
                msgspec.json.encode(self.preferences).decode(),
                *(entry for entry in sys.path if entry),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                # Ctrl-C in a terminal is for the server, which then ends the worker.
                start_new_session=True,
            )
            self.n_starts += 1
            self._feed.start_over()
        return self._process

    async def _reply(self, process: asyncio.subprocess.Process) -> Reply:
        assert process.stdout is not None
        header = await process.stdout.readexactly(HEADER.size)
        body = await process.stdout.readexactly(HEADER.unpack(header)[0])
        reply: Reply = pickle.loads(body)
        return reply

    def _break_off(self, order: _Order) -> None:
        asyncio.get_running_loop().call_later(_GRACE, self._send_cancel, order, order.job)

    def _send_cancel(self, order: _Order, job: int) -> None:
        process = self._process
        is_at_work = self._current is order and order.job == job
        if is_at_work and process is not None and process.stdin is not None and process.returncode is None:
            process.stdin.write(packed(Cancel(job)))

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()  # the worker ends with its pipe, and what it has started ends with it
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE)
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
