"""workspace/didChangeConfiguration and workspace/configuration (LSP 3.17): settings at any time."""

from typing import Any

from lsprotocol import types as lsp

from tpkg_server.received import Received, read_pushed, read_settings
from tpkg_server.server import TpkgServer
from tpkg_server.settings import SECTION


def register(server: TpkgServer) -> None:
    """Ask the client when the session begins and whenever it says that something has changed."""

    @server.on_initialized
    async def begin() -> None:
        workspace = server.client_capabilities.workspace
        if workspace and workspace.did_change_configuration and workspace.did_change_configuration.dynamic_registration:
            options = {"section": SECTION}
            await server.register_dynamically(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION, options)
        await pull()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def did_change_configuration(params: lsp.DidChangeConfigurationParams) -> None:
        if not await pull():
            await apply(read_pushed(params.settings))

    async def pull() -> bool:
        """Ask for the settings; return whether the client could answer."""
        workspace = server.client_capabilities.workspace
        if not (workspace and workspace.configuration):
            return False
        item = lsp.ConfigurationItem(section=SECTION)
        given: Any = await server.workspace_configuration_async(lsp.ConfigurationParams(items=[item]))
        if given and given[0] is not None:
            await apply(read_settings(given[0]))
        return True

    async def apply(received: Received) -> None:
        preferences = server.settings.preferences()
        if server.use(received):
            if received.settings.preferences() != preferences:
                server.analysis.restart(received.settings)
            server.settings_changed()
            await server.announce_diagnostics()
