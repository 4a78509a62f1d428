"""Enumerations: their members, each one object, and what those of `str` count as."""

import ast
from collections.abc import Iterator

from tpkg_analyzer.scan.exports.classes import bases_named, is_enum
from tpkg_analyzer.scan.exports.values import ClassValue, External, FunctionValue, Instance, Known, Opaque, Value

ENUM_MEMBER = "enum member"
_TEXTUAL = frozenset({"builtins.str", "enum.StrEnum"})


def members_of(cls: ClassValue) -> dict[str, Instance]:
    """Return the members of an enumeration by name; an alias has the member that it stands for."""
    if not cls.members:
        for name, value in _values(cls):
            same = [item for item in cls.members.values() if item.attributes["value"] == value]
            is_alias = bool(same) and isinstance(value, Known)
            attributes: dict[str, Value] = {"value": value, "name": Known(name)}
            cls.members[name] = same[0] if is_alias else Instance(cls, attributes, payload=ENUM_MEMBER)
    return cls.members


def distinct_members(cls: ClassValue) -> list[Value]:
    """Return what iterating over an enumeration gives."""
    found = members_of(cls)
    return [item for name, item in found.items() if item.attributes["name"] == Known(name)]


def plain(value: Value) -> Value:
    """Return the text that a member of an enumeration of texts is, and any other value itself."""
    if isinstance(value, Instance) and value.payload == ENUM_MEMBER and not _TEXTUAL.isdisjoint(bases_named(value.cls)):
        return value.attributes["value"]
    return value


def _values(cls: ClassValue) -> Iterator[tuple[str, Value]]:
    number = 0
    given: dict[Opaque, Known] = {}
    automatic = {
        statement.targets[0].id
        for statement in cls.node.body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
        if isinstance(statement.value, ast.Call) and ast.unparse(statement.value.func).rpartition(".")[2] == "auto"
    }
    for name, value in cls.names.values.items():
        if name.startswith("_") or isinstance(value, FunctionValue | ClassValue | External) or "." in name:
            continue
        if name in automatic and isinstance(value, Opaque):
            is_text = External("enum.StrEnum") in cls.bases
            given[value] = Known(name.lower()) if is_text else Known(number + 1)
        value = given.get(value, value) if isinstance(value, Opaque) else value
        if isinstance(value, Known) and isinstance(value.value, int):
            number = value.value
        yield name, value


def is_member_of(value: Value, cls: Value) -> bool:
    """Tell whether a value is a member of an enumeration that is known."""
    return isinstance(value, Instance) and value.cls is cls and is_enum(cls) and value.payload == ENUM_MEMBER
