"""A plan in the place where its package is declared: a table of the configuration, or the code of the export."""

from collections.abc import Callable, Sequence
from pathlib import Path

from tpkg_analyzer.config.places import places_of
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root
from tpkg_runtime.spec.source import Span


def place_of_actions(package: Package) -> Place:
    """Return where the actions of a package belong: in the table that settles them, or where it is declared."""
    table = package.configured
    if table is not None and any(call.place.path == table.path for call in package.actions):
        return table
    return package.declared


def with_actions(
    package: Package, entries: Sequence[str], calls: Sequence[str], read: Callable[[Path], str | None]
) -> dict[Path, str] | None:
    """Return the files that tell the actions of a package with others in them, as entries of a table and as calls.

    None where they cannot be put there. A table and an export that the same calls make one get the same ones.
    """
    declared = place_of_actions(package)
    is_code = declared.path is not None and declared.path.suffix == ".py"
    places = [declared, *([package.configured] if is_code and package.tie and package.configured else [])]
    texts: dict[Path, str] = {}
    for place in places:
        text = read(place.path) if place.path is not None else None
        if text is None or place.path is None:
            return None
        is_here = is_code and place is declared
        changed = _in_code(text, package, calls) if is_here else _in_table(text, place.span, entries)
        if changed is None:
            return None
        texts[place.path] = changed
    return texts


def _in_table(text: str, declared: Span, rows: Sequence[str]) -> str | None:
    places = places_of(text.replace("\r\n", "\n"))
    table = next((keys for keys, span in places.items() if span == declared), None)
    if table is None:
        return None
    value = "[\n" + "".join(f"  {row}\n" for row in rows) + "]"
    lines = text.split("\n")
    known = places.get((*table, "actions"))
    if known is not None:
        return "\n".join(_replaced(lines, known, value))
    header = declared.end_line
    return "\n".join([*lines[:header], f"actions = {value}", *lines[header:]])


def _in_code(text: str, package: Package, rows: Sequence[str]) -> str | None:
    """Return the text of an export with other actions; None where these are not statements of one block, or open."""
    calls = [step for step in package.steps if isinstance(step, ActionCall)]
    saves = [step for step in package.steps if isinstance(step, Root)]
    path = package.declared.path
    if not saves or not saves[0].receiver or saves[0].call.path != path:
        return None
    if any(not item.is_root for item in package.unknown):
        return None  # what is not understood would stay beside the new actions
    if any(not call.receiver or call.place.path != path or not call.is_certain for call in calls):
        return None
    column = saves[0].call.span.column
    if any(call.place.span.column != column for call in calls):
        return None
    lines = text.split("\n")
    gone = {number for call in calls for number in range(call.place.span.line, call.place.span.end_line + 1)}
    at = min([saves[0].call.span.line, *gone])
    new = [" " * (column - 1) + row for row in rows]
    kept = [line for number, line in enumerate(lines[at - 1 :], at) if number not in gone]
    return "\n".join([*lines[: at - 1], *new, *kept])


def _replaced(lines: list[str], span: Span, value: str) -> list[str]:
    first, last = lines[span.line - 1], lines[span.end_line - 1]
    merged = first[: span.column - 1] + value + last[span.end_column - 1 :]
    return [*lines[: span.line - 1], *merged.split("\n"), *lines[span.end_line :]]
