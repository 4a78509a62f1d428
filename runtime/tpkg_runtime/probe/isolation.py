"""What a probe takes away from itself before it runs user code: memory without end, and the network."""

import ctypes
import os
import sys

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


def limit_memory(size: int | None) -> str | None:
    """Limit the process's data to `size` bytes; say why that could not be done."""
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
    """Move into a network namespace of one's own (Linux), in which nothing can be reached; say why that failed."""
    if sys.platform != "linux":
        return "the network is not off on this platform"
    libc = ctypes.CDLL(None, use_errno=True)
    flags = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWUSER | _CLONE_NEWNET
    if libc.unshare(flags) != 0:
        return f"the network is not off: {os.strerror(ctypes.get_errno())}"
    return None
