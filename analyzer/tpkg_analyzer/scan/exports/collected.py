"""Methods of lists, sets and dictionaries."""

from typing import Any

from tpkg_analyzer.model.package import Unknown
from tpkg_analyzer.scan.exports.bindings import set_item
from tpkg_analyzer.scan.exports.limits import MOST_ITEMS
from tpkg_analyzer.scan.exports.sequences import items_of, unique
from tpkg_analyzer.scan.exports.state import Arguments, Machine, Site
from tpkg_analyzer.scan.exports.values import NONE, Items, Known, Opaque, Table, Value, doubt_of, either, truth

_TAKING = frozenset({"pop", "popitem", "clear"})


def collection_method(machine: Machine, owner: Items | Table, name: str, arguments: Arguments, site: Site) -> Value:
    """Call a method of a list, set, tuple or dictionary."""
    if name.startswith("__") and name != "__contains__":
        return NONE if name in ("__init__", "__exit__") else site.opaque
    if arguments.doubt is not None:
        owner.doubt = owner.doubt or arguments.doubt
        return Opaque(arguments.doubt)
    first = arguments.positional[0] if arguments.positional else None
    if isinstance(owner, Table):
        if owner.of is not None and name in _TAKING:
            owner.of.doubt = owner.of.doubt or site.unknown
        return _table_method(machine, owner, name, first, arguments, site)
    return _items_method(machine, owner, name, first, arguments, site)


def _items_method(
    machine: Machine, owner: Items, name: str, first: Value | None, arguments: Arguments, site: Site
) -> Value:
    changing: Unknown | None = machine.doubt_since(owner.level)
    match name:
        case "append" | "add" if first is not None:
            owner.items = unique([*owner.items, first]) if owner.kind == "set" else [*owner.items, first]
        case "insert" if len(arguments.positional) == 2 and isinstance(first, Known) and isinstance(first.value, int):
            owner.items = list(owner.items)
            owner.items.insert(first.value, arguments.positional[1])
        case "extend" | "update":
            for given in arguments.positional:
                items, doubt = items_of(machine, given, site)
                if len(owner.items) + len(items) > MOST_ITEMS:
                    items, doubt = [], site.unknown
                owner.doubt = owner.doubt or doubt
                owner.items = unique(owner.items + items) if owner.kind == "set" else owner.items + items
        case "remove" | "discard" if isinstance(first, Known):
            known = [item for item in owner.items if isinstance(item, Known) and item.value == first.value]
            owner.items = [item for item in owner.items if not known or item is not known[0]]
        case "clear":
            owner.items = []
        case "sort":
            sort(machine, owner, arguments, site)
        case "reverse":
            owner.items = owner.items[::-1]
        case "pop" if owner.items and owner.doubt is None and owner.kind in ("list", "deque"):
            position = first.value if isinstance(first, Known) and isinstance(first.value, int) else -1
            if -len(owner.items) <= position < len(owner.items):
                taken = owner.items[position]
                owner.items = [item for index, item in enumerate(owner.items) if index != position % len(owner.items)]
                owner.doubt = changing
                return taken
            owner.doubt = site.unknown
        case "copy":
            return Items(owner.kind, list(owner.items), machine.level, owner.doubt)
        case "union" | "difference" | "intersection":
            return _combined(machine, owner, name, arguments, site)
        case "index" | "count" | "issubset" | "issuperset" | "isdisjoint":
            return site.opaque
        case _:
            owner.doubt = owner.doubt or site.unknown
            return site.opaque
    owner.doubt = owner.doubt or changing
    return NONE


def _combined(machine: Machine, owner: Items, name: str, arguments: Arguments, site: Site) -> Value:
    items, doubt = list(owner.items), owner.doubt
    for given in arguments.positional:
        other, unclear = items_of(machine, given, site)
        doubt = doubt or unclear
        values = {item.value for item in other if isinstance(item, Known)}
        if name == "union":
            items = unique(items + other)
        else:
            wanted = name == "intersection"
            items = [item for item in items if (isinstance(item, Known) and item.value in values) is wanted]
    return Items(owner.kind, items, machine.level, doubt)


def _table_method(
    machine: Machine, owner: Table, name: str, first: Value | None, arguments: Arguments, site: Site
) -> Value:
    match name:
        case "items":
            pairs: list[Value] = [Items("tuple", [key, value]) for key, value in owner.pairs]
            return Items("list", pairs, machine.level, owner.doubt)
        case "keys":
            return Items("list", [key for key, _ in owner.pairs], machine.level, owner.doubt)
        case "values":
            return Items("list", [value for _, value in owner.pairs], machine.level, owner.doubt)
        case "copy":
            return Table(owner.kind, list(owner.pairs), machine.level, owner.doubt)
        case "get" | "setdefault" | "pop" if first is not None:
            return _entry(machine, owner, name, first, arguments, site)
        case "update":
            if isinstance(first, Table):
                for key, value in first.pairs:
                    set_item(machine, owner, key, value, site)
                owner.doubt = owner.doubt or first.doubt
            elif first is not None:
                owner.doubt = owner.doubt or site.unknown
            if owner.of is not None:
                owner.of.doubt = owner.of.doubt or owner.doubt
            for keyword, value in arguments.keywords:
                set_item(machine, owner, Known(keyword), value, site)
            return NONE
        case _:
            owner.doubt = owner.doubt or site.unknown
            return site.opaque


def _entry(machine: Machine, owner: Table, name: str, key: Value, arguments: Arguments, site: Site) -> Value:
    default = arguments.positional[1] if len(arguments.positional) > 1 else NONE
    if not isinstance(key, Known):
        if name == "setdefault":
            set_item(machine, owner, key, default, site)
        return Opaque(owner.doubt or site.unknown)
    found = next((value for known, value in owner.pairs if isinstance(known, Known) and known.value == key.value), None)
    if name == "pop" and found is not None:
        owner.pairs = [pair for pair in owner.pairs if not (isinstance(pair[0], Known) and pair[0].value == key.value)]
        owner.doubt = owner.doubt or machine.doubt_since(owner.level)
    if name == "setdefault" and found is None:
        set_item(machine, owner, key, default, site)
    if found is None and owner.doubt is not None:
        return either([default, Opaque(owner.doubt)], owner.doubt)
    return default if found is None else found


def sort(machine: Machine, owner: Items, arguments: Arguments, site: Site) -> None:
    """Sort a list by its constants, or by those that `key` makes of its items; where there are none, it is unknown."""
    key = arguments.get(99, "key")
    by = owner.items
    if key is not None and key != NONE:
        by = [machine.call(machine, key, Arguments((item,)), site) for item in owner.items]
    reverse = truth(arguments.get(99, "reverse") or Known(False))
    ranks = [plain for item in by if (plain := rank(item)) is not None]
    if len(ranks) != len(by) or reverse is None:
        owner.doubt = owner.doubt or next((cause for item in by if (cause := doubt_of(item))), site.unknown)
        return
    try:
        order = sorted(range(len(by)), key=lambda position: ranks[position], reverse=reverse)
    except TypeError:
        owner.doubt = owner.doubt or site.unknown
        return
    owner.items = [owner.items[position] for position in order]


def rank(item: Value) -> tuple[Any, ...] | None:
    """Return what a value is compared by: a constant, or a tuple of such; None where that is not known."""
    match item:
        case Known(value=value):
            return (value,)
        case Items(items=items, doubt=None):
            ranks = [rank(inner) for inner in items]
            return None if None in ranks else tuple(ranks)
        case _:
            return None
