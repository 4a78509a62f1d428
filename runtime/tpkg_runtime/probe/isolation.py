"""What a probe takes away from itself before it runs user code: memory without end, the network, and the project.

Each function returns None, or the reason why it could not be done, which people are told.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Let the kernel kill this process when the analyzer is gone (Linux), however that ended."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def limit_memory(size: int | None) -> str | None:
    """Limit the process's data to `size` bytes."""
    if size is None:
        return None
    try:
        import resource
    except ImportError:
        return "memory is not limited on this platform"
    try:
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    except (OSError, ValueError) as error:
        return f"memory is not limited: {error}"
    return None


def leave_network() -> str | None:
    """Move into a network namespace of one's own (Linux), in which nothing can be reached."""
    if sys.platform != "linux":
        return "the network is not off on this platform"
    user, group = os.geteuid(), os.getegid()
    if _libc().unshare(_CLONE_NEWNET if user == 0 else _CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return f"the network is not off: {_reason()}"
    if user != 0:
        with suppress(OSError):  # without the maps the process is nobody, and may read the same files
            for name, text in (
                ("setgroups", "deny"),
                ("uid_map", f"{user} {user} 1"),
                ("gid_map", f"{group} {group} 1"),
            ):
                Path("/proc/self", name).write_text(text)
    return None


def protect(folders: Iterable[str], scratch: str) -> str | None:
    """Make folders read-only for this process (Linux), except for `scratch`; to be called after `leave_network`."""
    if sys.platform != "linux":
        return "writing into the project is not refused on this platform"
    libc = _libc()
    if libc.unshare(_CLONE_NEWNS) != 0 or not _mounted("/", _MS_REC | _MS_PRIVATE):
        return f"writing into the project is not refused: {_reason()}"
    if not _mounted(scratch, _MS_BIND):
        return f"writing into the project is not refused: {_reason()}"
    for folder in sorted(set(folders)):
        if Path(folder).is_dir() and not (
            _mounted(folder, _MS_BIND | _MS_REC) and _mounted(folder, _MS_BIND | _MS_REMOUNT | _MS_RDONLY)
        ):
            return f"writing into {folder} is not refused: {_reason()}"
    return None


def _mounted(folder: str, flags: int) -> bool:
    name = os.fsencode(folder)
    return int(_libc().mount(name, name, None, ctypes.c_ulong(flags), None)) == 0


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _reason() -> str:
    return os.strerror(ctypes.get_errno())
