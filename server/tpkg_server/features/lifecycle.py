"""initialize, initialized and shutdown (LSP 3.17, Server lifecycle)."""

from lsprotocol import types as lsp

from tpkg_server.server import TpkgServer


def register(server: TpkgServer) -> None:
    """Take part in the beginning and the end of a session."""

    @server.feature(lsp.INITIALIZE)
    def initialize(params: lsp.InitializeParams) -> None:
        server.configure(params)

    @server.feature(lsp.INITIALIZED)
    async def initialized(_: lsp.InitializedParams) -> None:
        await server.begin()

    @server.feature(lsp.SHUTDOWN)
    async def shutdown(_: None) -> None:
        await server.analysis.close()
