"""Objects made by calling a class."""

import ast

from tpkg_analyzer.model.package import Unknown
from tpkg_analyzer.scan.exports.bindings import resolved
from tpkg_analyzer.scan.exports.classes import (
    MODULES,
    NAMED_TUPLE,
    PLAIN,
    bases_named,
    is_enum,
    is_exporter,
    linear,
    member,
)
from tpkg_analyzer.scan.exports.definitions import is_dataclass
from tpkg_analyzer.scan.exports.enums import ENUM_MEMBER, members_of
from tpkg_analyzer.scan.exports.exporters import ExporterLog, start
from tpkg_analyzer.scan.exports.overriding import open_where_overridden
from tpkg_analyzer.scan.exports.sequences import items_of
from tpkg_analyzer.scan.exports.state import Arguments, Frame, Machine, Site
from tpkg_analyzer.scan.exports.values import (
    NONE,
    ClassValue,
    External,
    FunctionValue,
    Instance,
    Items,
    Known,
    Namespace,
    Opaque,
    Table,
    Value,
)

_COLLECTIONS = {"builtins.list": "list", "builtins.tuple": "tuple", "builtins.set": "set"}
_TABLES = {"builtins.dict": "dict", "collections.OrderedDict": "OrderedDict", "collections.UserDict": "dict"}


def instantiate(machine: Machine, cls: ClassValue, arguments: Arguments, site: Site) -> Value:
    """Call a class that has a source."""
    if is_enum(cls):
        return _enum_member(cls, arguments, site)
    made = Instance(cls, level=machine.level, place=site.place)
    if is_exporter(cls):
        made.payload = _log(machine, cls, site)
    found = member(cls, "__new__")
    if found is not None and isinstance(found[0], FunctionValue):
        given = Arguments((cls, *arguments.positional), arguments.keywords, arguments.doubt)
        result = machine.call(machine, found[0], given, site)
        if not isinstance(result, Instance) or result.cls is not cls:
            return result  # a factory, or nobody knows
        made.attributes.update(result.attributes)
        made.doubt = result.doubt
    elif found is not None:
        made.doubt = site.unknown
    initial = member(cls, "__init__")
    if initial is not None and isinstance(initial[0], FunctionValue):
        given = Arguments((made, *arguments.positional), arguments.keywords, arguments.doubt)
        result = machine.call(machine, initial[0], given, site)
        if isinstance(result, Opaque):  # it raised, or led too deep
            made.doubt = made.doubt or site.unknown
    elif any(isinstance(item, ClassValue) and is_dataclass(item) for item in linear(cls)):
        _fill(machine, made, arguments, site)
    elif is_exporter(cls):
        start(machine, made, arguments, site)
    else:
        initialize_builtin(machine, made, cls, arguments, site)
    return made


def make_exporter(machine: Machine, name: str, arguments: Arguments, site: Site) -> Value:
    """Call the exporter's class itself."""
    cls = External(name)
    made = Instance(cls, level=machine.level, place=site.place, payload=_log(machine, cls, site))
    start(machine, made, arguments, site)
    return made


def _log(machine: Machine, cls: Value, site: Site) -> ExporterLog:
    named = {item.name for item in linear(cls) if isinstance(item, External)}
    runtime = "tpkg" if any(name.startswith("tpkg_runtime") for name in named) else "torch"
    script = machine.code.module(machine.main) if machine.main is not None else None
    log = ExporterLog(
        site,
        runtime,
        machine.level,
        tuple(machine.calls),
        is_plain=isinstance(cls, External),
        script=script.path if script is not None else None,
        imported=tuple(machine.imported),
    )
    machine.exporters.append(log)
    open_where_overridden(machine, log, cls, site)
    return log


