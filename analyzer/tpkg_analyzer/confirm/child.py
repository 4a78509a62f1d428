"""The child process of a probe: started beside the project, limited in time, and never left behind."""

import contextlib
import os
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import tpkg_runtime
from tpkg_runtime.wire.codec import WireError, decode, encode
from tpkg_runtime.wire.messages import ANSWERS, Request

_PATIENCE = 300.0
_TAIL = 2000

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


def ask_probe(executable: str, request: Request, patience: float = _PATIENCE) -> Outcome:
    """Run one probe to its end or for `patience` seconds. Its whole process group is gone when this returns."""
    folder = str(Path(tpkg_runtime.__file__).parent)
    with tempfile.TemporaryDirectory(prefix="tpkg-lint-") as place, tempfile.TemporaryFile() as said:
        try:
            child = subprocess.Popen(
                [executable, "-c", _BOOTSTRAP, folder],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                cwd=place,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
                start_new_session=True,
            )
        except OSError as error:
            return Outcome((), f"the probe does not start: {error}")
        try:
            output, _ = child.communicate(encode(request).encode(), timeout=patience)
            failure = None
        except subprocess.TimeoutExpired:
            failure = f"the probe took longer than {patience:.0f} s"
            _kill(child)
            output, _ = child.communicate()
        finally:
            _kill(child)
        messages, refused = read_messages(output)
        if failure is None and child.returncode != 0:
            failure = f"the probe died with status {child.returncode}: {_last_line(said)}"
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


def _kill(child: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()


def _last_line(said: IO[bytes]) -> str:
    said.seek(0, os.SEEK_END)
    said.seek(max(said.tell() - _TAIL, 0))
    lines = [line.strip() for line in said.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "without a word"
