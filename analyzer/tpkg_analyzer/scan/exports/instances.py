"""Objects made by calling a class."""

import ast

from tpkg_analyzer.model.package import Unknown
from tpkg_analyzer.scan.exports.bindings import resolved, set_attribute
from tpkg_analyzer.scan.exports.classes import (
    HOOK,
    HOOK_HANDLE,
    MODULES,
    PLAIN,
    WRAPPED_HOOK,
    is_enum,
    is_exporter,
    is_module,
    linear,
    member,
)
from tpkg_analyzer.scan.exports.definitions import is_dataclass
from tpkg_analyzer.scan.exports.exporters import ExporterLog, start
from tpkg_analyzer.scan.exports.pickles import ENUM_MEMBER
from tpkg_analyzer.scan.exports.sequences import items_of
from tpkg_analyzer.scan.exports.state import Arguments, Frame, Machine, Site
from tpkg_analyzer.scan.exports.values import (
    NONE,
    ClassValue,
    Either,
    External,
    FunctionValue,
    Instance,
    Items,
    Known,
    Namespace,
    Opaque,
    Table,
    Value,
    doubt_of,
)

_COLLECTIONS = {"builtins.list": "list", "builtins.tuple": "tuple", "builtins.set": "set"}
_TABLES = {"builtins.dict": "dict", "collections.OrderedDict": "OrderedDict", "collections.UserDict": "dict"}


def instantiate(machine: Machine, cls: ClassValue, arguments: Arguments, site: Site) -> Value:
    """Call a class that has a source."""
    if is_enum(cls):
        return _enum_member(machine, cls, arguments, site)
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
    log = ExporterLog(site, runtime, machine.level, tuple(machine.calls), is_plain=isinstance(cls, External))
    machine.exporters.append(log)
    return log


def _enum_member(machine: Machine, cls: ClassValue, arguments: Arguments, site: Site) -> Value:
    wanted = arguments.get(0, "value")
    if isinstance(wanted, Known):
        for name, value in cls.names.values.items():
            value = resolved(machine, value)
            if not name.startswith("_") and isinstance(value, Known) and value.value == wanted.value:
                return Instance(cls, {"value": value, "name": Known(name)}, 0, None, ENUM_MEMBER)
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
    if "typing.NamedTuple" in {item.name for item in linear(cls) if isinstance(item, External)}:
        _fill(machine, made, arguments, site)


def _fill(machine: Machine, made: Instance, arguments: Arguments, site: Site) -> None:
    """Run the `__init__` that is made from annotated fields."""
    assert isinstance(made.cls, ClassValue)
    position = 0
    for cls in reversed([item for item in linear(made.cls) if isinstance(item, ClassValue)]):
        for statement in cls.node.body:
            if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
                continue
            name = statement.target.id
            if "ClassVar" in ast.unparse(statement.annotation):
                continue
            value = arguments.get(position, name)
            position += 1
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


def submodules(machine: Machine, made: Instance, name: str, _site: Site) -> Value:
    """Return the parts of an nn.Module that are such themselves, all below it or the next ones."""
    found: list[Value] = []
    stack: list[Instance] = [made]
    doubt = made.doubt
    while stack:
        item = stack.pop()
        if any(item is known for known in found):
            continue
        found.append(item)
        doubt = doubt or item.doubt
        values = item.attributes.values() if item is made or name == "modules" else ()
        parts = [value for value in values if isinstance(value, Instance) and is_module(value.cls)]
        doubt = doubt or next((value.cause for value in values if isinstance(value, Opaque | Either)), None)
        stack += reversed(parts)
    return Items("list", found if name == "modules" else found[1:], machine.level, doubt)


def hooked(machine: Machine, made: Instance, name: str, arguments: Arguments, site: Site) -> Value:
    """Give a hook to an nn.Module, which pickles it."""
    hook = arguments.get(0, "hook")
    if hook is None:
        made.doubt = made.doubt or site.unknown
        return site.opaque
    if name.endswith("register_load_state_dict_pre_hook"):
        hook = Instance(External(WRAPPED_HOOK), {"hook": hook}, machine.level)
    set_attribute(machine, made, f"{HOOK}{len(made.attributes)}", hook)
    hooks = Table("OrderedDict", [(Known(0), hook)], machine.level)
    return Instance(External(HOOK_HANDLE), {"hooks": hooks}, machine.level)


def register(machine: Machine, made: Instance, name: str, arguments: Arguments, _site: Site) -> Value:
    """Call a method that sets an attribute, as `nn.Module` and `object` have it."""
    key = arguments.get(0, "name")
    value = arguments.get(1, {"add_module": "module", "register_buffer": "tensor"}.get(name, "param"))
    if isinstance(key, Known) and value is not None:
        set_attribute(machine, made, str(key.value), value)
    elif value is not None:
        cause = doubt_of(key) if key is not None else None
        set_attribute(machine, made, f"?{len(made.attributes)}", value)
        made.doubt = made.doubt or (None if name != "add_module" else cause)
    return NONE