def _enum_member(cls: ClassValue, arguments: Arguments, site: Site) -> Value:
    wanted = arguments.get(0, "value")
    for made in members_of(cls).values():
        value = made.attributes["value"]
        if made is wanted or (isinstance(wanted, Known) and isinstance(value, Known) and value.value == wanted.value):
            return made
    # Whichever member it is, its pickle names this class.
    return Instance(cls, {"value": NONE, "name": site.opaque}, 0, None, ENUM_MEMBER)


def initialize_builtin(machine: Machine, made: Instance, cls: ClassValue, arguments: Arguments, site: Site) -> None:
    """Run the `__init__` of the bases that have no source."""
    for item in linear(cls):
        if isinstance(item, Opaque):
            made.doubt = made.doubt or item.cause
        if not isinstance(item, External) or item.name in PLAIN or item.name in MODULES:
            continue
        given = arguments.get(0, "iterable")
        if item.name in _COLLECTIONS:
            items, doubt = items_of(machine, given, site) if given is not None else ([], None)
            made.payload = Items(_COLLECTIONS[item.name], items, machine.level, doubt)
        elif item.name in _TABLES:
            made.payload = Table(
                _TABLES[item.name], list(given.pairs) if isinstance(given, Table) else [], machine.level
            )
        elif item.name == "builtins.Exception":
            made.attributes["args"] = Items("tuple", list(arguments.positional), machine.level)
        else:
            made.doubt = made.doubt or site.unknown
    if NAMED_TUPLE in bases_named(cls):
        _fill(machine, made, arguments, site)


def field_names(cls: ClassValue) -> list[str]:
    """Return the fields of a data class or named tuple in their order."""
    return list(_annotated(cls))


def _annotated(cls: ClassValue) -> dict[str, tuple[ClassValue, ast.AnnAssign]]:
    found: dict[str, tuple[ClassValue, ast.AnnAssign]] = {}
    for item in reversed([item for item in linear(cls) if isinstance(item, ClassValue)]):
        for statement in item.node.body:
            if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
                continue
            if "ClassVar" not in ast.unparse(statement.annotation):
                found[statement.target.id] = (item, statement)
    return found


def _fill(machine: Machine, made: Instance, arguments: Arguments, site: Site) -> None:
    """Run the `__init__` that is made from annotated fields."""
    assert isinstance(made.cls, ClassValue)
    for position, (name, (cls, statement)) in enumerate(_annotated(made.cls).items()):
        value = arguments.get(position, name)
        if value is None:
            value = _default(machine, cls, name, statement, arguments.doubt, site)
        made.attributes[name] = value
    post = member(made.cls, "__post_init__")
    if post is not None:
        machine.call(machine, post[0], Arguments((made,)), site)


def _default(
    machine: Machine, cls: ClassValue, name: str, statement: ast.AnnAssign, doubt: Unknown | None, site: Site
) -> Value:
    if doubt is not None:
        return Opaque(doubt)
    value = cls.names.values.get(name)
    if value is None:
        return site.opaque
    if isinstance(statement.value, ast.Call) and ast.unparse(statement.value.func).endswith("field"):
        source = machine.code.module(cls.module)
        assert source is not None
        frame = Frame(source, Namespace(cls.module, {}, cls.names.outer))
        for keyword in statement.value.keywords:
            if keyword.arg == "default":
                return machine.evaluate(machine, keyword.value, frame)
            if keyword.arg == "default_factory":
                factory = machine.evaluate(machine, keyword.value, frame)
                return machine.call(machine, factory, Arguments(), site)
        return site.opaque
    return resolved(machine, value)


def from_configuration(machine: Machine, cls: ClassValue, name: str, arguments: Arguments, site: Site) -> Value:
    """Return the object that `Class.load_from_checkpoint` and the like make: its arguments come from a file."""
    if name.endswith("from_config"):
        return instantiate(machine, cls, arguments, site)
    made = instantiate(machine, cls, Arguments((), arguments.keywords, site.unknown), site)
    if name == "from_pretrained" and isinstance(made, Instance):
        made.doubt = made.doubt or site.unknown
    return made
