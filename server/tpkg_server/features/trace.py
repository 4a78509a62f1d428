"""$/setTrace and $/logTrace (LSP 3.17): what the analysis does, for who wants to know."""

from lsprotocol import types as lsp

from tpkg_server.server import TpkgServer


def register(server: TpkgServer) -> None:
    """Tell the client of each look at a file or project for as long as it traces."""

    def trace(message: str, details: str) -> None:
        if server.protocol.trace != lsp.TraceValue.Off:
            verbose = details if server.protocol.trace == lsp.TraceValue.Verbose else None
            server.log_trace(lsp.LogTraceParams(message, verbose))

    server.analysis.trace = trace

    @server.feature(lsp.SET_TRACE)
    async def set_trace(params: lsp.SetTraceParams) -> None:
        server.protocol.trace = params.value
