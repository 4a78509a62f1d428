"""Whether Python has compiled a source file as it is: it then has no syntax error."""

import importlib.util
import os
import struct
import sys

_HEADER = struct.Struct("<4sIII")
_MAGIC_ENDS_WITH = b"\r\n"


def is_compiled(path: str, version: tuple[int, int]) -> bool:
    """Tell whether there is bytecode of Python `version`, made from the file as it is by size and time.

    That is what an import believes (PEP 552). Bytecode that is checked by a hash, or not at all, proves nothing here.
    """
    is_own = version == sys.version_info[:2]
    try:
        # Asked for thousands of files in a row, for which open() is three times as slow, as is importlib's own answer.
        is_elsewhere = is_own and sys.pycache_prefix is not None
        made = importlib.util.cache_from_source(path) if is_elsewhere else _bytecode_of(path, version)
        descriptor = os.open(made, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            magic, flags, changed, size = _HEADER.unpack(os.read(descriptor, _HEADER.size))
        finally:
            os.close(descriptor)
        found = os.stat(path)  # noqa: PTH116
    except (OSError, NotImplementedError, ValueError, struct.error):
        return False
    is_bytecode = magic == importlib.util.MAGIC_NUMBER if is_own else magic.endswith(_MAGIC_ENDS_WITH)
    is_of_file = changed == int(found.st_mtime) & 0xFFFF_FFFF and size == found.st_size & 0xFFFF_FFFF
    return is_bytecode and not flags and is_of_file


def _bytecode_of(path: str, version: tuple[int, int]) -> str:
    """Return where a Python keeps the bytecode of a file (PEP 3147)."""
    folder, name = os.path.split(path)
    return os.path.join(folder, "__pycache__", f"{name.removesuffix('.py')}.cpython-{version[0]}{version[1]}.pyc")
