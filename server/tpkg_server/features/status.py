"""experimental/serverStatus, as rust-analyzer defines it and its clients show it: whether all is well and done."""

from typing import Any

from tpkg_server.fates import numbers
from tpkg_server.server import TpkgServer

METHOD = "experimental/serverStatus"


def register(server: TpkgServer) -> None:
    """Tell the client whenever the state is another, if it has said that it wants to know."""
    told: dict[str, Any] = {}

    def tell() -> None:
        capabilities = server.client_capabilities.experimental
        wanted = isinstance(capabilities, dict) and capabilities.get("serverStatusNotification")
        now = state()
        if wanted and now != told:
            told.update(now)
            server.protocol.notify(METHOD, now)

    def state() -> dict[str, Any]:
        analysis = server.analysis
        if analysis.troubles:
            health, message = "warning", "\n".join(analysis.troubles)
        else:
            health, message = (
                "ok",
                "\n".join(f"{item.package.name}: {numbers(item)}" for item in analysis.board.closures()),
            )
        return {"health": health, "quiescent": analysis.is_complete, "message": message}

    server.analysis.tell_state = tell

    @server.on_initialized
    async def begin() -> None:
        tell()
