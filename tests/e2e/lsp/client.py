"""A client that a test drives like a person: opens, types, waits until it sees something."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from lsprotocol.converters import get_converter
from pytest_lsp import LanguageClient
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

SERVER = ["-c", "import sys; from tpkg_server.main import main; sys.exit(main(sys.argv[1:]))", "--stdio"]
PATIENCE = 120.0
STATUS = "experimental/serverStatus"


def converter() -> Any:
    """Return what reads messages; lsprotocol has no reader for the notebooks that a server wants."""
    made = get_converter()
    kinds = lsp.NotebookDocumentFilterWithCells.__attrs_attrs__.notebook.type
    made.register_structure_hook(kinds, lambda given, _: given)
    return made


class Editor:
    """The client, its documents, and what the server has told it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.client = LanguageClient(converter_factory=converter)
        self.versions: dict[str, int] = {}
        self.published: list[lsp.PublishDiagnosticsParams] = []
        self.heard: list[tuple[str, Any]] = []
        self.answer: lsp.InitializeResult
        self._changed = asyncio.Event()
        features = {
            **DEFAULT_CLIENT_FEATURES,
            lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: lambda params: self._on_publish(params),
            lsp.WORKSPACE_DIAGNOSTIC_REFRESH: self._on(lsp.WORKSPACE_DIAGNOSTIC_REFRESH),
            lsp.WORKSPACE_CODE_LENS_REFRESH: self._on(lsp.WORKSPACE_CODE_LENS_REFRESH),
            lsp.WORKSPACE_INLAY_HINT_REFRESH: self._on(lsp.WORKSPACE_INLAY_HINT_REFRESH),
            lsp.CLIENT_REGISTER_CAPABILITY: self._on(lsp.CLIENT_REGISTER_CAPABILITY),
            lsp.CLIENT_UNREGISTER_CAPABILITY: self._on(lsp.CLIENT_UNREGISTER_CAPABILITY),
            lsp.WORKSPACE_APPLY_EDIT: self._on(lsp.WORKSPACE_APPLY_EDIT, lsp.ApplyWorkspaceEditResult(applied=True)),
            lsp.WINDOW_SHOW_MESSAGE: self._on(lsp.WINDOW_SHOW_MESSAGE),
            lsp.LOG_TRACE: self._on(lsp.LOG_TRACE),
            STATUS: self._on(STATUS),
        }
        register_lsp_features(self.client, {key: value for key, value in features.items() if value is not None})

    def uri(self, name: str) -> str:
        """Return the URI of a file of the project."""
        return name if ":" in name else (self.root / name).as_uri()

    def open(self, name: str, text: str | None = None, language: str = "python") -> None:
        """Open a file, with another text than on disk if one is given."""
        uri = self.uri(name)
        self.versions[uri] = 1
        content = (self.root / name).read_text(encoding="utf-8") if text is None else text
        self.client.text_document_did_open(
            lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, language, 1, content))
        )

    def type(self, name: str, text: str) -> int:
        """Make `text` the whole text of a document; return its version."""
        uri = self.uri(name)
        self.versions[uri] += 1
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(version=self.versions[uri], uri=uri),
                [lsp.TextDocumentContentChangeWholeDocument(text=text)],
            )
        )
        return self.versions[uri]

    def replace(self, name: str, where: lsp.Range, text: str) -> int:
        """Put `text` in the place of a range of a document; return the new version."""
        uri = self.uri(name)
        self.versions[uri] += 1
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(version=self.versions[uri], uri=uri),
                [lsp.TextDocumentContentChangePartial(range=where, text=text)],
            )
        )
        return self.versions[uri]

    def save(self, name: str) -> None:
        """Tell that a document was saved."""
        self.client.text_document_did_save(lsp.DidSaveTextDocumentParams(lsp.TextDocumentIdentifier(self.uri(name))))

    def close(self, name: str) -> None:
        """Close a document."""
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(self.uri(name))))

    def diagnostics(self, name: str) -> list[lsp.Diagnostic]:
        """Return what was pushed last for a file."""
        return list(self.client.diagnostics.get(self.uri(name), ()))

    def codes(self, name: str) -> list[str]:
        """Return the codes that were pushed last for a file."""
        return [str(item.code) for item in self.diagnostics(name)]

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until the server has told what makes `is_so` true."""

        async def wait() -> None:
            while not is_so():
                self._changed.clear()
                await self._changed.wait()

        try:
            await asyncio.wait_for(wait(), PATIENCE)
        except asyncio.TimeoutError:
            seen = {uri: [item.code for item in found] for uri, found in self.client.diagnostics.items()}
            raise AssertionError(f"it did not come to be so; seen: {seen}, {self.heard}") from None

    def states(self) -> list[dict[str, Any]]:
        """Return what the server has said of its state."""
        return [plain(params) for method, params in self.heard if method == STATUS]

    async def until_quiet(self) -> dict[str, Any]:
        """Wait until the server says that all has been looked at; return what it says."""
        await self.until(lambda: bool(self.states()) and self.states()[-1]["quiescent"])
        return self.states()[-1]

    async def until_version(self, name: str, version: int) -> list[lsp.Diagnostic]:
        """Wait for the findings of that version of a document."""
        uri = self.uri(name)
        await self.until(lambda: any(item.uri == uri and item.version == version for item in self.published))
        return self.diagnostics(name)

    async def pull(self, name: str, previous: str | None = None) -> Any:
        """Ask for the diagnostics of a document."""
        return await self.client.text_document_diagnostic_async(
            lsp.DocumentDiagnosticParams(lsp.TextDocumentIdentifier(self.uri(name)), previous_result_id=previous)
        )

    async def command(self, name: str, *arguments: Any) -> Any:
        """Run a command of the server."""
        return await self.client.workspace_execute_command_async(
            lsp.ExecuteCommandParams(name, arguments=list(arguments))
        )

    def _on_publish(self, params: lsp.PublishDiagnosticsParams) -> None:
        self.client.diagnostics[params.uri] = params.diagnostics
        self.published.append(params)
        self._changed.set()

    def _on(self, method: str, result: Any = None) -> Callable[[Any], Any]:
        def handler(params: Any) -> Any:
            self.heard.append((method, params))
            self._changed.set()
            return result

        return handler


@asynccontextmanager
async def connect(
    root: Path,
    *,
    encodings: list[str] | None = None,
    text_document: lsp.TextDocumentClientCapabilities | None = None,
    workspace: lsp.WorkspaceClientCapabilities | None = None,
    window: lsp.WindowClientCapabilities | None = None,
    experimental: Any = None,
    notebook_document: lsp.NotebookDocumentClientCapabilities | None = None,
    options: Any = None,
    arguments: tuple[str, ...] = (),
    folders: list[Path] | None = None,
) -> AsyncIterator[Editor]:
    """Start a server for a folder, and end it in the way that LSP asks for."""
    editor = Editor(root)
    client = editor.client
    await client.start_io(sys.executable, *SERVER, *arguments, env=dict(os.environ))
    editor.answer = await client.initialize_session(
        lsp.InitializeParams(
            capabilities=lsp.ClientCapabilities(
                general=lsp.GeneralClientCapabilities(position_encodings=encodings),
                text_document=text_document,
                workspace=workspace,
                window=window,
                experimental=experimental,
                notebook_document=notebook_document,
            ),
            root_uri=root.as_uri(),
            workspace_folders=[lsp.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders or [root]],
            initialization_options=options,
        )
    )
    server = client._server
    assert server is not None
    try:
        yield editor
        await client.shutdown_session()
    finally:
        if server.returncode is None:
            server.kill()
        await client.stop()


def plain(value: Any) -> Any:
    """Return a command's result, which the client reads as objects or as dictionaries."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value
