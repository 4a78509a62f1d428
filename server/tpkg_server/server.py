"""The server as its features see it: documents, analysis, settings, and a way to talk to the client."""

import asyncio
import importlib
import logging
import pkgutil
import sys
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import FeatureRequestError, JsonRpcException
from pygls.io_ import StdinAsyncReader, StdoutWriter, run_async
from pygls.lsp.server import LanguageServer

from tpkg_server.analysis import Analysis
from tpkg_server.complaints import Complaints
from tpkg_server.convert import Converter
from tpkg_server.cursor import Cursor
from tpkg_server.documents import Documents, Sheet, path_of
from tpkg_server.plain import without_marks
from tpkg_server.positions import Positions
from tpkg_server.protocol import Protocol
from tpkg_server.received import Received, read_settings
from tpkg_server.settings import ClientSettings

_LOG = logging.getLogger(__name__)
_NOTEBOOKS = lsp.NotebookDocumentSyncOptions(
    notebook_selector=[lsp.NotebookDocumentFilterWithCells(cells=[lsp.NotebookCellLanguage("python")])], save=True
)


class TpkgServer(LanguageServer):
    """One connection to one client."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__(
            "tpkg-lint",
            version("tpkg-lint"),
            text_document_sync_kind=lsp.TextDocumentSyncKind.Incremental,
            notebook_document_sync=_NOTEBOOKS,
            protocol_cls=Protocol,
            max_workers=2,
        )
        self.documents = Documents()
        self._received = Received(ClientSettings())
        self.complaints = Complaints(self._show)
        self.analysis = Analysis(self.documents, self.settings, self.announce, self.refresh_others)
        self.analysis.tell_troubles = self.complaints.tell
        self.converter = Converter(self.documents, Positions())
        self.pulls = False
        """Whether the client asks for diagnostics; then they are never pushed."""
        self._withheld: dict[str, Any] = {}
        """What has a handler and is not announced in the answer to initialize."""
        self._announced_all: bool | None = None
        """Whether the findings of all files were announced with those of documents, None before either was."""
        self._announcing = asyncio.Lock()
        self._published: dict[str, tuple[int | None, list[lsp.Diagnostic]]] = {}
        self._uris: dict[Path, set[str]] = {}
        """What was said of each file, by the URIs of its parts."""
        self.answered: dict[str, str] = {}
        """The result that the client has of each document that it pulled, by URI."""
        self.pulling: Counter[str] = Counter()
        """The documents that the client is about to get the findings of, by URI."""
        self.watching: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._beginnings: list[Callable[[], Coroutine[Any, Any, None]]] = []
        for found in pkgutil.iter_modules(importlib.import_module("tpkg_server.features").__path__):
            importlib.import_module(f"tpkg_server.features.{found.name}").register(self)

    @property
    def settings(self) -> ClientSettings:
        """What is in force."""
        return self._received.settings

    def configure(self, params: lsp.InitializeParams) -> None:
        """Take in what the client is and wants (LSP 3.17, initialize)."""
        capabilities = params.capabilities
        encoding = lsp.PositionEncodingKind(self.workspace.position_encoding or lsp.PositionEncodingKind.Utf16)
        self.converter.positions = Positions(encoding.value)
        pulling = capabilities.text_document and capabilities.text_document.diagnostic
        self.pulls = bool(pulling)
        self.use(read_settings(params.initialization_options))
        # Whatever has a handler is announced, for good; a client would let go of open files that reports leave out.
        if pulling and pulling.dynamic_registration:
            self._withhold(lsp.TEXT_DOCUMENT_DIAGNOSTIC, lsp.WORKSPACE_DIAGNOSTIC)
        elif self.settings.diagnostic_mode != "workspace":
            self.protocol.fm.features.pop(lsp.WORKSPACE_DIAGNOSTIC, None)
        if folders := self.folders():
            self.documents.folder = folders[0]

    async def serve_stdio(self) -> None:
        """Serve the client at standard input and output, as `start_io` does, in an event loop that runs already."""
        await self._serve(StdinAsyncReader(sys.stdin.buffer, self.thread_pool), StdoutWriter(sys.stdout.buffer))

    async def serve_tcp(self, host: str, port: int) -> None:
        """Serve the first client on a socket. In `start_tcp` Python 3.12 and newer wait on when it has left."""
        first: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        first = asyncio.get_running_loop().create_future()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if first.done():
                writer.close()
            else:
                first.set_result((reader, writer))

        listening = await asyncio.start_server(connected, host, port)
        _LOG.info("Serving on %s", ", ".join(str(found.getsockname()) for found in listening.sockets))
        reader, writer = await first
        listening.close()
        await self._serve(reader, writer)
        writer.close()

    async def _serve(self, reader: Any, writer: Any) -> None:
        self._stop_event = threading.Event()
        self.protocol.set_writer(writer)
        try:
            await run_async(self._stop_event, reader, self.protocol, _LOG, self.report_server_error)
        except OSError as error:
            _LOG.error("the client is gone: %s", error)
        except SystemExit:  # how pygls takes the word `exit`
            pass
        finally:
            self.shutdown()  # type: ignore[no-untyped-call]

    def on_initialized(self, begin: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], Coroutine[Any, Any, None]]:
        """Run `begin` when requests may be sent to the client."""
        self._beginnings.append(begin)
        return begin

    def _withhold(self, *methods: str) -> None:
        """Leave methods out of the answer to initialize: they are announced later."""
        features = self.protocol.fm.features
        self._withheld = {method: features.pop(method) for method in methods}

    async def begin(self) -> None:
        """Begin work (LSP 3.17, initialized)."""
        self.protocol.fm.features.update(self._withheld)
        self.analysis.set_roots(self.folders())
        for begin in self._beginnings:
            try:
                await begin()
            except JsonRpcException as error:  # a client that cannot do what it has announced
                _LOG.warning("the client refuses: %s", error)
        self.complaints.begin()

    async def register_dynamically(self, method: str, options: dict[str, Any]) -> None:
        """Ask the client for what it offers (LSP 3.17, client/registerCapability)."""
        wanted = lsp.Registration(id=_registration(method), method=method, register_options=options)
        await self.client_register_capability_async(lsp.RegistrationParams([wanted]))

    async def announce_diagnostics(self) -> None:
        """Say what can be pulled in the mode as it is now, where that was left out of the answer to initialize."""
        method = lsp.TEXT_DOCUMENT_DIAGNOSTIC
        async with self._announcing:  # the mode may be another before the client has answered
            has_all = self.settings.diagnostic_mode == "workspace"
            if method not in self._withheld or has_all is self._announced_all:
                return
            if self._announced_all is not None:
                former = lsp.Unregistration(id=_registration(method), method=method)
                await self.client_unregister_capability_async(lsp.UnregistrationParams([former]))
                self._announced_all = None
            given = self.protocol.fm.feature_options[method]
            options = lsp.DiagnosticRegistrationOptions(
                given.inter_file_dependencies, has_all, identifier=given.identifier
            )
            try:
                await self.register_dynamically(method, self.plain(options))
            except JsonRpcException:
                # Who has heard of nothing to pull is pushed to, from now on: never both.
                self.pulls, self._withheld = False, {}
                self.settings_changed()
                raise
            self._announced_all = has_all

    async def cursor(self, uri: str, position: lsp.Position) -> Cursor | None:
        """Return what a request points at, None in a document that is not open."""
        sheet = await self.sheet(uri)
        if sheet is None:
            return None
        line, column = self.converter.positions.column_of(sheet.lines, position)
        return Cursor(sheet, line + sheet.above, column)

    async def sheet(self, uri: str) -> Sheet | None:
        """Return what a request is about once something is known of it, None where it is not open."""
        return self.documents.sheet(uri) if await self.analysis.view(uri) is not None else None

    def markup(self, markdown: str, formats: Sequence[lsp.MarkupKind] | None) -> lsp.MarkupContent:
        """Return a text in the form that the client can show (LSP 3.17, MarkupContent)."""
        if formats is not None and lsp.MarkupKind.Markdown in formats:
            return lsp.MarkupContent(lsp.MarkupKind.Markdown, markdown)
        return lsp.MarkupContent(lsp.MarkupKind.PlainText, without_marks(markdown))

    def plain(self, value: Any) -> Any:
        """Return a value of the protocol as JSON, for where its type is open."""
        return self.protocol._converter.unstructure(value)

    async def wait_for_news(self) -> None:
        """Wait until some findings may be others."""
        await self._news.wait()

    def use(self, received: Received) -> bool:
        """Take other settings; return whether they are others. What cannot be used is told."""
        if received == self._received:
            return False
        is_other = received.settings != self.settings
        self._received = received
        self.complaints.forget()
        self.complaints.tell(received.complaints)
        if is_other:
            self.analysis.settings = received.settings
            self.analysis.worker.preferences = received.settings.preferences()
        return is_other

    def _show(self, message: str) -> None:
        """Show a message in the editor (LSP 3.17, window/showMessage)."""
        self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, f"tpkg-lint: {message}"))

    def folders(self) -> list[Path]:
        """Return the folders of the workspace that are on this machine."""
        given = list(self.workspace.folders.values())
        uris = [folder.uri for folder in given] or ([self.workspace.root_uri] if self.workspace.root_uri else [])
        return [path for uri in uris if (path := path_of(uri)) is not None]

    def diagnostics(self, path: Path) -> dict[str, tuple[int | None, list[lsp.Diagnostic]]]:
        """Return the findings in a file as the client is to show them: by URI, with the version of the text."""
        found = self.analysis.findings(path)
        document = self.documents.at(path)
        if document is None:
            return {self.documents.uri(path): (None, [self.converter.diagnostic(item) for item in found])}
        by_uri = self.converter.diagnostics(document, found)
        return {sheet.uri: (sheet.version, by_uri[sheet.uri]) for sheet in document.sheets}

    def announce(self, paths: set[Path]) -> None:
        """Tell the client of files whose findings may be others: push them, or ask it to pull."""
        self._news.set()
        self._news = asyncio.Event()
        if self.pulls:
            if any(self._is_outdated(path) for path in paths):
                self.refresh_diagnostics()
            return
        for path in sorted(paths):
            self.publish(path)

    def publish(self, path: Path) -> None:
        """Push the findings in a file (LSP 3.17, textDocument/publishDiagnostics); a repetition says nothing."""
        shown = self.diagnostics(path)
        if not self.analysis.is_shown(path):
            shown = {uri: (number, []) for uri, (number, _) in shown.items()}
        # Cells come and go, and a notebook that is closed has none.
        for uri in self._uris.pop(path, set()) - shown.keys():
            self._publish(uri, None, [])
        self._uris[path] = set(shown)
        for uri, (number, found) in shown.items():
            self._publish(uri, number, found)

    def _publish(self, uri: str, version: int | None, found: list[lsp.Diagnostic]) -> None:
        if self._published.get(uri, (None, [])) == (version, found):
            return
        self._published[uri] = (version, found)
        self.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri=uri, version=version, diagnostics=found)
        )

    def _is_outdated(self, path: Path) -> bool:
        shown = self.diagnostics(path)
        return any(
            uri in self.answered and not self.pulling[uri] and self.answered[uri] != result_of(found)
            for uri, (_, found) in shown.items()
        )

    def settings_changed(self) -> None:
        """Bring what the client shows in line with other settings."""
        if self.pulls:
            self.refresh_diagnostics()
        self.announce({*self.analysis.board.paths(), *(document.path for document in self.documents)})
        self.analysis.settle_soon()
        self.refresh_others()

    def refresh_others(self) -> None:
        """Ask for lenses and hints again (LSP 3.17, workspace/codeLens/refresh, workspace/inlayHint/refresh)."""
        workspace = self.client_capabilities.workspace
        if workspace and workspace.code_lens and workspace.code_lens.refresh_support:
            self.workspace_code_lens_refresh(None)
        if workspace and workspace.inlay_hint and workspace.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)

    @property
    def can_refresh_diagnostics(self) -> bool:
        """Whether the client can be asked to pull again; otherwise each answer has to be whole."""
        workspace = self.client_capabilities.workspace
        return bool(workspace and workspace.diagnostics and workspace.diagnostics.refresh_support)

    def refresh_diagnostics(self) -> None:
        """Ask the client to pull again (LSP 3.17, workspace/diagnostic/refresh)."""
        if self.can_refresh_diagnostics:
            self.workspace_diagnostic_refresh(None)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log what went wrong; a person who types is not told of every fault of ours or of the client's."""
        if source is not FeatureRequestError:
            _LOG.error("%s: %s", type(error).__name__, error)
            self.protocol.refuse_text(error)


def _registration(method: str) -> str:
    return f"tpkg-lint:{method}"


def result_of(found: list[lsp.Diagnostic]) -> str:
    """Return what changes when the findings do (LSP 3.17, resultId)."""
    return str(hash(repr(found)))
