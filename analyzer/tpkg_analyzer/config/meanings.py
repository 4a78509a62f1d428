"""What the keys of the configuration mean, read from the schema: for commands, documents and the JSON schema."""

import ast
import builtins
import inspect
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_origin

import msgspec

from tpkg_analyzer.config import schema

TABLES: dict[str, type[msgspec.Struct]] = {
    "[tool.tpkg-lint]": schema.Settings,
    "[[tool.tpkg-lint.package]]": schema.PackageTable,
    "actions": schema.ActionTable,
    "assume": schema.Assume,
}
"""The tables by the titles that documents give them."""

SCHEMA_URL = "https://json-schema.org/draft/2020-12/schema"

_WORDS = {str: "string", bool: "boolean", int: "integer"}
_PREFIXES = {schema.Settings: "", schema.PackageTable: "package.", schema.ActionTable: "package.actions."}


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its full name, its type in the words of TOML, its default as TOML writes it, and what it means."""

    name: str
    kind: str
    default: str | None
    meaning: str


def keys_of(table: type[msgspec.Struct]) -> Iterator[Key]:
    """Yield the keys of a table in the order of the schema. A required one has no default."""
    prefix = _PREFIXES.get(table, f"{table.__name__.lower()}.")
    texts = _attribute_texts(table)
    for field in msgspec.structs.fields(table):
        default = None if field.required else _toml(field.default)
        yield Key(prefix + field.encode_name, _type_words(field.type), default, texts.get(field.name, ""))


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of `tpkg-lint.toml`, which is that of the table `[tool.tpkg-lint]` as well."""
    document = msgspec.json.schema(schema.Settings)
    for name, definition in document["$defs"].items():
        texts = _attribute_texts(getattr(schema, name))
        fields = msgspec.structs.fields(getattr(schema, name))
        for field in fields:
            described = {"description": texts[field.name]} if field.name in texts else {}
            definition["properties"][field.encode_name] |= described
        definition["additionalProperties"] = False
    title = "The configuration of tpkg-lint"
    return {"$schema": SCHEMA_URL, "title": title, **document}


def _type_words(kind: Any) -> str:
    if kind in _WORDS:
        return _WORDS[kind]
    inner = [_type_words(item) for item in get_args(kind) if item not in (..., type(None))]
    match get_origin(kind):
        case builtins.tuple:
            return f"list of {inner[0]}s"
        case builtins.dict:
            return f"table of {inner[1]} by {inner[0]}"
        case typing.Literal:
            return "one of " + ", ".join(f"`{item}`" for item in get_args(kind))
        case None:
            return "table"
        case _:
            return " or ".join(inner)


def _toml(default: object) -> str:
    if default is None:
        return "none"
    if isinstance(default, tuple):
        return str(list(default)).replace("'", '"')
    if isinstance(default, msgspec.Struct) or default is msgspec.NODEFAULT:
        return "{}"
    return str(default).lower() if isinstance(default, bool) else f'"{default}"'


@cache
def _attribute_texts(table: type) -> dict[str, str]:
    """Read the strings below the attributes of a class."""
    (tree,) = ast.parse(inspect.getsource(table)).body
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for before, after in zip(tree.body, tree.body[1:], strict=False):
        match before, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
    return found
