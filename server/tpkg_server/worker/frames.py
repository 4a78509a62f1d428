"""Messages between the server and its worker on a pipe: four bytes of length, then a pickle.

Both ends are this package in the same version, and nobody else can write to the pipe.
"""

import pickle
import struct
from typing import IO, Any

HEADER = struct.Struct(">I")


def packed(message: object) -> bytes:
    """Return the frame of a message."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(body)) + body


def read(pipe: IO[bytes]) -> Any:
    """Return the next message; None at the end of the pipe."""
    header = pipe.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    body = pipe.read(length)
    return pickle.loads(body) if len(body) == length else None
