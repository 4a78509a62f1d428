"""Runs a command so that whatever happens ends in an exit status, and in one clear line where something is wrong."""

import errno
import gc
import io
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

from tpkg_analyzer.cli.status import CLEAN, INTERRUPTED, UNUSABLE

_NOT_WRITABLE = {errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}


def guarded(run: Callable[[], int]) -> int:
    """Return the status of a command: what it says, 0 where its reader goes away, 2 where it cannot be done.

    Ctrl-C ends it with 130.
    """
    # A command makes many objects and few cycles, and ends soon: collecting costs up to half of a closure's time.
    gc.disable()
    warnings.simplefilter("ignore")  # of parsers, about escapes in the code of others
    _make_writable()
    try:
        status = _finished(run)
        gc.freeze()  # else Python looks through all of them at its end, for a tenth of that time
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone; what is left to say would raise again while Python shuts down.
        sys.stdout = None
        return CLEAN
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: whatever it is, somebody has to be told
        print(f"tpkg-lint: {_said(error)}", file=sys.stderr)
        return UNUSABLE
    return status


def _finished(run: Callable[[], int]) -> int:
    try:
        return run()
    except SystemExit as end:  # how the parser of arguments ends after its help or a complaint
        return end.code if isinstance(end.code, int) else CLEAN


def _said(error: Exception) -> str:
    from tpkg_analyzer.config.errors import ConfigError  # loads what `--version` does without

    if isinstance(error, ConfigError):
        return str(error)
    if isinstance(error, OSError) and error.errno in _NOT_WRITABLE:
        sys.stdout = None
        return f"cannot write the answer: {error.strerror}"
    if isinstance(error, FileNotFoundError) and not _has_folder():
        return "the current folder has been removed"
    if isinstance(error, PermissionError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    traceback.print_exception(error)
    return "this is a fault of tpkg-lint; please report it with the lines above"


def _has_folder() -> bool:
    try:
        return Path.cwd().is_dir()
    except OSError:
        return False


def _make_writable() -> None:
    """Let both streams take any text: what is piped is UTF-8, as JSON and XML have to be, and nothing is refused."""
    # Where the shell has closed one, Python has none.
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the end
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
