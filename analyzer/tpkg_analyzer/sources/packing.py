"""Values as bytes: for a store, and for digests.

A text can hold what UTF-8 cannot write: a byte of a file's name, or half a surrogate pair from an escape in a source.
Such a value is never stored, and its digest is made of how Python would show it.
"""

from pathlib import PurePath
from typing import Any

import msgspec


def _as_plain(value: object) -> object:
    if isinstance(value, PurePath):
        return str(value)
    raise NotImplementedError(f"a {type(value).__name__} cannot be packed")


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_as_plain)
_SORTING = msgspec.msgpack.Encoder(enc_hook=_as_plain, order="deterministic")


def packed(value: object) -> bytes | None:
    """Encode a value in MessagePack for a store, paths as texts; None where that is impossible."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        return None


def identifying(value: object) -> bytes:
    """Return bytes that are others where the value is another one, and the same in every process."""
    try:
        return _SORTING.encode(value)
    except UnicodeEncodeError:
        plain = msgspec.to_builtins(value, builtin_types=(bytes,), enc_hook=_as_plain, order="deterministic")
        return repr(plain).encode(errors="backslashreplace")


def from_plain(kind: type, value: Any) -> Any:
    """Make a path of the text that it was packed as: the hook of a decoder."""
    return kind(value)
