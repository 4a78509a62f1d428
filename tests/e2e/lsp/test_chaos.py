"""Five thousand edits and what people ask in between; at the end the server knows what a fresh check knows."""

import random
import shutil
import sys
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from tests.e2e.lsp.client import connect, plain
from tests.house.tree import ROOT
from tests.rules.scenarios import findings_in

N_EDITS = 5000
ROWS = [
    "def (",
    "import os, sys",
    'x = "😀"; y = "\x0c"',
    "# \u2028 \x85",
    "y = " + "1 + " * 400 + "1",
    '"""',
    "from . import nothing",
    "\t",
]


@pytest.mark.slow
async def test_random_edits(tmp_path: Path) -> None:
    """Valid and invalid texts, undo, astral characters, form feeds, CRLF, long lines, files that are deleted."""
    root = tmp_path / "sentiment"
    shutil.copytree(ROOT / "examples" / "sentiment", root, ignore=shutil.ignore_patterns("__pycache__", "dist"))
    texts = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in sorted(root.rglob("*.py"))}
    log = tmp_path / "server.log"
    chance = random.Random(11)
    options = {"python": sys.executable, "debounce": 5, "delay": 20, "diagnosticMode": "workspace"}
    async with connect(root, options=options, arguments=("--log-file", str(log))) as editor:
        history: dict[str, list[str]] = {name: [text] for name, text in texts.items()}
        for name in texts:
            editor.open(name)
        for step in range(N_EDITS):
            name = chance.choice(list(texts))
            history[name].append(edited(history[name], texts[name], chance))
            version = editor.type(name, history[name][-1])
            if step % 50 == 0:  # else the next edit comes before anybody has looked
                await editor.until_version(name, version)
            if step % 25 == 0:
                document = lsp.TextDocumentIdentifier(editor.uri(name))
                place = lsp.Position(chance.randrange(60), chance.randrange(40))
                await editor.client.text_document_hover_async(lsp.HoverParams(document, place))
                await editor.client.text_document_completion_async(lsp.CompletionParams(document, place))
                span = lsp.Range(lsp.Position(0, 0), place)
                context = lsp.CodeActionContext(diagnostics=[])
                await editor.client.text_document_code_action_async(lsp.CodeActionParams(document, span, context))
            if step % 500 == 0:
                extra = root / f"extra_{step}.py"
                extra.write_text("import torch\n")
                event = lsp.FileEvent(extra.as_uri(), lsp.FileChangeType.Created)
                editor.client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([event]))
        for extra in root.glob("extra_*.py"):
            extra.unlink()
        event = lsp.FileEvent(root.as_uri(), lsp.FileChangeType.Deleted)
        editor.client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([event]))
        for number, (name, text) in enumerate(texts.items()):
            (root / name).write_text(last(text, number), "utf-8", newline="")
            editor.type(name, last(text, number))
        wanted = sorted((item.path, item.span.line, item.code) for item in findings_in(root))

        def seen() -> list[tuple[Path, int, str]]:
            return sorted(
                (path, item.range.start.line + 1, str(item.code))
                for path in [*root.rglob("*.py"), root / "pyproject.toml"]
                for item in editor.diagnostics(path.relative_to(root).as_posix())
            )

        assert wanted
        await editor.until(lambda: seen() == wanted)
        debug = plain(await editor.command("tpkg-lint.debugInformation"))
        assert debug["workerStarts"] - debug["workersKilled"] == 1
    assert "Traceback" not in log.read_text(encoding="utf-8")


def last(text: str, number: int) -> str:
    """Return the text with which a document ends: another than at first, and one that parses."""
    text = f'import torch\nx = "😀"\n{text}' if number % 2 else text
    return text.replace("\n", "\r\n") if number % 3 else text


def edited(history: list[str], original: str, chance: random.Random) -> str:
    """Return the next text of a document."""
    text = history[-1]
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    return chance.choice(
        [
            "\n".join([*lines[:at], chance.choice(ROWS), *lines[at:]]),
            "\n".join(lines[:at] + lines[at + 1 :]),
            text.replace("\n", "\r\n"),
            text.replace("\r\n", "\n"),
            history[chance.randrange(len(history))],
            original,
            "",
        ]
    )
