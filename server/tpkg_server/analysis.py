"""When what is looked at: a file soon after its last keystroke, closures and other files when the hands rest.

Every answer that comes too late for the text it is about is dropped; another look is under way then.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any

from tpkg_analyzer.config.load import FILE_NAMES
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_server.board import Board
from tpkg_server.documents import Document, Documents
from tpkg_server.settings import ClientSettings
from tpkg_server.worker.feed import Feed
from tpkg_server.worker.questions import (
    Catalogue,
    Faults,
    FileView,
    ListFiles,
    LookAtFile,
    LookAtFiles,
    Prepare,
    RuleCard,
    Settle,
)
from tpkg_server.worker.spare import Spare
from tpkg_server.worker.worker import Urgency, Worker, WorkerError

_LOG = logging.getLogger(__name__)
_BATCH = 32


class Analysis:
    """Keeps the board up to date and says which files have other findings than before."""

    def __init__(
        self,
        documents: Documents,
        settings: ClientSettings,
        announce: Callable[[set[Path]], None],
        announce_closures: Callable[[], None],
    ) -> None:
        self._documents = documents
        self.settings = settings
        self._announce = announce
        self._announce_closures = announce_closures
        self.trace: Callable[[str, str], None] = lambda _message, _details: None
        self.tell_state: Callable[[], None] = lambda: None
        self.tell_troubles: Callable[[tuple[str, ...]], None] = lambda _troubles: None
        self.troubles: tuple[str, ...] = ()
        """What keeps the analysis from being what the person wants, and stands in no file."""
        self.rules: tuple[RuleCard, ...] = ()
        self.is_settled = False
        """Whether what is open was looked at under closures that are up to date; also after that has failed."""
        self.is_complete = False
        """The same of every file of the workspace."""
        self.n_looks = 0
        self.board = Board()
        self._feed = Feed()
        documents.feeds.append(self._feed)
        self.spare = Spare()
        self.worker = Worker(self._feed, settings.preferences(), self.spare)
        self._errands: tuple[Feed, Worker] | None = None
        self._looks: dict[Path, asyncio.Task[None]] = {}
        self._settling: asyncio.Task[None] | None = None
        self._roots: tuple[Path, ...] = ()
        self._listed: set[Path] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._restarting = asyncio.Lock()

    @property
    def errands(self) -> Worker:
        """A second worker for what takes seconds, started when first asked for."""
        if self._errands is None:
            feed = self._new_feed()
            self._errands = feed, Worker(feed, self.settings.preferences())
        return self._errands[1]

    def root_of(self, path: Path) -> Path:
        """Return the folder of the project that a file belongs to, as far as that is known."""
        view = self.board.views.get(path)
        if view is not None:
            return view.root
        above = [root for root in self.board.projects if path.is_relative_to(root)]
        return max(above, key=lambda root: len(root.parts), default=path.parent)

    def set_roots(self, roots: Iterable[Path]) -> None:
        """The editor works in these folders now."""
        self._roots = tuple(roots)
        for feed in self._documents.feeds:
            feed.roots(tuple(str(root) for root in self._roots))
        self.settle_soon()

    def edited(self, document: Document, *, wait: bool) -> None:
        """A document has another text."""
        self._look(document.path, self.settings.debounce if wait else 0)

    def closed(self, document: Document) -> None:
        """A document is not open any more; what others see is the file on disk."""
        if (look := self._looks.pop(document.path, None)) is not None:
            look.cancel()
        self.board.forget(document.path)
        self._announce({document.path})
        self.settle_soon()

    def disk_changed(self) -> None:
        """Files have changed outside of the editor, however many."""
        for feed in self._documents.feeds:
            feed.disk()
        self.settle_soon()

    def restart(self, settings: ClientSettings | None = None) -> None:
        """Use a new worker, with other settings where they are given."""
        self.settings = settings or self.settings
        self._start(self._restart())

    async def view(self, uri: str) -> tuple[Document, FileView] | None:
        """Return what is known of an open document at once; only for one that is quite new, wait for the first look."""
        document = self._documents.get(uri)
        if document is None:
            return None
        look = self._looks.get(document.path)
        if document.path not in self.board.views and look is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(look)
        found = self.board.views.get(document.path)
        return (document, found) if found is not None else None

    async def look(self, document: Document) -> FileView | None:
        """Look at a document now; None if it has changed meanwhile. Raises WorkerError."""
        self.n_looks += 1
        answered = await self.worker.ask(LookAtFile(document.path), Urgency.TYPING)
        if self._documents.at(document.path) is not document:
            return None
        self.board.put_file(answered.answer, answered.texts.get(str(document.path)))
        self.trace(
            f"looked at {document.path.name}", f"version {document.version}: {len(answered.answer.findings)} found"
        )
        return answered.answer

    async def catch_up(self, document: Document) -> None:
        """Look at a document now, where nobody has since it was edited. Raises WorkerError."""
        if not self.board.is_current(document.path, document.text):
            await self.look(document)

    def findings(self, path: Path) -> list[Diagnostic]:
        """Return the findings in a file as they are known now, for the text that is open now."""
        if self.settings.diagnostic_mode == "off":
            return []
        document = self._documents.at(path)
        return self.board.of(path, document.text if document is not None else None)

    def is_shown(self, path: Path) -> bool:
        """Tell whether the person wants to see the findings in a file."""
        mode = self.settings.diagnostic_mode
        is_open = self._documents.at(path) is not None
        return is_open or mode == "workspace" or (mode != "off" and path.name in FILE_NAMES)

    def settle_soon(self) -> None:
        """Bring everything up to date when nothing has happened for a while."""
        if self._settling is not None:
            self._settling.cancel()
        self.is_settled = self.is_complete = False
        self.tell_state()
        self._settling = self._start(self._settle())

    async def close(self) -> None:
        """End all work."""
        for task in tuple(self._tasks):
            task.cancel()
        await self.worker.close()
        if self._errands is not None:
            await self._errands[1].close()
        await self.spare.close()

    def _look(self, path: Path, wait: int) -> None:
        if (earlier := self._looks.pop(path, None)) is not None:
            earlier.cancel()
        self._looks[path] = self._start(self._look_after(path, wait))
        self.settle_soon()

    async def _look_after(self, path: Path, wait: int) -> None:
        await asyncio.sleep(wait / 1000)
        document = self._documents.at(path)
        if document is not None and await self.look(document) is not None:
            self._announce({path})

    async def _settle(self) -> None:
        await asyncio.sleep((self.settings.debounce + self.settings.delay) / 1000)
        changed: set[Path] = set()
        if not self.rules:
            self.rules = (await self.worker.ask(Catalogue(), Urgency.SETTLING)).answer
        before = self.board.stamps()
        roots = set()
        for path in self._anchors():
            known = self.board.projects.get(self.root_of(path))
            question = Settle(path, known.stamp if known is not None else "")
            answered = await self.worker.ask(question, Urgency.SETTLING)
            changed |= self.board.put_project(answered.answer, answered.texts)
            root = answered.answer.root
            roots.add(root)
            self.trace(f"settled {root}", f"{len(self.board.projects[root].closures)} packages")
        changed |= self.board.keep_projects(roots)
        faults = await self.worker.ask(Faults(), Urgency.SETTLING)
        changed |= self.board.put_faults(item for item in faults.answer if item.path != Path())
        self.troubles = tuple(_in_words(item) for item in faults.answer if item.path == Path())
        self.tell_troubles(self.troubles)
        self._announce(changed)
        changed = set()
        for document in self._documents:
            changed |= await self._look_again([document.path], Urgency.SETTLING)
        self.is_settled = True
        self._announce(changed)
        if self.board.stamps() != before:
            self._announce_closures()
        if self.settings.diagnostic_mode == "workspace":
            await self._look_at_workspace()
        self.is_complete = True
        self._announce(set())
        self.tell_state()
        for path in self._anchors():
            await self.worker.ask(Prepare(path), Urgency.BACKGROUND)

    def _anchors(self) -> list[Path]:
        """Return a file of each project that is open; the folders of the workspace stand for theirs."""
        anchors = {root: root / FILE_NAMES[0] for root in self._roots}
        for document in self._documents:
            view = self.board.views.get(document.path)
            root = view.root if view is not None else document.path.parent
            anchors.setdefault(root, document.path)
        return list(anchors.values())

    async def _look_at_workspace(self) -> None:
        answered = await self.worker.ask(ListFiles(self._roots), Urgency.BACKGROUND)
        listed = set(answered.answer)
        gone = {path for path in self._listed - listed if self._documents.at(path) is None}
        for path in gone:
            self.board.forget(path)
        self._listed = listed
        self._announce(gone)
        for start in range(0, len(answered.answer), _BATCH):
            self._announce(await self._look_again(answered.answer[start : start + _BATCH], Urgency.BACKGROUND))

    async def _look_again(self, paths: Iterable[Path], urgency: Urgency) -> set[Path]:
        """Look at files whose texts may be the same; return those that have other findings."""
        documents = {path: self._documents.at(path) for path in paths}
        answered = await self.worker.ask(LookAtFiles(tuple(documents)), urgency)
        changed = set()
        for view in answered.answer:
            if self._documents.at(view.path) is documents[view.path]:
                known = self.board.views.get(view.path)
                self.board.put_file(view, answered.texts.get(str(view.path)))
                if known is None or known.findings != view.findings:
                    changed.add(view.path)
        return changed

    async def _restart(self) -> None:
        async with self._restarting:  # a person asks for it, and settings may at the same time
            await self.worker.close()
            self._documents.feeds.remove(self._feed)
            if self._errands is not None:
                await self._errands[1].close()
                self._documents.feeds.remove(self._errands[0])
                self._errands = None
            self._feed = self._new_feed()
            self.worker = Worker(self._feed, self.settings.preferences(), self.spare)
            self.board = Board()
            for document in self._documents:
                self._look(document.path, 0)
            self.settle_soon()

    def _new_feed(self) -> Feed:
        """Return the feed of a new worker: it has all to learn."""
        feed = Feed()
        self._documents.feeds.append(feed)
        for document in self._documents:
            feed.put(str(document.path), document.text)
        feed.roots(tuple(str(root) for root in self._roots))
        return feed

    def _start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        for path, look in list(self._looks.items()):
            if look is task:
                del self._looks[path]
        if not task.cancelled() and (error := task.exception()) is not None:
            level = logging.WARNING if isinstance(error, WorkerError) else logging.ERROR
            _LOG.log(level, "analysis failed", exc_info=error)
            self.troubles = (str(error).partition("\n")[0],)
            if task is self._settling:  # nobody is to wait for what does not come
                self.is_settled = self.is_complete = True
                self._announce(set())
            self.tell_state()


def _in_words(fault: Diagnostic) -> str:
    return f"{fault.message}; {fault.help}" if fault.help else fault.message
