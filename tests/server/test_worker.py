"""The server's side: whoever closes a worker waits for nothing but its processes."""

import asyncio
import contextlib

import pytest

from tpkg_analyzer.session.preferences import Preferences
from tpkg_server.worker.feed import Feed
from tpkg_server.worker.questions import Catalogue
from tpkg_server.worker.spare import Spare
from tpkg_server.worker.worker import Urgency, Worker

_PATIENCE = 60.0


@pytest.mark.parametrize("n_turns", range(6))
async def test_a_question_does_not_keep_a_worker_from_closing(n_turns: int) -> None:
    """The end may come with a question, in any turn of the event loop; one that was lost kept `shutdown` unanswered."""
    spare = Spare()
    worker = Worker(Feed(), Preferences(), spare)
    await worker.ask(Catalogue(), Urgency.TYPING)
    await asyncio.sleep(0.01)  # now it rests
    asking = asyncio.create_task(worker.ask(Catalogue(), Urgency.TYPING))
    for _ in range(n_turns):
        await asyncio.sleep(0)
    asking.cancel()
    closed, _ = await asyncio.wait({asyncio.create_task(worker.close())}, timeout=_PATIENCE)
    assert closed
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    assert worker.pid is None
    await spare.close()
    assert spare.pid is None
