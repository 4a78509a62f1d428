"""workspace/executeCommand (LSP 3.17): confirm, show a closure, why, explain, restart, debug information."""

import asyncio
import contextlib
import os
import platform
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams

from tpkg_analyzer.render.closures import render_json, render_tree
from tpkg_analyzer.render.graph_html import render_html
from tpkg_analyzer.render.style import Style
from tpkg_analyzer.render.whys import Answer, Wanted, render_answer
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.cost import cost_of
from tpkg_analyzer.scan.why import Link, chain_to, importers_of
from tpkg_server import prose
from tpkg_server.documents import path_of
from tpkg_server.fates import numbers
from tpkg_server.server import TpkgServer
from tpkg_server.worker.questions import Prove, WhyNot
from tpkg_server.worker.worker import Urgency


def register(server: TpkgServer) -> None:
    """Offer the commands; their answers are plain JSON, for the client to show as it likes."""

    @server.command("tpkg-lint.confirm")
    async def confirm(uri: str, package: str | None = None) -> dict[str, Any]:
        """Export and load a package for real; findings then say what was seen."""
        path = _path(server, uri)
        if not server.settings.can_confirm:
            raise JsonRpcInvalidParams("confirming is switched off here: it runs the code of the project")
        async with _progress(server, f"Confirming {package or path.name}") as cancelled:
            answered = await _unless(cancelled, server.analysis.errands.ask(Prove(path, package), Urgency.TYPING))
        if answered is None:
            return {"cancelled": True}
        root = server.analysis.root_of(path)
        server.analysis.board.put_verdicts(root, answered.answer)
        paths = {item.path for item in answered.answer}
        server.announce(paths)
        counts: dict[str, int] = {}
        for item in answered.answer:
            counts[item.certainty.value] = counts.get(item.certainty.value, 0) + 1
        return {"cancelled": False, "findings": counts}

    @server.command("tpkg-lint.showClosure")
    async def show_closure(uri: str, package: str | None = None) -> dict[str, Any]:
        """Return a closure as text, as JSON of the command line's version 1, as edges, and as an HTML page to show."""
        closure = _closure(server, _path(server, uri), package)
        edges = [[name, target] for name, node in closure.modules.items() for target in node.depends_on]
        base = server.analysis.root_of(_path(server, uri))
        return {
            "package": closure.package.name,
            "title": f"{closure.package.name}: {numbers(closure)}",
            "tree": render_tree(closure, Style(), base),
            "json": render_json([closure], base),
            "edges": edges,
            "html": render_html(closure, base),
        }

    @server.command("tpkg-lint.why")
    async def why(uri: str, module: str) -> dict[str, Any]:
        """Return the chain of imports that brings a module into each package, or else what keeps it out of them."""
        path = _path(server, uri)
        root = server.analysis.root_of(path)
        answers = [
            _answer(module, closure) for closure in server.analysis.board.closures() if module in closure.modules
        ]
        if not answers:
            absent = await server.analysis.errands.ask(WhyNot(path, module), Urgency.TYPING)
            view = server.analysis.board.projects.get(root)
            known = {closure.package.name: closure for closure in (view.closures if view is not None else ())}
            answers = [Answer(module, known[name], absence) for name, absence in absent.answer if name in known]
        wanted = Wanted(importers=True)
        texts = {item.closure.package.name: render_answer(item, wanted, root, Style()) for item in answers}
        links = {
            item.closure.package.name: [_link(server, item.closure, link) for link in chain]
            for item in answers
            for chain in item.chains
        }
        return {
            "module": module,
            "isIn": any(item.absence is None for item in answers),
            "packages": texts,
            "links": links,
        }

    @server.command("tpkg-lint.explain")
    async def explain(code: str) -> dict[str, Any]:
        """Return the document of a rule."""
        card = next((item for item in server.analysis.rules if item.code == code), None)
        if card is None:
            raise JsonRpcInvalidParams(f"there is no rule {code}")
        return {"code": card.code, "name": card.name, "markdown": prose.of_rule(card), "document": card.document}

    @server.command("tpkg-lint.restart")
    async def restart() -> None:
        """Begin anew with a new worker; what was kept of interpreters and files is read again."""
        server.analysis.restart()

    @server.command("tpkg-lint.debugInformation")
    async def debug_information() -> dict[str, Any]:
        """Return what a report of a fault needs."""
        board, analysis = server.analysis.board, server.analysis
        return {
            "version": version("tpkg-lint"),
            "python": sys.version,
            "platform": platform.platform(),
            "process": os.getpid(),
            "worker": analysis.worker.pid,
            "spare": analysis.spare.pid,
            "workerStarts": analysis.worker.n_starts,
            "workersKilled": analysis.worker.n_killed,
            "looks": analysis.n_looks,
            "encoding": server.converter.positions.encoding,
            "pulls": server.pulls,
            "settings": msgspec.to_builtins(server.settings),
            "folders": [str(folder) for folder in server.folders()],
            "projects": {
                str(root): {item.package.name: numbers(item) for item in view.closures}
                for root, view in board.projects.items()
            },
            "open": [document.uri for document in server.documents],
        }


def _path(server: TpkgServer, uri: str) -> Path:
    document = server.documents.get(uri)
    path = document.path if document is not None else path_of(uri)
    if path is None:
        raise JsonRpcInvalidParams(f"{uri} is not a file")
    return path


def _closure(server: TpkgServer, path: Path, package: str | None) -> Closure:
    root = server.analysis.root_of(path)
    view = server.analysis.board.projects.get(root)
    named = [item for item in (view.closures if view is not None else ()) if package in (None, item.package.name)]
    if named:
        # A package of the configuration and an export in code may share a name.
        return next((item for item in named if item.package.declared.path == path), named[0])
    raise JsonRpcInvalidParams(f"there is no package {package or ''} here")


def _answer(module: str, closure: Closure) -> Answer:
    chains = (chain_to(closure, module),)
    return Answer(
        module, closure, chains=chains, importers=importers_of(closure, module), cost=cost_of(closure, module)
    )


def _link(server: TpkgServer, closure: Closure, link: Link) -> dict[str, Any]:
    path = closure.modules[link.importer].path
    known = link.reference is not None and path is not None
    return {
        "importer": link.importer,
        "target": link.target,
        "uri": server.documents.uri(path) if path is not None else None,
        "line": link.reference.origin.span.line - 1 if known and link.reference is not None else None,
    }


async def _unless(cancelled: "asyncio.Future[None]", work: Any) -> Any:
    """Return the result of `work`, None where a person cancels it first."""
    task = asyncio.ensure_future(work)
    await asyncio.wait({task, cancelled}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return None
    return task.result()


@asynccontextmanager
async def _progress(server: TpkgServer, title: str) -> AsyncIterator["asyncio.Future[None]"]:
    """Show that something goes on where the client can; yield a future that is done when a person cancels it."""
    loop = asyncio.get_running_loop()
    cancelled: asyncio.Future[None] = loop.create_future()
    window = server.client_capabilities.window
    if not (window and window.work_done_progress):
        yield cancelled
        return
    progress, token = server.work_done_progress, f"tpkg-{uuid.uuid4()}"
    await progress.create_async(token)
    progress.tokens[token].add_done_callback(lambda _: loop.call_soon_threadsafe(_finish, cancelled))
    progress.begin(token, lsp.WorkDoneProgressBegin(title=title, cancellable=True))
    try:
        yield cancelled
    finally:
        progress.end(token, lsp.WorkDoneProgressEnd())
        progress.tokens.pop(token, None)


def _finish(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
