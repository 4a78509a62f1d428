"""The server's end of one worker process: its pipes, and the ways in which it ends."""

import asyncio
import contextlib
import os
import pickle
import signal
import sys
from typing import Any

from tpkg_analyzer.session.preferences import Preferences
from tpkg_server.worker.frames import HEADER, packed
from tpkg_server.worker.questions import Cancel, Job, Reply

_BOOTSTRAP = "import sys; sys.path[:] = sys.argv[1:]; from tpkg_server.worker.child import main; main()"
_PATIENCE = 5.0

GONE = (ConnectionError, asyncio.IncompleteReadError)
"""What is raised where the process has died."""


class Process:
    """A process that does one job at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._stdin, self._stdout = process.stdin, process.stdout
        self._is_loaded = False

    @classmethod
    async def start(cls) -> "Process":
        """Start one, which then loads the rules. It ends with this process."""
        # Not `-m`: it would put the current folder, which is the user's, before the standard library.
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                _BOOTSTRAP,
                *(entry for entry in sys.path if entry),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                # Ctrl-C in a terminal is for the server, which then ends the worker.
                start_new_session=True,
            )
        )

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether nobody has seen it end."""
        return self._process.returncode is None

    async def loaded(self) -> None:
        """Wait until it has all that it needs and could do a job at once. Raises one of GONE."""
        if not self._is_loaded:
            await self._read()
            self._is_loaded = True

    def prefer(self, preferences: Preferences) -> None:
        """Say what the person prefers, before the first job."""
        self._stdin.write(packed(preferences))

    async def ask(self, job: Job) -> Reply:
        """Have a job done. Raises one of GONE."""
        self._stdin.write(packed(job))
        await self._stdin.drain()
        reply: Reply = await self._read()
        return reply

    def cancel(self, job: int) -> None:
        """Say that a job is not wanted any more."""
        if self.is_alive:
            self._stdin.write(packed(Cancel(job)))

    def kill(self) -> None:
        """End it wherever it is, with the children that share its group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix" and self.is_alive:
                os.killpg(self.pid, signal.SIGKILL)
            else:
                self._process.kill()

    async def _read(self) -> Any:
        header = await self._stdout.readexactly(HEADER.size)
        return pickle.loads(await self._stdout.readexactly(HEADER.unpack(header)[0]))

    async def end(self) -> None:
        """Let it end, and what it has started with it."""
        self._stdin.close()
        timer = asyncio.get_running_loop().call_later(_PATIENCE, self.kill)
        try:
            await self._process.wait()
        finally:
            timer.cancel()
