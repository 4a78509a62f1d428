"""Builtin functions about what a value is: isinstance, type, getattr and the like."""

from tpkg_analyzer.scan.exports.attributes import hook_for
from tpkg_analyzer.scan.exports.bindings import set_attribute
from tpkg_analyzer.scan.exports.builtin import Function
from tpkg_analyzer.scan.exports.classes import MODULES, PARAMETERS, linear
from tpkg_analyzer.scan.exports.enums import plain
from tpkg_analyzer.scan.exports.state import Arguments, Machine, Site
from tpkg_analyzer.scan.exports.values import (
    NONE,
    Bound,
    ClassValue,
    Either,
    External,
    FunctionValue,
    Imported,
    Instance,
    Items,
    Known,
    ModuleValue,
    Opaque,
    PartialCall,
    Super,
    Table,
    Tensor,
    Value,
    doubt_of,
    either,
)

_ITERABLE = frozenset({"Iterable", "Collection", "Container", "Sized"})
_SEQUENCES = frozenset({"Sequence", "MutableSequence", "Reversible"})
_MAPPINGS = frozenset({"Mapping", "MutableMapping"})
_KINDS_OF_CALLABLES: dict[str, type] = {
    "types.FunctionType": FunctionValue,
    "types.LambdaType": FunctionValue,
    "types.ModuleType": ModuleValue,
    "functools.partial": PartialCall,
}


def _isinstance(_machine: Machine, arguments: Arguments, site: Site) -> Value:
    if len(arguments.positional) != 2:
        return site.opaque
    value, wanted = arguments.positional
    answer = is_instance(value, wanted)
    return Opaque(doubt_of(value) or site.unknown) if answer is None else Known(answer)


def is_instance(value: Value, wanted: Value) -> bool | None:
    """Tell whether a value is an object of a class or one of several; None where that is not known."""
    if isinstance(wanted, Items):
        answers = [is_instance(value, item) for item in wanted.items]
        return True if True in answers else None if None in answers or wanted.doubt else False
    match value:
        case Opaque() | Either():
            return None
        case Instance(cls=cls):
            return _has_base(cls, wanted)
        case Tensor(is_parameter=is_parameter):
            if not isinstance(wanted, External):
                return False
            return wanted.name in ("torch.Tensor", "builtins.object") or (wanted.name in PARAMETERS and is_parameter)
        case ClassValue() | FunctionValue() | Bound() | ModuleValue() | PartialCall():
            return _is_callable_kind(value, wanted)
        case _:
            return _is_builtin(value, wanted)


def _is_callable_kind(value: Value, wanted: Value) -> bool | None:
    """Answer for classes, functions and modules; a class whose metaclass is not `type` may be anything."""
    if isinstance(value, ClassValue) and not all(_is_plain_class(item) for item in linear(value)):
        return True if wanted == External("builtins.type") else None
    if isinstance(wanted, ClassValue):
        return False
    module, _, name = wanted.name.rpartition(".") if isinstance(wanted, External) else ("", "", "")
    if module == "builtins":
        return name == "object" or (name == "type" and isinstance(value, ClassValue))
    if module in ("collections.abc", "typing"):
        if name == "Callable":
            return not isinstance(value, ModuleValue)
        return False if name in _ITERABLE | _SEQUENCES | _MAPPINGS else None
    if not isinstance(value, Bound) and isinstance(wanted, External) and wanted.name in _KINDS_OF_CALLABLES:
        return isinstance(value, _KINDS_OF_CALLABLES[wanted.name])
    return None


def _is_plain_class(cls: Value) -> bool:
    if isinstance(cls, ClassValue):
        return "metaclass" not in cls.keywords
    return isinstance(cls, External) and (cls.name in MODULES or cls.name == "builtins.object")


def _has_base(cls: Value, wanted: Value) -> bool | None:
    names = MODULES if isinstance(wanted, External) and wanted.name in MODULES else frozenset()
    for item in linear(cls):
        if item is wanted or item == wanted or (isinstance(item, External) and item.name in names):
            return True
        if isinstance(item, Opaque):
            return None
    if isinstance(wanted, ClassValue):
        return False
    if isinstance(wanted, External):
        is_abstract = wanted.name.startswith(("collections.abc.", "typing."))
        return None if is_abstract else False
    return None


def _is_builtin(value: Value, wanted: Value) -> bool | None:
    if isinstance(wanted, ClassValue):
        return False
    if not isinstance(wanted, External):
        return None
    module, _, name = wanted.name.rpartition(".")
    kind = type(value.value).__name__ if isinstance(value, Known) else getattr(value, "kind", "")
    if module == "builtins":
        return name in (kind, "object") or (kind == "bool" and name == "int") or (kind, name) == ("OrderedDict", "dict")
    if module in ("collections.abc", "typing"):
        if kind == "NoneType":
            return False
        return (
            (name in _ITERABLE and kind in ("str", "list", "tuple", "set", "dict", "frozenset", "range"))
            or (name in _SEQUENCES and kind in ("str", "list", "tuple", "range"))
            or (name in _MAPPINGS and kind in ("dict", "OrderedDict", "defaultdict"))
        )
    if module == "numbers":
        return kind in ("int", "bool") or (kind == "float" and name != "Integral")
    return f"collections.{kind}" == wanted.name


