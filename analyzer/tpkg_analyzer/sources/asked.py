"""What interpreters said in earlier runs, for as long as nothing that they are made of has changed."""

import contextlib
import os
from hashlib import blake2b
from pathlib import Path

import msgspec

from tpkg_analyzer.sources.interpreter import Interpreter, ask_interpreter
from tpkg_analyzer.sources.packing import packed
from tpkg_analyzer.sources.store import Store

_PREFIX = "interpreter:4:"


class _Answer(msgspec.Struct, array_like=True):
    interpreter: Interpreter
    stamps: dict[str, str]


def known_interpreter(executable: str, store: Store | None) -> Interpreter:
    """Return what an interpreter says of itself, from the store where it would say the same again.

    It would where the program, its `pyvenv.cfg`, the variables about Python, the folders that it searches and the
    path files in them are as they were. Raises InterpreterError.
    """
    if store is None:
        return ask_interpreter(executable)
    key = _PREFIX + _digest(executable, *sorted(f"{name}={os.environ[name]}" for name in _variables()))
    data = store.get(key)
    if data is not None:
        with contextlib.suppress(msgspec.MsgspecError, ValueError):
            answer = msgspec.msgpack.decode(data, type=_Answer)
            if answer.stamps == _stamps(executable, answer.interpreter):
                return answer.interpreter
    found = ask_interpreter(executable)
    answered = packed(_Answer(found, _stamps(executable, found)))
    if answered is not None:
        store.put(key, answered)
    return found


def _variables() -> list[str]:
    return [name for name in os.environ if name.startswith("PYTHON") or name in ("HOME", "APPDATA", "VIRTUAL_ENV")]


def _stamps(executable: str, interpreter: Interpreter) -> dict[str, str]:
    program = Path(executable)
    watched = [str(program.resolve()), *(str(folder / "pyvenv.cfg") for folder in program.parents[:2])]
    for folder in dict.fromkeys((*interpreter.search_path, *interpreter.sites)):
        watched.append(folder)
        with contextlib.suppress(OSError):
            watched += [entry.path for entry in os.scandir(folder) if entry.name.endswith((".pth", ".egg-link"))]
    return {path: _stamp(path) for path in watched}


def _stamp(path: str) -> str:
    try:
        found = Path(path).stat()
    except OSError:
        return ""
    return f"{found.st_size}:{found.st_mtime_ns}"


def _digest(*parts: str) -> str:
    return blake2b("\0".join(parts).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
