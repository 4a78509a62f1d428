"""Enumerations whose members become names of a module."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.natives import Arguments, Named, registering_in
from tpkg_analyzer.scan.toplevel.values import UNKNOWN, Class, Module, Value

if TYPE_CHECKING:
    from tpkg_analyzer.scan.toplevel.process import Process

ENUMERATIONS: dict[str, Value] = {}
native = registering_in(ENUMERATIONS)


@native("enum.global_enum")
def _global_enum(process: "Process", frame: Frame, arguments: Arguments, _named: Named) -> Value:
    cls = arguments[0] if arguments else UNKNOWN
    if isinstance(cls, Class) and cls.module is not None and cls.is_certain and (names := process.members_of(cls)):
        _bind_some(cls.module, names)
    else:
        frame.module.is_open = True
    return UNKNOWN


@native("enum.IntEnum._convert_", "enum.IntFlag._convert_")
def _convert(process: "Process", frame: Frame, arguments: Arguments, named: Named) -> Value:
    name, module = arguments[:2] if len(arguments) == 3 else (UNKNOWN, UNKNOWN)
    target = process.modules.get(module) if isinstance(module, str) else None
    source = named.get("source", target)
    if not (isinstance(target, Module) and isinstance(source, Module) and isinstance(name, str)):
        frame.module.is_open = True
        return UNKNOWN
    _bind_some(target, source.names)  # the members, and the class
    target.is_open |= source.is_open
    process.set_attribute(target, name, UNKNOWN)
    return UNKNOWN


def _bind_some(module: Module, names: Iterable[str]) -> None:
    """Bind some of `names` in a module, nobody knows which."""
    for name in [name for name in names if name not in module.names]:
        module.note_bound(name, is_certain=False)
        module.names[name] = UNKNOWN
