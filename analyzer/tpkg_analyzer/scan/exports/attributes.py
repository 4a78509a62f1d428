"""Attributes of values."""

from tpkg_analyzer.scan.exports.bindings import module_attribute, resolved, set_attribute
from tpkg_analyzer.scan.exports.classes import HOOK, is_enum, is_module, linear, member, method
from tpkg_analyzer.scan.exports.enums import members_of
from tpkg_analyzer.scan.exports.scalars import scalar
from tpkg_analyzer.scan.exports.state import Arguments, Machine, Site
from tpkg_analyzer.scan.exports.tensors import DATA, device_of, dtype_of, size_of
from tpkg_analyzer.scan.exports.text import path_part
from tpkg_analyzer.scan.exports.values import (
    Bound,
    ClassValue,
    Either,
    External,
    FunctionValue,
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
    either,
)

_SCALARS_OF_TENSOR = frozenset({"ndim", "requires_grad", "is_cuda"})
_SCALARS_OF_DEVICE = frozenset({"type", "index"})


def attribute(machine: Machine, value: Value, name: str, site: Site) -> Value | None:
    """Return an attribute; None where there is none or nobody knows."""
    match value:
        case ModuleValue(name=module):
            return _of_module(machine, module, name, site)
        case External(name=dotted):
            return _of_external(dotted, name)
        case Instance(cls=External(name="torch.device")) if name in _SCALARS_OF_DEVICE:
            return scalar(site.unknown)
        case Instance():
            return _of_instance(machine, value, name, site)
        case ClassValue():
            return _of_class(machine, value, name, site)
        case Super(receiver=receiver, after=after):
            return _behind(machine, receiver, after, name, site)
        case FunctionValue():
            return _named(machine.runs_as(value.module), value.qualname, name)
        case Known(value=str()) if (part := path_part(value, name)) is not None:
            return part
        case Known(value=str() | bytes()) | Items() | Table():
            return Bound(value, name)
        case Tensor():
            return _of_tensor(machine, value, name, site)
        case PartialCall(function=function) if name == "func":
            return function
        case Either(options=options, cause=cause):
            found = [attribute(machine, option, name, site) for option in options]
            return either([item if item is not None else Opaque(cause) for item in found], cause)
        case _:
            return None


def _of_module(machine: Machine, module: str, name: str, site: Site) -> Value | None:
    if name == "__name__":
        return Known(module, site.place)
    source = machine.code.module(module)
    if name == "__file__" and source is not None:
        return Known(str(source.path))
    if name == "__package__" and source is not None:
        return Known(source.package)
    found = module_attribute(machine, module, name)
    if found is None and not name.startswith("__") and machine.code.exists(f"{module}.{name}"):
        return ModuleValue(f"{module}.{name}")
    return found


def _of_external(dotted: str, name: str) -> Value:
    if name == "__name__":
        return Known(dotted.rpartition(".")[2])
    return External(f"{dotted}.{name}")


def _of_tensor(machine: Machine, value: Tensor, name: str, site: Site) -> Value:
    if name in DATA:
        return Tensor()
    if name == "device":
        return device_of(machine)
    if name == "shape":
        return size_of(machine)
    if name == "dtype":
        return dtype_of(site)
    if name in _SCALARS_OF_TENSOR:
        return scalar(site.unknown)
    return site.opaque if name == "grad" else Bound(value, name)


