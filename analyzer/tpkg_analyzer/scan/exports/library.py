"""What is known of the standard library: copies, partial calls, paths, stacks of contexts, sources."""

import posixpath

from tpkg_analyzer.scan.exports.builtin import Function
from tpkg_analyzer.scan.exports.state import Arguments, Machine, Site
from tpkg_analyzer.scan.exports.values import (
    ClassValue,
    External,
    FunctionValue,
    Instance,
    Known,
    ModuleValue,
    Opaque,
    PartialCall,
    Value,
    doubt_of,
)


def _first(_machine: Machine, arguments: Arguments, site: Site) -> Value:
    return arguments.positional[0] if arguments.positional else site.opaque


def _second(_machine: Machine, arguments: Arguments, site: Site) -> Value:
    return arguments.positional[1] if len(arguments.positional) > 1 else site.opaque


def _partial(_machine: Machine, arguments: Arguments, site: Site) -> Value:
    if not arguments.positional or arguments.doubt is not None:
        return Opaque(arguments.doubt or site.unknown)
    return PartialCall(arguments.positional[0], arguments.positional[1:], arguments.keywords)


def _path(_machine: Machine, arguments: Arguments, site: Site) -> Value:
    parts = [value.value for value in arguments.positional if isinstance(value, Known) and isinstance(value.value, str)]
    if len(parts) != len(arguments.positional) or not parts:
        return Opaque(next((cause for value in arguments.positional if (cause := doubt_of(value))), site.unknown))
    place = arguments.positional[0].place if isinstance(arguments.positional[0], Known) else None
    return Known(posixpath.join(*parts), place)


def _stack(machine: Machine, _arguments: Arguments, _site: Site) -> Value:
    return Instance(External("contextlib.ExitStack"), level=machine.level, payload=[])


def _source(machine: Machine, arguments: Arguments, site: Site) -> Value:
    match arguments.positional:
        case (ModuleValue(name=name),):
            module = machine.code.module(name)
            return Known("\n".join(module.lines)) if module is not None else site.opaque
        case (ClassValue() | FunctionValue() as found,):
            module = machine.code.module(found.module)
            if module is None:
                return site.opaque
            return Known("\n".join(module.lines[found.node.lineno - 1 : found.node.end_lineno]) + "\n")
        case _:
            return site.opaque


def _module(_machine: Machine, arguments: Arguments, site: Site) -> Value:
    name = arguments.get(0, "name")
    if isinstance(name, Known) and isinstance(name.value, str) and not name.value.startswith("."):
        return ModuleValue(name.value)
    return Opaque((doubt_of(name) if name is not None else None) or site.unknown)


def _module_of(_machine: Machine, arguments: Arguments, site: Site) -> Value:
    match arguments.positional:
        case (ClassValue() | FunctionValue() as found,):
            return ModuleValue(found.module)
        case (Instance(cls=ClassValue(module=module)),):
            return ModuleValue(module)
        case _:
            return site.opaque


FUNCTIONS: dict[str, Function] = {
    "copy.copy": _first,
    "copy.deepcopy": _first,
    "typing.cast": _second,
    "functools.partial": _partial,
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "os.path.join": _path,
    "os.fspath": _first,
    "os.path.expanduser": _first,
    "os.path.abspath": _first,
    "contextlib.ExitStack": _stack,
    "contextlib.closing": _first,
    "contextlib.nullcontext": _first,
    "inspect.getsource": _source,
    "inspect.getmodule": _module_of,
    "importlib.import_module": _module,
    "builtins.__import__": _module,
}
