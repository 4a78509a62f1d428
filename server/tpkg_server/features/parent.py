"""The client's process (LSP 3.17, InitializeParams.processId): when it is gone, so is the server."""

import asyncio
import os

from tpkg_server.server import TpkgServer

_PERIOD = 1.0


def register(server: TpkgServer) -> None:
    """Watch it; a pipe that somebody else holds open does not tell."""

    @server.on_initialized
    async def begin() -> None:
        if server.process_id is not None and os.name == "posix":
            server.watching = asyncio.get_running_loop().create_task(watch(server.process_id))

    async def watch(process: int) -> None:
        while _is_alive(process):
            await asyncio.sleep(_PERIOD)
        await server.analysis.close()
        os._exit(1)  # the thread that reads from the pipe cannot be woken


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
