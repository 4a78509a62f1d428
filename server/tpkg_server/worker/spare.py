"""A worker that has loaded everything and waits, to take at once the place of one that has to be killed."""

import asyncio
import contextlib
from collections.abc import Callable

from tpkg_server.worker.process import GONE, Process

_FAULTS = (OSError, *GONE)


class Spare:
    """At most one process, started when asked for."""

    def __init__(self) -> None:
        self._starting: asyncio.Task[Process] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it could take a place now."""
        starting = self._starting
        if starting is None or not starting.done() or starting.cancelled() or starting.exception() is not None:
            return False
        return starting.result().is_alive

    @property
    def pid(self) -> int | None:
        """Its number, once it is ready."""
        return self._starting.result().pid if self._starting is not None and self.is_ready else None

    def prepare(self, wait: float = 0.0) -> None:
        """Start one in the background after some seconds, unless there is one that lives."""
        if self._starting is None or (self._starting.done() and not self.is_ready):
            self._starting = asyncio.get_running_loop().create_task(_started(wait))

    def adopt(self, process: Process) -> None:
        """Take one that was started elsewhere."""
        self._starting = asyncio.get_running_loop().create_task(_loaded(process))

    def when_ready(self, then: Callable[[], None]) -> None:
        """Do something once the one that is on its way is ready; never, if it does not come to be."""
        starting = self._starting
        if starting is not None and not starting.done():
            starting.add_done_callback(lambda _: then() if self.is_ready else None)

    async def take(self) -> Process | None:
        """Hand the process over as soon as it is ready; None where there is none, or it has died."""
        starting, self._starting = self._starting, None
        if starting is None:
            return None
        with contextlib.suppress(*_FAULTS):
            process = await starting
            return process if process.is_alive else None
        return None

    async def close(self) -> None:
        """End it; it has nothing to lose."""
        starting, self._starting = self._starting, None
        if starting is None:
            return
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError, *_FAULTS):
            process = await starting
            process.kill()
            await process.end()


async def _started(wait: float) -> Process:
    await asyncio.sleep(wait)
    return await _loaded(await Process.start())


async def _loaded(process: Process) -> Process:
    try:
        await process.loaded()
    except BaseException:
        process.kill()
        await process.end()
        raise
    return process
