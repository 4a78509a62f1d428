"""Whether Python has compiled a source file as it is: it then has no syntax error."""

import importlib.util
import os
import struct

_HEADER = struct.Struct("<4sIII")


def is_compiled(path: str) -> bool:
    """Tell whether there is bytecode of the Python that runs this, made from the file as it is by size and time.

    That is what an import believes (PEP 552). Bytecode that is checked by a hash, or not at all, proves nothing here.
    """
    try:
        # Asked for thousands of files in a row, for which open() is three times as slow.
        descriptor = os.open(importlib.util.cache_from_source(path), os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            magic, flags, changed, size = _HEADER.unpack(os.read(descriptor, _HEADER.size))
        finally:
            os.close(descriptor)
        found = os.stat(path)  # noqa: PTH116
    except (OSError, NotImplementedError, ValueError, struct.error):
        return False
    is_of_file = changed == int(found.st_mtime) & 0xFFFF_FFFF and size == found.st_size & 0xFFFF_FFFF
    return magic == importlib.util.MAGIC_NUMBER and not flags and is_of_file
