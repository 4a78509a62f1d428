"""The GLOBALs of a pickle: what unpickling it will import.

Reads the opcodes and runs nothing. What torch.package reads from a pickle that a pickler made is the same.
"""

import re
from collections.abc import Iterator

_COUNTED = {b"U": 1, b"T": 4, b"B": 4, b"C": 1, b"\x8a": 1, b"\x8b": 4, b"\x8e": 8, b"\x96": 8}
_TEXT = {b"\x8c": 1, b"X": 4, b"\x8d": 8}
_LINES = {b"F": 1, b"I": 1, b"L": 1, b"S": 1, b"V": 1, b"g": 1, b"p": 1, b"P": 1, b"c": 2, b"i": 2}
_GET = {b"h": 1, b"j": 4}
_MEMOIZE, _STACK_GLOBAL, _STOP = b"\x94", b"\x93", b"."
_LONGEST_INDEX = 10

# Opcodes that can be skipped in a run, at the speed of `re`: those without argument and those of fixed length.
_PLAIN = rb"[()012N\]}tadelsQRbou\x81\x85-\x89\x8f-\x92\x97\x98]"
_RUN = rb"(?:[qK\x80\x82].|" + _PLAIN + rb"|[rJ\x84]....|[G\x95].{8}|[M\x83]..%s)+"
_SKIP = re.compile(_RUN % b"", re.DOTALL)
_SKIP_WITH_GETS = re.compile(_RUN % b"|h.|j....", re.DOTALL)

# All that has a fixed length, but for memo indices beyond a million.
_SKIP_SMALL = re.compile(
    rb"(?:[qhK\x80\x82].|" + _PLAIN + rb"|[\x93\x94]|r..[\x00-\x0f]\x00|[jJ\x84]....|[G\x95].{8}|M..|\x83..)+",
    re.DOTALL,
)


def pickle_globals(data: bytes) -> list[tuple[str, str]]:
    """Return each GLOBAL as module and qualified name, once, in the order of the pickle (protocols 0 to 5).

    Raises ValueError for what is no pickle or is cut short.
    """
    try:
        return list(dict.fromkeys(_scan(data)))
    except (IndexError, UnicodeDecodeError) as error:
        raise ValueError(f"not a pickle: {error}") from error


def asks_for_memory(data: bytes) -> bool:
    """Tell whether a pickle has a memo index that is larger than the pickle itself, which no pickler writes.

    The C unpickler makes room for all indices below: a few bytes would have it ask for gigabytes.
    """
    position = 0
    while position < len(data):
        run = _SKIP_SMALL.match(data, position)
        if run is not None:
            position = run.end()
        code = data[position : position + 1]
        position += 1
        if code == b"r":
            if int.from_bytes(data[position : position + 4], "little") > len(data):
                return True
            position += 4
        elif (length := _TEXT.get(code) or _COUNTED.get(code)) is not None:
            position += length + int.from_bytes(data[position : position + length], "little")
        elif code in _LINES:
            for _ in range(_LINES[code]):
                end = data.find(b"\n", position)
                line, position = data[position:end], end + 1 or len(data)
            if code == b"p" and (not line.isdigit() or len(line) > _LONGEST_INDEX or int(line) > len(data)):
                return True
        else:
            break  # its end, or what the unpickler complains of
    return False


def _scan(data: bytes) -> Iterator[tuple[str, str]]:
    position = memoized = 0
    strings: dict[int, bytes | None] = {}
    below: bytes | None = None  # the two values on top of the stack, where they are strings
    top: bytes | None = None
    # Only from protocol 4 on do values of the memo become names of globals.
    skip = (_SKIP if data[:1] != b"\x80" or data[1] >= 4 else _SKIP_WITH_GETS).match
    while True:
        run = skip(data, position)
        if run is not None:
            position = run.end()
        code = data[position : position + 1]
        position += 1
        if code == _MEMOIZE:
            memoized += 1
        elif code in _TEXT:
            text, position = _counted(data, position, _TEXT[code])
            below, top = top, text
            strings[memoized] = top
        elif code in _GET:
            end = position + _GET[code]
            below, top = top, strings.get(int.from_bytes(data[position:end], "little"))
            position = end
        elif code == _STACK_GLOBAL:
            if below is not None and top is not None:
                yield below.decode(), top.decode()
        elif code in _COUNTED:
            _, position = _counted(data, position, _COUNTED[code])
        elif code in _LINES:
            lines = []
            for _ in range(_LINES[code]):
                end = data.find(b"\n", position)
                if end < 0:
                    raise ValueError("not a pickle: it is cut short")
                lines.append(data[position:end])
                position = end + 1
            if code in (b"c", b"i"):
                yield lines[0].decode(), lines[1].decode()
        elif code == _STOP:
            return
        else:
            raise ValueError(f"not a pickle: unknown opcode {code!r} at {position - 1}")


def _counted(data: bytes, position: int, length: int) -> tuple[bytes, int]:
    start = position + length
    end = start + int.from_bytes(data[position:start], "little")
    if end > len(data):
        raise ValueError("not a pickle: it is cut short")
    return data[start:end], end
