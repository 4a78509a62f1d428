"""Confirming from the editor: it shows that it works, a person can end it, and nobody waits for it."""

import asyncio
import sys
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from tests.e2e.lsp.client import PATIENCE, Editor, connect, plain

WINDOW = lsp.WindowClientCapabilities(work_done_progress=True)


async def progress_of(editor: Editor) -> str | int:
    """Return the token of the work that the server shows, once it does."""
    while not editor.client.progress_reports:
        await asyncio.sleep(0.01)
    return next(iter(editor.client.progress_reports))


async def test_cancelled_by_a_person(project: Path) -> None:
    """The command answers at once that it was cancelled; edits meanwhile are answered as ever."""
    # The export would not end by itself.
    (project / "demo.py").write_text("import time\nimport other\n\ntime.sleep(600)\n")
    async with connect(project, window=WINDOW, options={"python": sys.executable}) as editor:
        editor.open("demo.py")
        await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])
        running = asyncio.ensure_future(editor.command("tpkg-lint.confirm", editor.uri("demo.py"), "demo"))
        token = await asyncio.wait_for(progress_of(editor), PATIENCE)
        version = editor.type("demo.py", "import importlib\nx = importlib.import_module('other')\n")
        assert [item.code for item in await editor.until_version("demo.py", version)] == ["TPK202"]
        assert not running.done()
        editor.client.window_work_done_progress_cancel(lsp.WorkDoneProgressCancelParams(token))
        assert plain(await asyncio.wait_for(running, PATIENCE)) == {"cancelled": True}
        # The worker that was at it is free, although the export would still be at work.
        plan = plain(await asyncio.wait_for(editor.command("tpkg-lint.plan", editor.uri("demo.py"), "demo"), PATIENCE))
        assert plan["package"] == "demo"
        begin, end = editor.client.progress_reports[token][0], editor.client.progress_reports[token][-1]
        assert (begin.title, begin.cancellable) == ("Confirming demo", True)
        assert end.kind == "end"


@pytest.mark.slow
async def test_verdict_is_shown(project: Path) -> None:
    """What the real export has shown is in the message of the finding."""
    async with connect(project, window=WINDOW, options={"python": sys.executable}) as editor:
        editor.open("demo.py")
        await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])
        answer = plain(await editor.command("tpkg-lint.confirm", editor.uri("demo.py"), "demo"))
        assert answer == {"cancelled": False, "findings": {"confirmed": 1}}
        await editor.until(lambda: "confirmed: " in editor.diagnostics("demo.py")[0].message)
