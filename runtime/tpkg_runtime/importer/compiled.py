"""Compiled sources, kept for the next importer of the same source."""

from collections import OrderedDict
from hashlib import sha256
from threading import Lock
from types import CodeType

_KEPT = 2048

_codes: OrderedDict[bytes, CodeType] = OrderedDict()
_lock = Lock()


def compile_source(source: bytes, filename: str) -> CodeType:
    """Compile the source of a packaged module. Raises SyntaxError.

    Sources in archives are UTF-8, whatever their coding cookie says: torch.package writes them so and leaves the
    cookie. Only an archive that was edited by hand can have another coding.
    """
    key = sha256(source).digest()
    with _lock:
        known = _codes.get(key)
        if known is not None:
            _codes.move_to_end(key)
    if known is not None:
        return _renamed(known, filename)
    code: CodeType = compile(_text(source), filename, "exec", dont_inherit=True)
    with _lock:
        _codes[key] = code
        while len(_codes) > _KEPT:
            _codes.popitem(last=False)
    return code


def _text(source: bytes) -> str | bytes:
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError:
        return source


def _renamed(code: CodeType, filename: str) -> CodeType:
    constants = tuple(_renamed(each, filename) if isinstance(each, CodeType) else each for each in code.co_consts)
    return code.replace(co_filename=filename, co_consts=constants)
