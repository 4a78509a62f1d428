"""A client that writes bytes: for what no well-behaved client sends."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.e2e.lsp.client import PATIENCE, SERVER


class Wire:
    """A server's process and its messages."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.notifications: list[dict[str, Any]] = []
        """What the server has told meanwhile."""

    def send(self, body: Any) -> None:
        """Send a message; a string goes as it is."""
        data = (body if isinstance(body, str) else json.dumps({"jsonrpc": "2.0", **body})).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)

    async def receive(self, wanted: Any) -> dict[str, Any]:
        """Return the answer to the request of an id, passing over everything else."""
        assert self.process.stdout is not None
        while True:
            length = 0
            while (line := await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)).strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            message: dict[str, Any] = json.loads(await self.process.stdout.readexactly(length))
            if message.get("id", "none") == wanted and "method" not in message:
                return message
            self.notifications.append(message)

    async def initialize(self, root: Path, **more: Any) -> dict[str, Any]:
        """Begin a session."""
        params = {"processId": None, "rootUri": root.as_uri(), "capabilities": {}, **more}
        self.send({"id": 0, "method": "initialize", "params": params})
        answer = await self.receive(0)
        self.send({"method": "initialized", "params": {}})
        return answer

    async def worker(self) -> int:
        """Return the process that analyses, once it is there."""
        self.send(
            {"id": "look", "method": "textDocument/diagnostic", "params": {"textDocument": {"uri": "file:///x.py"}}}
        )
        await self.receive("look")
        return await self._process_called("worker")

    async def spare(self) -> int:
        """Return the process that waits to take the worker's place, once it is there."""
        return await self._process_called("spare")

    async def _process_called(self, name: str) -> int:
        params = {"command": "tpkg-lint.debugInformation"}
        while True:
            self.send({"id": "debug", "method": "workspace/executeCommand", "params": params})
            found = (await self.receive("debug"))["result"][name]
            if found is not None:
                return int(found)
            await asyncio.sleep(0.01)


@asynccontextmanager
async def wire(*arguments: str, command: list[str] | None = None, stderr: int | None = None) -> AsyncIterator[Wire]:
    """Start a server; it is gone at the end, whatever happened."""
    process = await asyncio.create_subprocess_exec(
        *(command or [sys.executable, *SERVER, *arguments]),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=stderr,
        env=dict(os.environ),
    )
    try:
        yield Wire(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]  # else it warns when collected
