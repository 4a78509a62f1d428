"""The server's side of a worker: questions by urgency, one at a time, and a new process when one dies.

Work that is not wanted any more is broken off in three steps: a moment to come to its end, a signal, and where that is
not let in, the end of the process. Another one, which is ready, takes its place; what is in memory is lost with it.
"""

import asyncio
import contextlib
import heapq
import itertools
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Generic, TypeVar

from tpkg_analyzer.session.preferences import Preferences
from tpkg_server.worker.feed import Feed
from tpkg_server.worker.process import GONE, Process
from tpkg_server.worker.questions import Job, Question, Reply
from tpkg_server.worker.spare import Spare

_LOG = logging.getLogger(__name__)
_MOST_CRASHES = 3
_GRACE = 0.02
"""Seconds that a job which is broken off has to come to its end: most take less, and none has to be done twice then."""
_LIMIT = 0.035
"""Seconds after which its process is to be killed: Python's parser, say, lets no signal in."""
_LAST_WORD = 0.002
"""Seconds more in which a reply is read that has come already: a server that had to wait itself is late with both."""
_LIMIT_OF_OTHERS = 5.0
"""The same for a job that has to end a child process first."""
_SOON = 0.05
"""Seconds after which the next spare is started: whoever was kept waiting is answered first."""

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

    def __init__(self, feed: Feed, preferences: Preferences, spare: Spare | None = None) -> None:
        self._feed = feed
        self.preferences = preferences
        self._spare = spare
        self._orders: list[_Order] = []
        self._numbers = itertools.count(1)
        self._jobs = itertools.count(1)
        self._wake = asyncio.Event()
        self._current: _Order | None = None
        self._process: Process | None = None
        self._asking: asyncio.Task[Reply] | None = None
        self._pump: asyncio.Task[None] | None = None
        self._ends: set[asyncio.Task[None]] = set()
        self.n_starts = 0
        """How many processes have worked here."""
        self.n_killed = 0
        """How many of them were killed because they let no signal in."""

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
        await asyncio.gather(*self._ends)

    async def _work(self) -> None:
        while True:
            while not self._orders:
                self._wake.clear()
                # Not `asyncio.wait_for`: before Python 3.12 it loses a cancellation that comes with a question.
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
            # While the process was starting, nobody could break the job off.
            if order.is_dropped:
                return
            if self._orders and self._orders[0].urgency < order.urgency:
                heapq.heappush(self._orders, order)
                return
            change = self._feed.take()
            texts = self._feed.sent
            order.job = next(self._jobs)
            reply = await self._reply(process, Job(order.job, change, order.question))
        except GONE:
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

    async def _running(self) -> Process:
        if self._process is None or not self._process.is_alive:
            self._process = await self._replacement() or await Process.start()
            await self._process.loaded()
            self._process.prefer(self.preferences)
            self.n_starts += 1
            self._feed.start_over()
        return self._process

    async def _replacement(self) -> Process | None:
        """Return the spare, and see to the next one: what has stopped one worker may soon stop another."""
        if self._spare is None:
            return None
        process = await self._spare.take()
        self._spare.prepare(_SOON)
        return process

    async def _reply(self, process: Process, job: Job) -> Reply:
        """Return what the process says, or that the job was broken off with it. Raises one of GONE."""
        asking = self._asking = asyncio.get_running_loop().create_task(process.ask(job))
        try:
            await asyncio.wait({asking})
        finally:
            asking.cancel()
        if asking.cancelled():
            return Reply(job.id, is_cancelled=True)
        return asking.result()

    def _break_off(self, order: _Order) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(_GRACE, self._send_cancel, order, order.job)
        limit = _LIMIT_OF_OTHERS if order.question.runs_code_of_others else _LIMIT
        loop.call_later(limit, loop.call_later, _LAST_WORD, self._kill, order, order.job)

    def _send_cancel(self, order: _Order, job: int) -> None:
        if self._process is not None and self._is_at_work(order, job):
            self._process.cancel(job)

    def _kill(self, order: _Order, job: int) -> None:
        """End the process, as soon as another one can take its place."""
        process = self._process
        if process is None or self._asking is None or self._asking.done() or not self._is_at_work(order, job):
            return
        if self._spare is not None and not self._spare.is_ready:
            self._spare.prepare()
            self._spare.when_ready(lambda: self._kill(order, job))
            return
        self.n_killed += 1
        process.kill()
        # The pipe tells of the end only when all memory has been given back, which takes its time.
        self._asking.cancel()
        self._process = None
        end = asyncio.get_running_loop().create_task(process.end())
        self._ends.add(end)
        end.add_done_callback(self._ends.discard)

    def _is_at_work(self, order: _Order, job: int) -> bool:
        return job > 0 and self._current is order and order.job == job

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.end()
