"""The child process of a probe: started beside the project, limited in time and words, and never left behind."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import tpkg_runtime
from tpkg_runtime.wire.codec import WireError, decode, encode
from tpkg_runtime.wire.messages import ANSWERS, Request

PATIENCE = 300.0
"""How many seconds one package may take."""

_BEAT = 0.1
_FAREWELL = 5.0
_TAIL = 2000
_MOST = 64 * 2**20
_PIECE = 2**16

# Only our runtime becomes importable, not the folder that it is installed in.
_BOOTSTRAP = """
import importlib.util, os, sys
folder = sys.argv.pop()
spec = importlib.util.spec_from_file_location(
    "tpkg_runtime", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder])
module = sys.modules["tpkg_runtime"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
from tpkg_runtime.probe.main import main
main()
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a probe said, and why it did not say all, where it did not."""

    messages: tuple[object, ...]
    failure: str | None = None


def ask_probe(
    executable: str,
    request: Request,
    patience: float = PATIENCE,
    watch: Callable[[int, float], None] = lambda _lines, _seconds: None,
) -> Outcome:
    """Run one probe to its end or for `patience` seconds. Its whole process group is gone when this returns or raises.

    `watch` is called some times a second with the number of lines that were said, and the seconds since the start.
    """
    folder = str(Path(tpkg_runtime.__file__).parent)
    with tempfile.TemporaryDirectory(prefix="tpkg-lint-", ignore_cleanup_errors=True) as place:
        try:
            child = subprocess.Popen(
                [executable, "-c", _BOOTSTRAP, folder],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=place,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": place},
                start_new_session=True,
            )
        except OSError as error:
            return Outcome((), f"the probe does not start: {error}")
        try:
            said, words = _Reader(child.stdout, _MOST), _Reader(child.stderr, None)
            _hand_over(child, request)
            failure = _wait(child, said, patience, watch)
        finally:
            _kill(child)
            child.wait()
        said.finish()
        words.finish()
        messages, refused = read_messages(bytes(said.kept))
        if failure is None and child.returncode != 0:
            failure = f"the probe {_end(child.returncode)}: {_last_line(bytes(words.kept))}"
        return Outcome(messages, failure or refused)


def read_messages(output: bytes) -> tuple[tuple[object, ...], str | None]:
    """Read what a probe wrote, up to the first line that is none of its messages; say what that was."""
    messages: list[object] = []
    for line in output.decode(errors="replace").splitlines():
        try:
            messages.append(decode(line, ANSWERS))
        except WireError as error:
            return tuple(messages), f"the probe said something else: {error}"
    return tuple(messages), None


class _Reader:
    """Reads a pipe in a thread, so that the child never waits: up to a limit, or the last part of what comes."""

    def __init__(self, pipe: IO[bytes] | None, limit: int | None) -> None:
        assert pipe is not None
        self._pipe = pipe
        self._limit = limit
        self.kept = bytearray()
        self.lines = 0
        self.is_over = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # the pipe is closed under it
            while piece := self._pipe.read1(_PIECE):  # type: ignore[attr-defined]
                if self._limit is None:
                    self.kept = self.kept[-_TAIL:] + piece
                elif not self.is_over:
                    self.kept += piece
                    self.lines += piece.count(b"\n")
                    self.is_over = len(self.kept) > self._limit

    def finish(self) -> None:
        """Wait until all was read. A process that left the group may hold the pipe open: then leave it alone."""
        self._thread.join(_FAREWELL)
        if not self._thread.is_alive():
            self._pipe.close()


def _hand_over(child: "subprocess.Popen[bytes]", request: Request) -> None:
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError), child.stdin:
        child.stdin.write(encode(request).encode())


def _wait(
    child: "subprocess.Popen[bytes]", said: _Reader, patience: float, watch: Callable[[int, float], None]
) -> str | None:
    """Wait for the end of a probe; return why it was not waited for."""
    start = time.monotonic()
    while True:
        try:
            child.wait(_BEAT)
        except subprocess.TimeoutExpired:
            passed = time.monotonic() - start
            watch(said.lines, passed)
        else:
            return None
        if passed > patience:
            return f"the probe took longer than {patience:.0f} s"
        if said.is_over:
            return "the probe said more than anybody would read"


def _kill(child: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()


def _end(status: int) -> str:
    if status >= 0:
        return f"died with status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"


def _last_line(said: bytes) -> str:
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "without a word"
