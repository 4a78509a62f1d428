"""Records: what makes classes and tables of named fields, and functions over data classes."""

import ast

from tpkg_analyzer.scan.exports.builtin import Function
from tpkg_analyzer.scan.exports.classes import NAMED_TUPLE
from tpkg_analyzer.scan.exports.instances import field_names
from tpkg_analyzer.scan.exports.sequences import items_of
from tpkg_analyzer.scan.exports.state import Arguments, Machine, Site
from tpkg_analyzer.scan.exports.values import (
    ClassValue,
    External,
    Instance,
    Items,
    Known,
    Namespace,
    Opaque,
    Table,
    Value,
    doubt_of,
)


def _namedtuple(machine: Machine, arguments: Arguments, site: Site) -> Value:
    name, fields = arguments.get(0, "typename"), arguments.get(1, "field_names")
    if not isinstance(name, Known) or fields is None or arguments.doubt is not None:
        return Opaque(arguments.doubt or site.unknown)
    if isinstance(fields, Known) and isinstance(fields.value, str):
        words: list[Value] = [Known(word) for word in fields.value.replace(",", " ").split()]
    else:
        words, doubt = items_of(machine, fields, site)
        if doubt is not None:
            return Opaque(doubt)
    written = [word.value for word in words if isinstance(word, Known) and str(word.value).isidentifier()]
    defaults = arguments.get(99, "defaults")
    given, doubt = items_of(machine, defaults, site) if defaults is not None else ([], None)
    if len(written) != len(words) or doubt is not None or not str(name.value).isidentifier():
        return Opaque(doubt or site.unknown)
    node = ast.ClassDef(str(name.value), [], [], [_field(word) for word in written], [])
    for part in ast.walk(node):
        ast.copy_location(part, site.node)
    names = Namespace(site.module.name, dict(zip(reversed(written), reversed(given), strict=False)), is_class=True)
    return ClassValue(site.module.name, str(name.value), node, names, (External(NAMED_TUPLE),))


def _field(name: str) -> ast.AnnAssign:
    return ast.AnnAssign(ast.Name(name, ast.Store()), ast.Name("object", ast.Load()), None, 1)


def _fields(machine: Machine, arguments: Arguments, site: Site) -> Value:
    owner = arguments.positional[0] if arguments.positional else None
    cls = owner.cls if isinstance(owner, Instance) else owner
    if not isinstance(cls, ClassValue):
        return site.opaque
    found: list[Value] = [
        Instance(External("dataclasses.Field"), {"name": Known(name)}, machine.level) for name in field_names(cls)
    ]
    return Items("tuple", found, machine.level)


def _replace(machine: Machine, arguments: Arguments, site: Site) -> Value:
    owner = arguments.positional[0] if arguments.positional else None
    if not isinstance(owner, Instance) or not isinstance(owner.cls, ClassValue):
        return Opaque((doubt_of(owner) if owner is not None else None) or site.unknown)
    kept = {name: owner.attributes[name] for name in field_names(owner.cls) if name in owner.attributes}
    given = tuple((kept | dict(arguments.keywords)).items())
    return machine.call(machine, owner.cls, Arguments((), given, arguments.doubt or owner.doubt), site)


def _asdict(machine: Machine, arguments: Arguments, site: Site) -> Value:
    owner = arguments.positional[0] if arguments.positional else None
    if not isinstance(owner, Instance) or len(arguments.positional) != 1 or arguments.keywords:
        return site.opaque
    return _table(machine, owner)


def _table(machine: Machine, value: Value) -> Value:
    match value:
        case Instance(cls=ClassValue() as cls, doubt=doubt, attributes=attributes) if names := field_names(cls):
            pairs: list[tuple[Value, Value]] = [
                (Known(name), _table(machine, attributes[name])) for name in names if name in attributes
            ]
            return Table("dict", pairs, machine.level, doubt)
        case Items(kind=kind, items=items, doubt=doubt):
            return Items(kind, [_table(machine, item) for item in items], machine.level, doubt)
        case Table(kind=kind, pairs=pairs, doubt=doubt):
            return Table(kind, [(key, _table(machine, item)) for key, item in pairs], machine.level, doubt)
        case _:
            return value


def _namespace(name: str) -> Function:
    def make(machine: Machine, arguments: Arguments, site: Site) -> Value:
        doubt = arguments.doubt or (site.unknown if arguments.positional else None)
        return Instance(External(name), dict(arguments.keywords), machine.level, doubt, place=site.place)

    return make


FUNCTIONS: dict[str, Function] = {
    "collections.namedtuple": _namedtuple,
    "dataclasses.fields": _fields,
    "dataclasses.replace": _replace,
    "dataclasses.asdict": _asdict,
    "types.SimpleNamespace": _namespace("types.SimpleNamespace"),
    "argparse.Namespace": _namespace("argparse.Namespace"),
}
