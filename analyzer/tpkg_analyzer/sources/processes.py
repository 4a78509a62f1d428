"""Other interpreters that run a part of this tool."""

import os
import subprocess
import sys
import threading

import msgspec

# Isolated, so that no file of the folder in which the command runs is imported in the place of a standard module.
_START = "import sys; sys.path[:] = sys.argv[2:]; __import__(sys.argv[1], fromlist=['main']).main()"


def start_main_of(module: str, task: msgspec.Struct) -> subprocess.Popen[bytes] | None:
    """Start an interpreter that calls the `main` of a module of ours, with a task as JSON on the first line it reads.

    Its standard input stays open, and ends when this process does. Return None where none can be started.
    """
    if not sys.executable or getattr(sys, "frozen", False):
        return None
    path = map(os.path.abspath, filter(None, sys.path))
    process = None
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START, module, *path],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(task) + b"\n")
        process.stdin.flush()
    except (OSError, UnicodeEncodeError):  # a path may be no UTF-8
        if process is not None:
            end(process)
        return None
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    """End another process at once."""
    process.kill()
    process.communicate()


def end_with_parent() -> None:
    """Let this process end when its standard input does, whatever it does then."""
    threading.Thread(target=_wait_for_end, daemon=True).start()


def _wait_for_end() -> None:
    # By its number: a thread that still reads `sys.stdin` would stop an interpreter that ends in the usual way.
    while os.read(0, 1):
        pass
    os._exit(0)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
