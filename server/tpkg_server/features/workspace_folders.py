"""workspace/didChangeWorkspaceFolders (LSP 3.17): several roots that come and go."""

from lsprotocol import types as lsp

from tpkg_server.server import TpkgServer


def register(server: TpkgServer) -> None:
    """Follow the folders of the workspace."""

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def did_change_workspace_folders(_: lsp.DidChangeWorkspaceFoldersParams) -> None:
        server.analysis.set_roots(server.folders())
