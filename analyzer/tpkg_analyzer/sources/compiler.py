"""Whether another Python compiles a text, and what it imports: told by that Python, which runs nothing of the project.

What its compiler says is exact, where a table of what came with which version is not.
"""

import os
import subprocess
import sys
import threading
import weakref
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

import tpkg_runtime
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_analyzer.sources.processes import end
from tpkg_runtime.spec.imports import Import

RUNNING = sys.version_info[:2]
"""The version of the Python that runs this tool, which parses all sources."""

_QUESTION = """
import json, sys, warnings
warnings.simplefilter("ignore")
def imports(source):
    sys.path.append(sys.argv[1])
    from dataclasses import asdict
    from tpkg_runtime.spec.imports import find_imports
    return [dict(asdict(item), kind=item.kind.value) for item in find_imports(source)]
def say(word):
    sys.stdout.write(json.dumps(word) + "\\n")
    sys.stdout.flush()
say(list(sys.version_info[:2]))
for line in iter(sys.stdin.buffer.readline, b""):
    wanted, size = line.split()
    source = sys.stdin.buffer.read(int(size)).decode("utf-8", "surrogatepass")
    if wanted == b"imports":
        try:
            say(imports(source))
        except Exception:
            say([])
        continue
    try:
        compile(source, "source", "exec", dont_inherit=True)
        say(None)
    except SyntaxError as error:
        place = [error.lineno, error.offset, getattr(error, "end_lineno", None), getattr(error, "end_offset", None)]
        say([type(error).__name__, str(error.msg), [part or 0 for part in place]])
    except (ValueError, RecursionError, MemoryError) as error:
        say([type(error).__name__, str(error), [0, 0, 0, 0]])
"""
_PATIENCE = 30.0
_RUNTIME = str(Path(tpkg_runtime.__file__).parent.parent)
_Answer = TypeVar("_Answer")


class Refusal(msgspec.Struct, frozen=True, array_like=True):
    """What a compiler raises for a text; of the place, what it does not say is 0."""

    error: str
    message: str
    place: tuple[int, int, int, int]


_REFUSAL: msgspec.json.Decoder[Refusal | None] = msgspec.json.Decoder(Refusal | None)
_IMPORTS = msgspec.json.Decoder(tuple[Import, ...])


class UnansweredError(Exception):
    """The other Python cannot be asked."""


class Compiler:
    """The compiler of another Python, which is started when it is first asked."""

    def __init__(self, executable: str, version: tuple[int, int]) -> None:
        self._executable = executable
        self._version = version
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self.is_answering = True
        """Whether everything that it was asked has been answered so far."""

    def refusal(self, source: str) -> Refusal | None:
        """Return what compiling a text raises, None for nothing. Raises UnansweredError."""
        return self._answer("compile", source, _REFUSAL)

    def imports(self, source: str) -> tuple[Import, ...]:
        """Return what the exporter's scan finds in a text under this Python; nothing where that cannot be told."""
        try:
            return self._answer("imports", source, _IMPORTS)
        except UnansweredError:
            return ()

    def _answer(self, wanted: str, source: str, decoder: msgspec.json.Decoder[_Answer]) -> _Answer:
        data = source.encode("utf-8", "surrogatepass")
        with self._lock:
            if not self.is_answering:
                raise UnansweredError
            try:
                process = self._process = self._process or self._started()
                return decoder.decode(_answered(process, b"%b %d\n%b" % (wanted.encode(), len(data), data)))
            except (OSError, ValueError, msgspec.MsgspecError):
                # It is not started anew: whatever ended it would be asked again.
                self.is_answering = False
                raise UnansweredError from None

    def _started(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [self._executable, "-I", "-S", "-c", _QUESTION, _RUNTIME],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=os.path.sep,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        weakref.finalize(self, end, process)
        version = msgspec.json.decode(_answered(process, b""), type=tuple[int, int])
        if version != self._version:
            raise ValueError
        return process


def _answered(process: subprocess.Popen[bytes], question: bytes) -> bytes:
    """Return the line that a process answers; an empty one where it has ended, or does not answer for long."""
    assert process.stdin is not None
    assert process.stdout is not None
    watch = threading.Timer(_PATIENCE, process.kill)
    watch.daemon = True
    watch.start()
    try:
        process.stdin.write(question)
        process.stdin.flush()
        return process.stdout.readline()
    finally:
        watch.cancel()


def compiler_of(interpreter: Interpreter) -> Compiler | None:
    """Return the compiler of an interpreter; None where the Python that runs this tool has the same one."""
    version = interpreter.version[:2]
    return None if version == RUNNING else _compiler(interpreter.executable, version)


@cache
def _compiler(executable: str, version: tuple[int, int]) -> Compiler:
    return Compiler(executable, version)
