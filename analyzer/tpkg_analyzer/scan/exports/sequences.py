"""Items of what can be iterated over, with the reason why there may be others."""

from tpkg_analyzer.model.package import Unknown
from tpkg_analyzer.scan.exports.classes import NAMED_TUPLE, bases_named, is_enum
from tpkg_analyzer.scan.exports.enums import distinct_members
from tpkg_analyzer.scan.exports.state import Machine, Site
from tpkg_analyzer.scan.exports.values import ClassValue, Either, Instance, Items, Known, Opaque, Table, Value

_LONGEST = 2000


def items_of(machine: Machine, value: Value, site: Site) -> tuple[list[Value], Unknown | None]:
    """Return the items of a value, and why these are not all or not certain."""
    match value:
        case Items(items=items, doubt=doubt):
            return list(items), doubt
        case Table(pairs=pairs, doubt=doubt):
            return [key for key, _ in pairs], doubt
        case Known(value=str(text)) if len(text) <= _LONGEST:
            return [Known(letter, value.place) for letter in text], None
        case Opaque(cause=cause) | Either(cause=cause):
            return [], cause
        case Instance(payload=Items() as inner):
            return items_of(machine, inner, site)
        case Instance(cls=cls, doubt=doubt, attributes=attributes) if NAMED_TUPLE in bases_named(cls):
            return list(attributes.values()), doubt
        case ClassValue() if is_enum(value):
            return distinct_members(value), None
        case Instance(doubt=doubt, attributes=attributes):
            numbered = [item for name, item in attributes.items() if name.isdigit()]  # Sequential and ModuleList
            return numbered, doubt or (None if numbered else site.unknown)
        case _:
            return [], site.unknown


def unique(items: list[Value]) -> list[Value]:
    """Leave out what is there already, as a set does."""
    kept: list[Value] = []
    seen: set[object] = set()
    for item in items:
        if isinstance(item, Known):
            key = (type(item.value), item.value)
            if key in seen:
                continue
            seen.add(key)
        kept.append(item)
    return kept
