"""From the text of a configuration file to checked settings and packages. Reads no file itself."""

import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from tpkg_analyzer.config.errors import ConfigError, suggest
from tpkg_analyzer.config.places import KeyPath, places_of
from tpkg_analyzer.config.schema import ActionTable, PackageTable, Settings
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.source import START, Span

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE_NAMES = ("tpkg-lint.toml", ".tpkg-lint.toml", "pyproject.toml")

_AT = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `(?P<key>[^`]+)`")
_NO_CHOICE = re.compile(r"^Invalid enum value '(?P<word>.*)'$")
_TABLES = ("package",)
"""The keys whose value is a list of tables, which TOML writes with a header each."""
_STEP = re.compile(r"\.?([A-Za-z0-9_-]+)|\[(\d+)\]|\[\.\.\.\]")


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one project, with the folder that its paths are relative to."""

    root: Path
    settings: Settings
    packages: tuple[Package, ...] = ()
    path: Path | None = None
    given: frozenset[str] = frozenset()
    """The fields of the settings that the file itself names."""

    @property
    def import_roots(self) -> tuple[Path, ...]:
        """The folders from which first-party modules are imported."""
        return tuple(self.root / entry for entry in self.settings.src)


def load_config(path: Path, text: str) -> Config | None:
    """Read the configuration in `text` of the file at `path`; None for a pyproject.toml without our table.

    Raises ConfigError with place and suggestion for broken TOML, unknown keys and wrong types.
    """
    try:
        document: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _toml_error(path, text, str(error)) from None
    prefix = _prefix(path)
    if prefix:
        tool = document.get("tool", {})
        if "tpkg-lint" not in tool:
            return None
        document = tool["tpkg-lint"]
    places = places_of(text.replace("\r\n", "\n"))
    try:
        settings = msgspec.convert(document, Settings)
    except msgspec.ValidationError as error:
        raise _validation_error(path, prefix, places, str(error)) from None
    packages = tuple(
        _package(table, path, (*prefix, "package", index), places) for index, table in enumerate(settings.package)
    )
    _refuse_same_names(packages)
    given = frozenset(field.name for field in msgspec.structs.fields(Settings) if field.encode_name in document)
    return Config(path.parent, settings, packages, path, given)


def _refuse_same_names(packages: tuple[Package, ...]) -> None:
    known: set[str] = set()
    for package in packages:
        if package.name in known:
            place, said = package.declared, f"another package is called `{package.name}`"
            raise ConfigError(said, place.path, place.span, "give one of them another name")
        known.add(package.name)


def place_of(path: Path, text: str, key: str) -> Span:
    """Return where a key of our table has its value in a valid configuration file."""
    return own_places(path, text).get((key,), START)


def own_places(path: Path, text: str) -> dict[KeyPath, Span]:
    """Return the places of all keys of our table in a valid configuration file."""
    prefix = _prefix(path)
    places = places_of(text.replace("\r\n", "\n"))
    return {keys[len(prefix) :]: span for keys, span in places.items() if keys[: len(prefix)] == prefix}


def _prefix(path: Path) -> KeyPath:
    return ("tool", "tpkg-lint") if path.name == "pyproject.toml" else ()


def _package(table: PackageTable, path: Path, at: KeyPath, places: dict[KeyPath, Span]) -> Package:
    def place(*keys: str | int) -> Place:
        return Place(path, places.get((*at, *keys), places.get(at, START)))

    if not table.name.strip():
        raise ConfigError("`name`: a package needs a name", path, place("name").span, 'write for example name = "net"')
    actions = tuple(_action(action, place("actions", index)) for index, action in enumerate(table.actions))
    modules = tuple(Root(RootKind.MODULE, name, None, place("modules", i)) for i, name in enumerate(table.modules))
    objects = tuple(_object(name, place("objects", i)) for i, name in enumerate(table.objects))
    return Package(
        name=table.name,
        declared=place(),
        steps=(*actions, *modules, *objects),
        archive=path.parent / table.archive if table.archive else None,
        at=table.at,
        at_place=place("at"),
        smoke=table.smoke,
    )


def _action(table: ActionTable, place: Place) -> ActionCall:
    given = [(name, getattr(table, name)) for name in ("intern", "extern", "mock", "deny")]
    named = [(name, patterns) for name, patterns in given if patterns is not None]
    if len(named) != 1:
        raise ConfigError(
            "an action names exactly one of intern, extern, mock and deny",
            place.path,
            place.span,
            'write for example { intern = "mymodel.**" }',
        )
    name, patterns = named[0]
    return ActionCall(Action(name), _as_tuple(patterns), _as_tuple(table.exclude), table.allow_empty, place)


def _object(text: str, place: Place) -> Root:
    root = object_called(text)
    if root is None:
        said = f"`{text}` names no object"
        raise ConfigError(said, place.path, place.span, "write `module:Class`, or `module` alone")
    return replace(root, place=place)


def object_called(text: str) -> Root | None:
    """Return the object that `module` or `module:Class` stands for, None where a name is missing."""
    module, colon, cls = (part.strip() for part in text.partition(":"))
    return Root(RootKind.OBJECT, module, cls or None) if module and bool(colon) is bool(cls) else None


def _as_tuple(patterns: str | tuple[str, ...]) -> tuple[str, ...]:
    return (patterns,) if isinstance(patterns, str) else patterns


def _toml_error(path: Path, text: str, message: str) -> ConfigError:
    found = re.search(r" \((?:at line (?P<line>\d+), column (?P<column>\d+)|at end of document)\)$", message)
    if found is None:
        return ConfigError(f"this is not TOML: {message}", path)
    end = text.rstrip("\n").split("\n")
    line, column = int(found["line"] or len(end)), int(found["column"] or len(end[-1]) + 1)
    return ConfigError(f"this is not TOML: {message[: found.start()]}", path, Span(line, column, line, column))


def _validation_error(path: Path, prefix: KeyPath, places: dict[KeyPath, Span], message: str) -> ConfigError:
    where = _AT.search(message)
    steps = _STEP.findall(where["path"]) if where else []
    keys: KeyPath = tuple(int(number) if number else name for name, number in steps if name or number)
    text = message[: where.start()] if where else message
    hint = None
    if unknown := _UNKNOWN.search(text):
        keys = (*keys, unknown["key"])
        text = f"unknown key `{unknown['key']}`"
        hint = suggest(unknown["key"], _known_keys(keys))
        if keys == ("tool",):
            hint = "keys stand at the top of this file, without a table [tool.tpkg-lint]"
    elif keys:
        said = f"{text[0].lower()}{text[1:]}"
        if no_choice := _NO_CHOICE.search(text):
            choices = get_args(_type_of(keys))
            said = f"`{no_choice['word']}` is none of {', '.join(f'`{choice}`' for choice in choices)}"
            hint = suggest(no_choice["word"], choices)
        elif text == "Expected `array`, got `object`" and keys[-1] in _TABLES:
            header = ".".join(map(str, (*prefix, *keys)))
            hint = f"write [[{header}]] with two brackets: there may be several"
        text = f"`{keys[-1] if isinstance(keys[-1], str) else keys[-2]}`: {said}"
    ancestors = ((*prefix, *keys[:length]) for length in range(len(keys), -1, -1))
    span = next((places[key] for key in ancestors if key in places), START)
    return ConfigError(text, path, span, hint)


def _type_of(keys: KeyPath) -> Any:
    """Return the type of the value at some keys."""
    kind: Any = Settings
    for key in keys:
        kind = next((item for item in get_args(kind) if get_origin(item) is tuple), kind)  # of what may be missing
        if isinstance(key, int):
            kind = get_args(kind)[0]
        elif get_origin(kind) is dict:
            kind = get_args(kind)[1]
        else:
            kind = next(field.type for field in msgspec.structs.fields(kind) if field.encode_name == key)
    return next((item for item in get_args(kind) if get_origin(item) is Literal), kind)


def _known_keys(keys: KeyPath) -> list[str]:
    tables: dict[int, type[msgspec.Struct]] = {1: Settings, 2: Settings, 3: PackageTable, 5: ActionTable}
    return [field.encode_name for field in msgspec.structs.fields(tables.get(len(keys), Settings))]
