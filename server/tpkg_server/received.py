"""What a client sent, read as settings; and what of it cannot be used, for the person who wrote it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

from tpkg_analyzer.config.errors import suggest
from tpkg_server.settings import SECTION, ClientSettings, described

OF_EDITORS = frozenset({"enable", "path", "interpreter", "importStrategy", "logLevel", "trace"})
"""Settings of the extension for VS Code in the same section, which it passes on as a whole."""
_LONGEST = 40

Group = TypeVar("Group", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Received:
    """The settings that are in force, and what is wrong with those that were sent."""

    settings: ClientSettings
    complaints: tuple[str, ...] = ()


def read_settings(given: Any) -> Received:
    """Read settings, or an object that holds them under the section's name; null is nothing.

    Every key that cannot be used is left at its default.
    """
    complaints: list[str] = []
    settings = _read(ClientSettings, _own(given), "", complaints)
    return Received(settings, tuple(complaints))


def read_pushed(given: Any) -> Received:
    """Read what was sent unasked: without our section it may be the settings of all the servers of an editor."""
    received = read_settings(given)
    return received if _own(given) is not given else Received(received.settings)


def _own(given: Any) -> Any:
    """Return what lies below the section, or what was sent where there is none."""
    found = given
    for key in (SECTION, "tpkgLint", "settings"):
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
    return found


def _read(group: type[Group], given: Any, prefix: str, complaints: list[str]) -> Group:
    if not isinstance(given, dict):
        if given is not None and given != []:  # so Lua writes an empty table
            name = f"`{prefix[:-1]}` is" if prefix else "they are"
            complaints.append(f"{name} left at the defaults: expected an object, got {_shown(given)}")
        return group()
    kept = {}
    fields = {field.encode_name: field for field in msgspec.structs.fields(group)}
    for key, value in given.items():
        field = fields.get(key)
        if field is None:
            complaints += _unknown(prefix + key, is_top=not prefix)
        elif isinstance(field.default, msgspec.Struct):
            kept[field.name] = _read(field.type, value, f"{prefix}{key}.", complaints)
        elif value is not None:
            try:
                kept[field.name] = msgspec.convert(value, field.type)
            except msgspec.ValidationError as error:
                choices = ", ".join(get_args(field.type)) if get_origin(field.type) is Literal else ""
                reason = f"{_shown(value)} is not one of {choices}" if choices else error
                complaints.append(f"`{prefix}{key}` is left at its default: {reason}")
    return group(**kept)


def _unknown(name: str, *, is_top: bool) -> Iterator[str]:
    if is_top and name in OF_EDITORS:
        return
    known = {item.name for item in described()}
    group, _, key = name.partition(".")
    hint = f"`{key}` belongs into an object `{group}`" if name in known else suggest(name, known)
    yield f"there is no setting `{name}`" + (f"; {hint}" if hint else "")


def _shown(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