def _of_instance(machine: Machine, value: Instance, name: str, site: Site) -> Value | None:
    if name in value.attributes:
        known = value.attributes[name]
        if value.doubt is not None and value.cls == External("argparse.Namespace"):  # any name may be set anew
            return either([known, Opaque(value.doubt)], value.doubt)
        return known
    if name == "__class__":
        return value.cls
    if name == "__dict__":
        pairs: list[tuple[Value, Value]] = [(Known(key), item) for key, item in value.attributes.items()]
        if is_module(value.cls):
            hooks: tuple[Value, Value] = (Known("_forward_hooks"), Table("OrderedDict"))
            pairs = [hooks, (Known("_non_persistent_buffers_set"), Items("set", [])), *pairs]
        return Table("dict", pairs, machine.level, value.doubt, value)
    if name in ("_modules", "_parameters", "_buffers") and is_module(value.cls):
        return _registered(machine, value, name)
    found = member(value.cls, name)
    if found is not None:
        return _bound(machine, value, found[0], site)
    if value.doubt is not None and not name.startswith("__"):
        return Opaque(value.doubt)
    if (hook := hook_for(value, name)) is not None:
        return machine.call(machine, hook, Arguments((value, Known(name))), site)
    if name.startswith("__") and name not in ("__enter__", "__init__", "__setattr__", "__call__"):
        return None
    if any(isinstance(item, External | Opaque) for item in linear(value.cls)):
        return Bound(value, name)
    return None


def hook_for(value: Instance, name: str) -> FunctionValue | None:
    """Return the `__getattr__` that is asked for an attribute, None where the object has it or nobody is asked."""
    if name in value.attributes or name.startswith("__") or member(value.cls, name) is not None:
        return None
    return method(value.cls, "__getattr__")


def _registered(machine: Machine, value: Instance, name: str) -> Value:
    kinds = {"_modules": Instance, "_parameters": Tensor, "_buffers": Tensor}
    pairs: list[tuple[Value, Value]] = [
        (Known(key), item)
        for key, item in value.attributes.items()
        if isinstance(item, kinds[name]) and not key.startswith(HOOK)
    ]
    return Table("dict", pairs, machine.level, value.doubt, value)


def _of_class(machine: Machine, value: ClassValue, name: str, site: Site) -> Value | None:
    match name:
        case "__name__":
            return Known(value.node.name)
        case "__qualname__":
            return Known(value.qualname)
        case "__module__":
            return value.names.values.get(name, Known(machine.runs_as(value.module), site.place))
        case "load_from_checkpoint":
            return Bound(value, name)
        case "__members__" if is_enum(value):
            return Table("dict", [(Known(key), member) for key, member in members_of(value).items()], machine.level)
    found = member(value, name)
    if name in ("from_pretrained", "from_config", "_from_config") and not _is_own(machine, found):
        return Bound(value, name)
    if found is None:
        return Bound(value, name) if any(isinstance(item, External) for item in linear(value)) else None
    inner = resolved(machine, found[0])
    if is_enum(value) and name in (members := members_of(value)):
        return members[name]
    if isinstance(inner, FunctionValue) and inner.role == "classmethod":
        return Bound(value, inner)
    return inner


def _is_own(machine: Machine, found: tuple[Value, ClassValue] | None) -> bool:
    source = machine.code.module(found[1].module) if found is not None else None
    return source is not None and source.is_first_party


def _behind(machine: Machine, receiver: Value, after: ClassValue, name: str, site: Site) -> Value | None:
    cls = receiver.cls if isinstance(receiver, Instance) else receiver
    found = member(cls, name, after)
    if found is not None:
        return _bound(machine, receiver, found[0], site)
    return Bound(receiver, f"super().{name}")


def _bound(machine: Machine, receiver: Value, found: Value, site: Site) -> Value:
    found = resolved(machine, found)
    if not isinstance(found, FunctionValue) or found.role == "staticmethod":
        return found
    if found.role == "property":
        return machine.call(machine, found, Arguments((receiver,)), site)
    if found.role == "cached_property":
        value = machine.call(machine, found, Arguments((receiver,)), site)
        set_attribute(machine, receiver, found.qualname.rpartition(".")[2], value)
        return value
    if found.role == "classmethod":
        return Bound(receiver.cls if isinstance(receiver, Instance) else receiver, found)
    return Bound(receiver, found)


def _named(module: str, qualname: str, name: str) -> Value | None:
    match name:
        case "__name__":
            return Known(qualname.rpartition(".")[2])
        case "__qualname__":
            return Known(qualname)
        case "__module__":
            return Known(module)
        case _:
            return None
