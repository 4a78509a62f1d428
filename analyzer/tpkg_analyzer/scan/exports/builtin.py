"""Builtin functions that make and fold collections."""

import ast
from collections.abc import Callable
from typing import Any

from tpkg_analyzer.scan.exports.collected import sort
from tpkg_analyzer.scan.exports.operators import binary
from tpkg_analyzer.scan.exports.scalars import is_scalar, scalar
from tpkg_analyzer.scan.exports.sequences import items_of, unique
from tpkg_analyzer.scan.exports.state import Arguments, Machine, Site
from tpkg_analyzer.scan.exports.values import (
    NONE,
    Instance,
    Items,
    Known,
    Opaque,
    Table,
    Value,
    doubt_of,
    either,
    truth,
)

Function = Callable[[Machine, Arguments, Site], Value]


def _collection(kind: str) -> Function:
    def make(machine: Machine, arguments: Arguments, site: Site) -> Value:
        if not arguments.positional:
            return Items(kind, [], machine.level, arguments.doubt)
        given = arguments.positional[0]
        items, doubt = items_of(machine, given, site)
        if doubt is not None and not items:
            return Items(kind, [], machine.level, doubt)
        return Items(kind, unique(items) if kind in ("set", "frozenset") else items, machine.level, doubt)

    return make


def _table(kind: str) -> Function:
    def make(machine: Machine, arguments: Arguments, site: Site) -> Value:
        table = Table(kind, [], machine.level, arguments.doubt)
        rest = list(arguments.positional)
        if kind == "defaultdict" and rest:
            rest.pop(0)
        for given in rest[:1]:
            if isinstance(given, Table):
                table.put_all(given)
                continue
            items, doubt = items_of(machine, given, site)
            table.doubt = table.doubt or doubt
            for item in items:
                pair, unclear = items_of(machine, item, site)
                if unclear is None and len(pair) == 2:
                    table.put(pair[0], pair[1])
                else:
                    table.doubt = table.doubt or unclear or site.unknown
        for name, value in arguments.keywords:
            table.put(Known(name), value)
        return table

    return make


def _listed(machine: Machine, arguments: Arguments, site: Site) -> Value:
    """Iterators over one argument in its order."""
    items, doubt = items_of(machine, arguments.positional[0], site) if arguments.positional else ([], site.unknown)
    return Items("list", items, machine.level, doubt)


def _sorted(machine: Machine, arguments: Arguments, site: Site) -> Value:
    listed = _listed(machine, arguments, site)
    assert isinstance(listed, Items)
    sort(machine, listed, arguments, site)
    return listed


def _reversed(machine: Machine, arguments: Arguments, site: Site) -> Value:
    listed = _listed(machine, arguments, site)
    assert isinstance(listed, Items)
    listed.items = listed.items[::-1]
    return listed


def _enumerate(machine: Machine, arguments: Arguments, site: Site) -> Value:
    listed = _listed(machine, arguments, site)
    assert isinstance(listed, Items)
    first = arguments.get(1, "start")
    start = first.value if isinstance(first, Known) and isinstance(first.value, int) else 0
    pairs: list[Value] = [Items("tuple", [Known(start + index), item]) for index, item in enumerate(listed.items)]
    return Items("list", pairs, machine.level, listed.doubt)


def _range(machine: Machine, arguments: Arguments, site: Site) -> Value:
    limits = [
        value.value for value in arguments.positional if isinstance(value, Known) and isinstance(value.value, int)
    ]
    if len(limits) != len(arguments.positional) or not limits:
        return Opaque(next((cause for value in arguments.positional if (cause := doubt_of(value))), site.unknown))
    try:
        numbers = range(*limits)
    except (TypeError, ValueError):
        return site.opaque
    try:
        is_short = len(numbers) <= 5000
    except OverflowError:
        is_short = False
    if not is_short:
        return site.opaque
    return Items("range", [Known(number) for number in numbers], machine.level)