def _set_directly(machine: Machine, arguments: Arguments, site: Site) -> Value:
    match arguments.positional:
        case (owner, Known(value=str(name)), value):
            set_attribute(machine, owner, name, value)
        case (Instance() as owner, *_):
            owner.doubt = owner.doubt or site.unknown
    return NONE


def _issubclass(_machine: Machine, arguments: Arguments, site: Site) -> Value:
    if len(arguments.positional) != 2:
        return site.opaque
    answer = _has_base(*arguments.positional) if isinstance(arguments.positional[0], ClassValue) else None
    return site.opaque if answer is None else Known(answer)


def _type(_machine: Machine, arguments: Arguments, site: Site) -> Value:
    match arguments.positional:
        case (Instance(cls=cls),):
            return cls
        case (Known(value=value),):
            return External(f"builtins.{type(value).__name__}")
        case (Items(kind=kind) | Table(kind=kind),):
            return External(f"builtins.{kind}" if kind in ("list", "tuple", "set", "dict") else f"collections.{kind}")
        case _:
            return site.opaque


def _getattr(machine: Machine, arguments: Arguments, site: Site) -> Value:
    if len(arguments.positional) < 2:
        return site.opaque
    owner, name = arguments.positional[:2]
    default = arguments.get(2, "default")
    if isinstance(name, Either):
        found = [_named(machine, owner, plain(option), default, site) for option in name.options]
        return either(found, name.cause)
    return _named(machine, owner, plain(name), default, site)


def _named(machine: Machine, owner: Value, name: Value, default: Value | None, site: Site) -> Value:
    if not isinstance(name, Known) or not isinstance(name.value, str):
        if isinstance(owner, Instance) and hasattr(owner.payload, "lose"):
            owner.payload.lose(doubt_of(name) or site.unknown)  # any action, with any pattern
        return Opaque(doubt_of(name) or site.unknown)
    value = machine.attribute(machine, owner, name.value, site)
    if value is None and default is not None and doubt_of(owner) is None:
        return default
    return value if value is not None else Opaque(doubt_of(owner) or site.unknown)


def _hasattr(machine: Machine, arguments: Arguments, site: Site) -> Value:
    if len(arguments.positional) != 2 or not isinstance(name := arguments.positional[1], Known):
        return site.opaque
    owner = arguments.positional[0]
    if doubt_of(owner) is not None or isinstance(owner, External | Tensor | Bound):
        return Opaque(doubt_of(owner) or site.unknown)
    found = machine.attribute(machine, owner, str(name.value), site)
    if isinstance(found, Bound) and isinstance(found.function, str):
        return site.opaque
    if isinstance(owner, Instance) and isinstance(found, Opaque | Either) and hook_for(owner, str(name.value)):
        return site.opaque  # it may have raised
    return Known(found is not None)


def _setattr(machine: Machine, arguments: Arguments, site: Site) -> Value:
    if len(arguments.positional) == 3:
        owner, name, value = arguments.positional
        if isinstance(name, Known):
            set_attribute(machine, owner, str(name.value), value, site)
        elif isinstance(owner, Instance):
            owner.doubt = owner.doubt or doubt_of(name) or site.unknown
    return NONE


def _super(_machine: Machine, arguments: Arguments, site: Site) -> Value:
    if len(arguments.positional) == 2 and isinstance(arguments.positional[0], ClassValue):
        return Super(arguments.positional[1], arguments.positional[0])
    return site.opaque


def _globals(machine: Machine, _arguments: Arguments, site: Site) -> Value:
    pairs: list[tuple[Value, Value]] = [(Known(name), Imported(site.module.name, name)) for name in site.module.binding]
    return Table("dict", pairs, machine.level)


def _vars(machine: Machine, arguments: Arguments, site: Site) -> Value:
    found = machine.attribute(machine, arguments.positional[0], "__dict__", site) if arguments.positional else None
    return found if found is not None else site.opaque


def _callable(_machine: Machine, arguments: Arguments, site: Site) -> Value:
    match arguments.positional:
        case (ClassValue() | FunctionValue() | Bound() | PartialCall(),):
            return Known(True)
        case (Known() | Items() | Table(),):
            return Known(False)
        case _:
            return site.opaque


def _file(machine: Machine, _arguments: Arguments, site: Site) -> Value:
    return Instance(External("builtins.open"), level=machine.level, place=site.place)


def _object(machine: Machine, _arguments: Arguments, site: Site) -> Value:
    return Instance(External("builtins.object"), level=machine.level, place=site.place)


FUNCTIONS: dict[str, Function] = {
    "builtins.isinstance": _isinstance,
    "builtins.issubclass": _issubclass,
    "builtins.type": _type,
    "builtins.getattr": _getattr,
    "builtins.hasattr": _hasattr,
    "builtins.setattr": _setattr,
    "builtins.object.__setattr__": _set_directly,
    "builtins.super": _super,
    "builtins.globals": _globals,
    "builtins.vars": _vars,
    "builtins.callable": _callable,
    "builtins.open": _file,
    "builtins.object": _object,
}
