"""workspace/didChangeWatchedFiles (LSP 3.17): what changes outside of the editor, one file or a whole branch."""

from lsprotocol import types as lsp

from tpkg_server.server import TpkgServer

_PATTERNS = ("**/*.py", "**/*.ipynb", "**/pyproject.toml", "**/tpkg-lint.toml", "**/.tpkg-lint.toml", "**/.gitignore")


def register(server: TpkgServer) -> None:
    """Have the client watch; thousands of events at once are one look at the disk."""

    @server.on_initialized
    async def begin() -> None:
        workspace = server.client_capabilities.workspace
        if workspace and workspace.did_change_watched_files and workspace.did_change_watched_files.dynamic_registration:
            watchers = [{"globPattern": pattern} for pattern in _PATTERNS]
            await server.register_dynamically(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, {"watchers": watchers})

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def did_change_watched_files(params: lsp.DidChangeWatchedFilesParams) -> None:
        if params.changes:
            server.analysis.disk_changed()