def _zip(machine: Machine, arguments: Arguments, site: Site) -> Value:
    columns = [items_of(machine, value, site) for value in arguments.positional]
    doubt = next((cause for _, cause in columns if cause is not None), arguments.doubt)
    rows: list[Value] = [Items("tuple", list(row)) for row in zip(*(items for items, _ in columns), strict=False)]
    return Items("list", rows, machine.level, doubt)


def _map(machine: Machine, arguments: Arguments, site: Site) -> Value:
    if len(arguments.positional) < 2:
        return site.opaque
    columns = [items_of(machine, value, site) for value in arguments.positional[1:]]
    doubt = next((cause for _, cause in columns if cause is not None), arguments.doubt)
    rows = zip(*(items for items, _ in columns), strict=False)
    made = [machine.call(machine, arguments.positional[0], Arguments(tuple(row)), site) for row in rows]
    return Items("list", made, machine.level, doubt)


def _filter(machine: Machine, arguments: Arguments, site: Site) -> Value:
    if len(arguments.positional) != 2:
        return site.opaque
    items, doubt = items_of(machine, arguments.positional[1], site)
    kept: list[Value] = []
    for item in items:
        test = arguments.positional[0]
        result = item if test == NONE else machine.call(machine, test, Arguments((item,)), site)
        answer = truth(result)
        if answer is None:
            doubt = doubt or doubt_of(result) or site.unknown
        if answer is not False:
            kept.append(item)
    return Items("list", kept, machine.level, doubt)


def _sum(machine: Machine, arguments: Arguments, site: Site) -> Value:
    items, doubt = items_of(machine, arguments.positional[0], site) if arguments.positional else ([], site.unknown)
    total = arguments.get(1, "start") or Known(0)
    if doubt is not None:
        return Opaque(doubt, is_scalar=is_scalar(total) and _are_scalars(arguments.positional[0]))
    for item in items:
        total = binary(machine, ast.Add(), total, item, site)
    return total


def _are_scalars(value: Value) -> bool:
    """Tell whether all that can be in a collection are scalars."""
    if not isinstance(value, Items) or not (value.doubt is None or value.is_all_there_can_be):
        return False
    return all(map(is_scalar, value.items))


def _len(machine: Machine, arguments: Arguments, site: Site) -> Value:
    given = arguments.positional[0] if arguments.positional else NONE
    if isinstance(given, Instance):
        found = machine.attribute(machine, given, "__len__", site)
        return machine.call(machine, found, Arguments(), site) if found is not None else site.opaque
    if isinstance(given, Known) and isinstance(given.value, str | bytes):
        return Known(len(given.value))
    items, doubt = items_of(machine, given, site)
    return Opaque(doubt) if doubt is not None else Known(len(items))


def _any_all(wanted: bool) -> Function:
    def fold(machine: Machine, arguments: Arguments, site: Site) -> Value:
        items, doubt = items_of(machine, arguments.positional[0], site) if arguments.positional else ([], site.unknown)
        answers = [truth(item) for item in items]
        if wanted in answers:
            return Known(wanted)
        return Opaque(doubt or site.unknown) if doubt is not None or None in answers else Known(not wanted)

    return fold


def _plain(function: Callable[..., Any]) -> Function:
    """Functions over constants."""

    def fold(machine: Machine, arguments: Arguments, site: Site) -> Value:
        given: list[Any] = []
        for value in arguments.positional:
            if isinstance(value, Known):
                given.append(value.value)
                continue
            items, doubt = items_of(machine, value, site) if isinstance(value, Items) else ([], doubt_of(value))
            known = [item.value for item in items if isinstance(item, Known)]
            if doubt is not None or not isinstance(value, Items) or len(known) != len(items):
                return Opaque(doubt or site.unknown)
            given.append(known)
        if arguments.keywords or arguments.doubt is not None:
            return Opaque(arguments.doubt or site.unknown)
        place = next((value.place for value in arguments.positional if isinstance(value, Known) and value.place), None)
        try:
            return Known(function(*given), place)
        except (TypeError, ValueError, ArithmeticError):
            return site.opaque

    return fold


