"""When the server knows all that it is going to know."""

import asyncio
from pathlib import Path

import pytest

from tpkg_server.analysis import Analysis
from tpkg_server.documents import Documents
from tpkg_server.settings import ClientSettings
from tpkg_server.worker.worker import WorkerError

_PATIENCE = 60.0


async def test_nobody_waits_for_what_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that want whole answers get what there is, where the worker cannot make the closures."""
    heard = asyncio.Event()
    analysis = Analysis(Documents(), ClientSettings(debounce=0, delay=0), lambda _: heard.set(), lambda: None)

    async def fail(*_: object) -> None:
        raise WorkerError("no closures today")

    monkeypatch.setattr(analysis.worker, "ask", fail)
    analysis.set_roots([tmp_path])
    assert not analysis.is_settled
    await asyncio.wait_for(heard.wait(), _PATIENCE)
    assert analysis.is_settled
    assert analysis.is_complete
    assert analysis.troubles == ("no closures today",)
    await analysis.close()
