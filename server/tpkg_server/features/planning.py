"""workspace/executeCommand (LSP 3.17): the smallest list of actions under which an export succeeds."""

from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams

from tpkg_analyzer.model.diagnostic import Edit
from tpkg_runtime.spec.source import Span, split_lines
from tpkg_server.documents import path_of
from tpkg_server.server import TpkgServer
from tpkg_server.worker.questions import PlanFor
from tpkg_server.worker.worker import Urgency


def register(server: TpkgServer) -> None:
    """Offer the command; its answer is plain JSON, for the client to show as it likes."""

    @server.command("tpkg-lint.plan")
    async def plan(uri: str, package: str | None = None) -> dict[str, Any]:
        """Return the smallest list of actions under which an export succeeds, and the edit that writes it down."""
        document = server.documents.get(uri)
        path = document.path if document is not None else path_of(uri)
        if path is None:
            raise JsonRpcInvalidParams(f"{uri} is not a file")
        found = (await server.analysis.errands.ask(PlanFor(path, package), Urgency.TYPING)).answer
        if found is None:
            raise JsonRpcInvalidParams(f"there is no package {package or ''} here")
        return {
            "package": found.package,
            "toml": found.toml,
            "python": found.python,
            "left": found.left,
            "unknown": found.unknown,
            "uri": server.documents.uri(found.path) if found.path else None,
            "edit": server.plain(_edit(server, found.texts)) if found.texts is not None else None,
        }


def _edit(server: TpkgServer, texts: Mapping[Path, str]) -> lsp.WorkspaceEdit | None:
    """Return the lines that differ, as one edit for each file; None where none does."""
    edits = [edit for path, text in texts.items() if (edit := _difference(server, path, text)) is not None]
    return server.converter.edits(edits) if edits else None


def _difference(server: TpkgServer, path: Path, text: str) -> Edit | None:
    before, after = server.documents.lines(path), split_lines(text)
    if before == after:
        return None
    # One line at least is replaced, so that the end of the text needs no rule of its own.
    start = min(_same(before, after), len(before) - 1, len(after) - 1)
    end = _same(before[:start:-1], after[:start:-1])
    where = Span(start + 1, 1, len(before) - end, len(before[-1 - end]) + 1)
    text = "\n".join(after[start : len(after) - end])
    return Edit(path, where, text)


def _same(one: list[str], other: list[str]) -> int:
    """Return how many lines two texts begin with that are the same."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
