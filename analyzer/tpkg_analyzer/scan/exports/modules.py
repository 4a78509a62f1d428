"""What an nn.Module keeps: its parts, tensors and hooks, and the methods that give and list them."""

from tpkg_analyzer.scan.exports.bindings import set_attribute
from tpkg_analyzer.scan.exports.classes import HOOK, HOOK_HANDLE, WRAPPED_HOOK, is_module
from tpkg_analyzer.scan.exports.scalars import is_scalar
from tpkg_analyzer.scan.exports.state import Arguments, Machine, Site
from tpkg_analyzer.scan.exports.values import (
    NONE,
    Either,
    External,
    Instance,
    Items,
    Known,
    Opaque,
    Table,
    Tensor,
    Value,
    doubt_of,
)


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
        doubt = doubt or next((doubt_of(value) for value in values if _may_be_part(value)), None)
        stack += reversed(parts)
    return Items("list", found if name == "modules" else found[1:], machine.level, doubt)


def _may_be_part(value: Value) -> bool:
    """Tell whether a value that is not known may be a part of the module that has it, or a tensor of it."""
    if isinstance(value, Either):
        return any(isinstance(option, Instance | Tensor) or _may_be_part(option) for option in value.options)
    return isinstance(value, Opaque) and not is_scalar(value)


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


def tensors_of(machine: Machine, made: Instance, name: str, site: Site) -> Value:
    """Return what `state_dict`, `parameters`, `buffers` and their named kin give: the tensors of all parts."""
    parts = submodules(machine, made, "modules", site)
    assert isinstance(parts, Items)
    doubt = parts.doubt
    found: list[tuple[Value, Value]] = []
    for number, part in enumerate(parts.items):
        for key, value in part.attributes.items() if isinstance(part, Instance) else ():
            if not isinstance(value, Tensor) or key.startswith(HOOK):
                continue
            if name.endswith("parameters") and not value.is_parameter:
                continue
            if not value.is_parameter:  # a buffer, or a tensor that is none
                doubt = doubt or site.unknown
            found.append((Known(f"{number}.{key}"), value if name.endswith("parameters") else Tensor()))
    if name == "state_dict":
        return Table("OrderedDict", found, machine.level, doubt)
    pairs: list[Value] = [Items("tuple", [Opaque(site.unknown), value]) for _, value in found]
    return Items("list", pairs if name.startswith("named") else [value for _, value in found], machine.level, doubt)
