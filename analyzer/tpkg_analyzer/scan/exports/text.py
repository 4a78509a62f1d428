"""Text: f-strings, and the methods of strings over constants."""

import ast
from collections.abc import Callable
from pathlib import PurePosixPath

from tpkg_analyzer.model.package import Unknown
from tpkg_analyzer.scan.exports.limits import LONGEST_TEXT, fits_format, fits_method
from tpkg_analyzer.scan.exports.scalars import scalar
from tpkg_analyzer.scan.exports.sequences import items_of
from tpkg_analyzer.scan.exports.state import Arguments, Frame, Machine, Site
from tpkg_analyzer.scan.exports.values import Items, Known, Opaque, Table, Value, doubt_of

_METHODS = frozenset(
    [
        "capitalize",
        "casefold",
        "center",
        "count",
        "endswith",
        "expandtabs",
        "find",
        "format",
        "index",
        "isalnum",
        "isalpha",
        "isdigit",
        "isidentifier",
        "islower",
        "isnumeric",
        "isspace",
        "istitle",
        "isupper",
        "join",
        "ljust",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rindex",
        "rjust",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "upper",
        "zfill",
        "encode",
        "format_map",
        "translate",
    ]
)
_PATH_METHODS = frozenset(["with_name", "with_suffix", "joinpath", "resolve", "absolute", "expanduser", "as_posix"])


def formatted(machine: Machine, parts: list[ast.expr], frame: Frame, site: Site) -> Value:
    """Return the text of an f-string."""
    text, place = "", None
    for part in parts:
        match part:
            case ast.Constant(value=str(value)):
                text += value
            case ast.FormattedValue(value=inner, conversion=conversion, format_spec=spec):
                known = machine.evaluate(machine, inner, frame)
                wanted = machine.evaluate(machine, spec, frame) if spec is not None else Known("")
                if not isinstance(known, Known) or not isinstance(wanted, Known):
                    return scalar(doubt_of(known) or doubt_of(wanted) or frame.site(inner).unknown)
                place = place or known.place
                shown = _shown(known.value, conversion, wanted.value)
                if shown is None or len(text) + len(shown) > LONGEST_TEXT:
                    return site.opaque
                text += shown
            case _:
                return site.opaque
    return Known(text, place or site.place)


def _shown(value: object, conversion: int, spec: str) -> str | None:
    if not fits_format(spec):
        return None
    converting: dict[int, Callable[[object], str]] = {ord("s"): str, ord("r"): repr, ord("a"): ascii}
    try:
        return format(converting[conversion](value) if conversion in converting else value, spec)
    except (TypeError, ValueError):  # also an integer of more digits than Python prints
        return None


def is_text_method(name: str) -> bool:
    """Tell whether a method of strings is known."""
    return name in _METHODS or name in _PATH_METHODS


def text_method(machine: Machine, text: Known, name: str, arguments: Arguments, site: Site) -> Value:
    """Call a method of a constant string."""
    given: list[object] = []
    place = text.place
    if arguments.doubt is not None:
        return Opaque(arguments.doubt)
    for value in arguments.positional:
        plain, cause = _plain(machine, value, site)
        if cause is not None:
            return Opaque(cause)
        if name == "join" and isinstance(value, Items):
            place = next((item.place for item in value.items if isinstance(item, Known) and item.place), place)
        given.append(plain)
    named: dict[str, object] = {}
    for keyword, value in arguments.keywords:
        plain, cause = _plain(machine, value, site)
        if cause is not None:
            return Opaque(cause)
        named[keyword] = plain
    if name in _PATH_METHODS and isinstance(text.value, str):
        return _path_method(text, name, given, site)
    if isinstance(text.value, str | bytes) and not fits_method(text.value, name, [*given, *named.values()]):
        return site.opaque
    try:
        result = getattr(text.value, name)(*given, **named)
    except (TypeError, ValueError, LookupError, AttributeError, OverflowError):
        return site.opaque
    if isinstance(result, list | tuple):
        return Items(type(result).__name__, [Known(item, place) for item in result], machine.level)
    if isinstance(result, str | bytes) and len(result) > LONGEST_TEXT:
        return site.opaque
    return Known(result, place)


def path_part(text: Known, name: str) -> Known | None:
    """Return an attribute of a path; paths are kept as their text."""
    if not isinstance(text.value, str) or name not in ("parent", "name", "stem", "suffix"):
        return None
    return Known(str(getattr(PurePosixPath(text.value), name)), text.place)


def _path_method(text: Known, name: str, given: list[object], site: Site) -> Value:
    if name in ("resolve", "absolute", "expanduser", "as_posix"):
        return text
    try:
        return Known(str(getattr(PurePosixPath(text.value), name)(*map(str, given))), text.place)
    except ValueError:
        return site.opaque


def _plain(machine: Machine, value: Value, site: Site) -> tuple[object, Unknown | None]:
    match value:
        case Known(value=plain):
            return plain, None
        case Items():
            items, doubt = items_of(machine, value, site)
            if doubt is None and all(isinstance(item, Known) for item in items):
                return tuple(item.value for item in items if isinstance(item, Known)), None
            return None, doubt or next((cause for item in items if (cause := doubt_of(item))), site.unknown)
        case Table(pairs=pairs, doubt=None):
            known = {key.value: item.value for key, item in pairs if isinstance(key, Known) and isinstance(item, Known)}
            return (known, None) if len(known) == len(pairs) else (None, site.unknown)
        case _:
            return None, doubt_of(value) or site.unknown