def _next(machine: Machine, arguments: Arguments, site: Site) -> Value:
    items, doubt = items_of(machine, arguments.positional[0], site) if arguments.positional else ([], site.unknown)
    if doubt is not None:
        return Opaque(doubt)
    default = arguments.get(1, "default")
    return items[0] if items else default if default is not None else site.opaque


def _fromkeys(machine: Machine, arguments: Arguments, site: Site) -> Value:
    listed = _listed(machine, arguments, site)
    assert isinstance(listed, Items)
    value = arguments.get(1, "value") or NONE
    return Table("dict", [(key, value) for key in unique(listed.items)], machine.level, listed.doubt)


def _chain(machine: Machine, arguments: Arguments, site: Site) -> Value:
    columns = [items_of(machine, value, site) for value in arguments.positional]
    doubt = next((cause for _, cause in columns if cause is not None), arguments.doubt)
    return Items("list", [item for items, _ in columns for item in items], machine.level, doubt)


def _chain_inner(machine: Machine, arguments: Arguments, site: Site) -> Value:
    items, doubt = items_of(machine, arguments.positional[0], site) if arguments.positional else ([], site.unknown)
    return _chain(machine, Arguments(tuple(items), (), doubt), site)


def _extreme(function: Callable[..., Any]) -> Function:
    plain = _plain(function)

    def fold(machine: Machine, arguments: Arguments, site: Site) -> Value:
        result = plain(machine, arguments, site)
        default = arguments.get(2, "default")
        is_told = len(arguments.positional) == 1 and (default is None or is_scalar(default))
        if is_told and isinstance(result, Opaque) and _are_scalars(arguments.positional[0]):
            return scalar(result.cause)
        is_one_of_them = len(arguments.positional) > 1 and arguments.doubt is None
        others = [] if is_one_of_them else [result]
        return result if isinstance(result, Known) else either([*arguments.positional, *others], site.unknown)

    return fold


def _nothing(_machine: Machine, _arguments: Arguments, _site: Site) -> Value:
    return NONE


def _repeat(machine: Machine, arguments: Arguments, site: Site) -> Value:
    times = arguments.get(1, "times")
    if isinstance(times, Known) and isinstance(times.value, int) and 0 <= times.value < 1000:
        return Items("list", [arguments.positional[0]] * times.value, machine.level)
    return site.opaque


FUNCTIONS: dict[str, Function] = {
    "builtins.list": _collection("list"),
    "builtins.tuple": _collection("tuple"),
    "builtins.set": _collection("set"),
    "builtins.frozenset": _collection("frozenset"),
    "collections.deque": _collection("deque"),
    "builtins.dict": _table("dict"),
    "builtins.dict.fromkeys": _fromkeys,
    "collections.OrderedDict": _table("OrderedDict"),
    "collections.defaultdict": _table("defaultdict"),
    "builtins.iter": _listed,
    "builtins.sorted": _sorted,
    "builtins.reversed": _reversed,
    "builtins.enumerate": _enumerate,
    "builtins.range": _range,
    "builtins.zip": _zip,
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.sum": _sum,
    "builtins.len": _len,
    "builtins.any": _any_all(True),
    "builtins.all": _any_all(False),
    "builtins.next": _next,
    "builtins.int": _plain(int),
    "builtins.float": _plain(float),
    "builtins.bool": _plain(bool),
    "builtins.str": _plain(str),
    "builtins.repr": _plain(repr),
    "builtins.abs": _plain(abs),
    "builtins.round": _plain(round),
    "builtins.min": _extreme(min),
    "builtins.max": _extreme(max),
    "builtins.print": _nothing,
    "itertools.repeat": _repeat,
    "itertools.chain": _chain,
    "itertools.chain.from_iterable": _chain_inner,
    "math.sqrt": _plain(lambda number: number**0.5),
}
