"""Frozen dataclasses as lines of JSON and back, checked against their types. Standard library only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

VERSION = 4

Message = TypeVar("Message")

# The code of a package that is tried may patch the functions of the module `json`.
_ENCODE = json.JSONEncoder().encode


class WireError(Exception):
    """A message that is not of this format."""


def encode(message: object) -> str:
    """Return a message as one line of JSON that names its type."""
    return _ENCODE({"version": VERSION, "type": type(message).__name__, **_plain(message)})


def decode(text: str, kinds: Sequence[type[Any]]) -> Any:
    """Read a message that is one of `kinds`. Raises WireError."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise WireError(f"not JSON: {error}") from None
    if not isinstance(found, dict) or found.pop("version", None) != VERSION:
        raise WireError(f"not a message of version {VERSION}")
    name = found.pop("type", None)
    kind = next((kind for kind in kinds if kind.__name__ == name), None)
    if kind is None:
        raise WireError(f"{name!r} is not expected here")
    return _read(kind, found, name)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value


def _read(kind: Any, value: Any, where: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        if value is None and NoneType in arguments:
            return None
        return _read(next(item for item in arguments if item is not NoneType), value, where)
    if origin is tuple:
        return _read_tuple(arguments, _expect(list, value, where), where)
    if origin is dict:
        inner = arguments[1]
        return {str(key): _read(inner, item, f"{where}.{key}") for key, item in _expect(dict, value, where).items()}
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        given = _expect(dict, value, where)
        missing = sorted(set(hints) ^ set(given))
        if missing:
            raise WireError(f"{where}: {', '.join(missing)} missing or unknown")
        return kind(**{key: _read(hints[key], item, f"{where}.{key}") for key, item in given.items()})  # type: ignore[operator]
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError:
            raise WireError(f"{where}: {value!r} is no {kind.__name__}") from None
    return _expect(kind, value, where)


def _read_tuple(arguments: tuple[Any, ...], value: list[Any], where: str) -> tuple[Any, ...]:
    if arguments[-1] is Ellipsis:
        return tuple(_read(arguments[0], item, f"{where}[]") for item in value)
    if len(value) != len(arguments):
        raise WireError(f"{where}: expected {len(arguments)} items")
    return tuple(_read(kind, item, f"{where}[]") for kind, item in zip(arguments, value, strict=True))


def _expect(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise WireError(f"{where}: expected {kind.__name__}, got {type(value).__name__}")
    return value
