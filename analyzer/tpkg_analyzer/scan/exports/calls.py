"""Calls: of functions with source, of classes, of what is known by name, and of what nobody knows."""

import ast
from collections.abc import Callable
from dataclasses import replace

from tpkg_analyzer.model.package import Unknown
from tpkg_analyzer.scan.exports.bindings import resolved
from tpkg_analyzer.scan.exports.classes import EXPORTERS, MODULES, bases_named, is_exporter, is_module, method
from tpkg_analyzer.scan.exports.collected import collection_method
from tpkg_analyzer.scan.exports.exporters import ExporterLog, exporter_method
from tpkg_analyzer.scan.exports.instances import (
    from_configuration,
    initialize_builtin,
    instantiate,
    make_exporter,
)
from tpkg_analyzer.scan.exports.known import call_known
from tpkg_analyzer.scan.exports.modules import hooked, register, submodules, tensors_of
from tpkg_analyzer.scan.exports.scalars import given_by, given_by_method
from tpkg_analyzer.scan.exports.state import (
    DEPTH,
    LIBRARY_STEPS,
    Arguments,
    Frame,
    Machine,
    OutOfAllowanceError,
    Pending,
    Site,
    entered,
)
from tpkg_analyzer.scan.exports.tensors import result_of
from tpkg_analyzer.scan.exports.text import is_text_method, text_method
from tpkg_analyzer.scan.exports.values import (
    NONE,
    Bound,
    ClassValue,
    Either,
    External,
    FunctionValue,
    Instance,
    Items,
    Known,
    Namespace,
    Opaque,
    PartialCall,
    Table,
    Tensor,
    Value,
    doubt_of,
    either,
)

_REGISTERING = frozenset({"register_buffer", "register_parameter", "add_module", "register_module"})
_RETURNING_SELF = frozenset(
    [
        "eval",
        "train",
        "to",
        "cuda",
        "cpu",
        "half",
        "float",
        "double",
        "bfloat16",
        "requires_grad_",
        "apply",
        "share_memory",
        "to_empty",
        "type",
        "xpu",
    ]
)
_TENSORS = frozenset({"state_dict", "parameters", "named_parameters", "buffers"})
_CONTEXT = "contextlib._GeneratorContextManager"
_HARMLESS = ("builtins.", "logging.", "warnings.", "contextlib.", "typing.", "time.")


def call(machine: Machine, function: Value, arguments: Arguments, site: Site) -> Value:
    """Return the result of a call, and do what it does to the objects that are known."""
    machine.calls.append(site)
    try:
        if site.module.is_first_party:
            return _with_allowance(machine, resolved(machine, function), arguments, site)
        return _call(machine, resolved(machine, function), arguments, site)
    except RecursionError:
        return _lost(machine, arguments, site)
    finally:
        machine.calls.pop()


def _with_allowance(machine: Machine, function: Value, arguments: Arguments, site: Site) -> Value:
    """Call from the project's own code: what goes into a library may not take the steps of all that follows."""
    inner = function.function if isinstance(function, Bound) else function
    if not isinstance(inner, FunctionValue | ClassValue):
        return _call(machine, function, arguments, site)
    source = machine.code.module(inner.module)
    if source is None or source.is_first_party:
        return _call(machine, function, arguments, site)
    try:
        with machine.allowance(LIBRARY_STEPS):
            return _call(machine, function, arguments, site)
    except OutOfAllowanceError:
        return _unknown(arguments, site)


def _call(machine: Machine, function: Value, arguments: Arguments, site: Site) -> Value:
    match function:
        case FunctionValue():
            return _function(machine, function, arguments, site)
        case Bound(receiver=receiver, function=FunctionValue() as inner):
            given = replace(arguments, positional=(receiver, *arguments.positional))
            return _function(machine, inner, given, site)
        case Bound(receiver=receiver, function=str(name)):
            return _method(machine, receiver, name, arguments, site)
        case ClassValue():
            return _class(machine, function, arguments, site)
        case External(name=name) if name in EXPORTERS:
            return make_exporter(machine, name, arguments, site)
        case External(name=name) if (own := _receiver_of(name, arguments)) is not None:
            given = replace(arguments, positional=arguments.positional[1:], nodes=arguments.nodes[1:])
            return _method(machine, own, f"super().{name.rpartition('.')[2]}", given, site)
        case External(name=name):
            result = call_known(machine, name, arguments, site)
            if result is None:
                result = _unknown(arguments, site, is_harmless=name.startswith(_HARMLESS))
            return given_by(name, arguments, result)
        case PartialCall(function=inner, arguments=first, keywords=named):
            given = Arguments((*first, *arguments.positional), (*named, *arguments.keywords), arguments.doubt)
            return call(machine, inner, given, site)
        case Either(options=options, cause=cause):
            with machine.under(cause):
                return either([call(machine, option, arguments, site) for option in options], cause)
        case Instance():
            found = method(function.cls, "__call__")
            if found is not None and not is_module(function.cls):
                return _function(machine, found, replace(arguments, positional=(function, *arguments.positional)), site)
            return _unknown(arguments, site, cause=doubt_of(function))
        case _:
            return _unknown(arguments, site, cause=doubt_of(function))


def _receiver_of(name: str, arguments: Arguments) -> Instance | None:
    """Return the object with which a method of a class of its own is called, where that has no source here."""
    owner = name.rpartition(".")[0]
    first = arguments.positional[0] if arguments.positional else None
    if not isinstance(first, Instance):
        return None
    if isinstance(first.payload, ExporterLog):
        return first if owner in EXPORTERS else None
    names = MODULES if owner in MODULES else {owner}
    return None if names.isdisjoint(bases_named(first.cls)) else first


def _class(machine: Machine, cls: ClassValue, arguments: Arguments, site: Site) -> Value:
    if machine.depth >= DEPTH:
        return _lost(machine, arguments, site)
    machine.depth += 1
    try:
        return instantiate(machine, cls, arguments, site)
    finally:
        machine.depth -= 1


def _function(machine: Machine, function: FunctionValue, arguments: Arguments, site: Site) -> Value:
    source = machine.code.module(function.module)
    if source is None or machine.depth >= DEPTH:
        return _lost(machine, arguments, site)
    if function.role == "contextmanager" and arguments.on_yield is None:
        return Instance(External(_CONTEXT), level=machine.level, place=site.place, payload=Pending(function, arguments))
    names = Namespace(function.module, _bound_names(function, arguments, source.unknown), function.names)
    receiver = arguments.positional[0] if arguments.positional else None
    frame = Frame(source, names, function, receiver, on_yield=arguments.on_yield)
    if isinstance(function.node, ast.Lambda):
        return machine.evaluate(machine, function.node.body, frame)
    level = machine.level
    machine.depth += 1
    try:
        signal = machine.run(machine, function.node.body, frame)
    finally:
        machine.depth -= 1
        cause = machine.doubt_since(level)
        del machine.conditions[level:]
    if frame.yielded:
        return _generated(machine, frame)
    if signal == "raise" and not frame.returned:
        return site.opaque
    if signal is None:
        frame.returned.append(NONE)
    return frame.returned[0] if len(frame.returned) == 1 else either(frame.returned, cause or site.unknown)


def _generated(machine: Machine, frame: Frame) -> Value:
    for value in frame.yielded:
        if isinstance(value, Instance) and isinstance(value.payload, ExporterLog):
            value.payload.is_closed = False  # the block of the caller runs where the function yields
    return Items("list", frame.yielded, machine.level)


def _bound_names(
    function: FunctionValue, arguments: Arguments, unknown: Callable[[ast.AST], Unknown]
) -> dict[str, Value]:
    signature = function.node.args
    named = dict(arguments.keywords)
    values: dict[str, Value] = {}
    positional = [*signature.posonlyargs, *signature.args]
    for index, parameter in enumerate(positional):
        if index < len(arguments.positional):
            values[parameter.arg] = arguments.positional[index]
        else:
            values[parameter.arg] = _given(function, parameter, named, arguments, unknown)
    for parameter in signature.kwonlyargs:
        values[parameter.arg] = _given(function, parameter, named, arguments, unknown)
    if signature.vararg is not None:
        rest = list(arguments.positional[len(positional) :])
        values[signature.vararg.arg] = Items("tuple", rest, 0, arguments.doubt)
    if signature.kwarg is not None:
        taken = {parameter.arg for parameter in (*positional, *signature.kwonlyargs)}
        pairs: list[tuple[Value, Value]] = [(Known(name), value) for name, value in named.items() if name not in taken]
        values[signature.kwarg.arg] = Table("dict", pairs, 0, arguments.doubt)
    return values


def _given(
    function: FunctionValue,
    parameter: ast.arg,
    named: dict[str, Value],
    arguments: Arguments,
    unknown: Callable[[ast.AST], Unknown],
) -> Value:
    if parameter.arg in named:
        return named[parameter.arg]
    if arguments.doubt is not None:
        return Opaque(arguments.doubt)
    if parameter.arg in function.defaults:
        return function.defaults[parameter.arg]
    return Opaque(unknown(parameter))


def _method(machine: Machine, receiver: Value, name: str, arguments: Arguments, site: Site) -> Value:
    match receiver:
        case Instance(payload=ExporterLog()):
            return exporter_method(machine, receiver, name, arguments, site)
        case Known(value=str() | bytes()) if is_text_method(name):
            result = text_method(machine, receiver, name, arguments, site)
            return given_by_method(receiver, name, arguments, result)
        case Items() | Table():
            return collection_method(machine, receiver, name, arguments, site)
        case Tensor():
            return result_of(machine, receiver, name, arguments, site) or site.opaque
        case ClassValue():
            if name == "super().__new__" and arguments.positional and isinstance(arguments.positional[0], ClassValue):
                return Instance(arguments.positional[0], level=machine.level, place=site.place)
            if name.startswith("super().") or name in ("mro", "__subclasses__"):
                return site.opaque
            return from_configuration(machine, receiver, name, arguments, site)
        case Instance():
            return _own_method(machine, receiver, name, arguments, site)
        case _:
            return given_by_method(receiver, name, arguments, _unknown(arguments, site, cause=doubt_of(receiver)))


def _own_method(machine: Machine, receiver: Instance, name: str, arguments: Arguments, site: Site) -> Value:
    short = name.removeprefix("super().")
    if short == "__init__" and is_exporter(receiver.cls):
        return exporter_method(machine, receiver, short, arguments, site)
    if is_module(receiver.cls):
        if short in _REGISTERING:
            return register(machine, receiver, short, arguments, site)
        if short.lstrip("_").startswith("register_") and short.endswith("_hook"):
            return hooked(machine, receiver, short, arguments, site)
        if short in _RETURNING_SELF:
            return receiver
        if short in ("modules", "children"):
            return submodules(machine, receiver, short, site)
        if short in _TENSORS:
            return tensors_of(machine, receiver, short, site)
        if short == "__setattr__":
            return register(machine, receiver, short, arguments, site)
        return NONE if short == "__init__" else site.opaque
    if isinstance(receiver.payload, Pending) and short == "__enter__":
        return entered(machine, receiver.payload, site)
    if isinstance(receiver.payload, list):  # an ExitStack
        if short in ("enter_context", "push", "callback") and arguments.positional:
            value = arguments.positional[0]
            if isinstance(value, Instance) and isinstance(value.payload, Pending):
                value = entered(machine, value.payload, site)
            if isinstance(value, Instance) and isinstance(value.payload, ExporterLog):
                receiver.payload.append(value.payload)
                value.payload.is_entered = True
            return value
        if short in ("close", "__exit__", "pop_all"):
            for item in receiver.payload if short != "pop_all" else []:
                item.close(machine)
        return receiver if short in ("__enter__", "pop_all") else NONE
    if isinstance(receiver.payload, Items | Table):
        return collection_method(machine, receiver.payload, short, arguments, site)
    if short == "__setattr__":
        return register(machine, receiver, short, arguments, site)
    if short == "__init__":
        return _external_init(machine, receiver, arguments, site)
    given = replace(arguments, positional=(receiver, *arguments.positional))
    result = call_known(machine, f"{_name_of(receiver)}.{short}", given, site)
    return result if result is not None else _unknown(arguments, site, cause=receiver.doubt)


def _external_init(machine: Machine, receiver: Instance, arguments: Arguments, site: Site) -> Value:
    if isinstance(receiver.cls, ClassValue):
        initialize_builtin(machine, receiver, receiver.cls, arguments, site)
    return NONE


def _name_of(receiver: Instance) -> str:
    return receiver.cls.name if isinstance(receiver.cls, External) else receiver.cls.dotted


def _unknown(arguments: Arguments, site: Site, *, is_harmless: bool = False, cause: Unknown | None = None) -> Value:
    """Return the result of a call of which nothing is known; an exporter that it is given may be told anything."""
    if not is_harmless:
        for value in (*arguments.positional, *(value for _, value in arguments.keywords)):
            if isinstance(value, Instance) and isinstance(value.payload, ExporterLog):
                value.payload.lose(site.unknown)
                value.payload.escapes = True
            elif isinstance(value, Instance):
                value.doubt = value.doubt or site.unknown  # it may be changed
    return Opaque(cause or site.unknown)


def _lost(machine: Machine, arguments: Arguments, site: Site) -> Value:
    """Give up a call that leads too deep: whatever exporter it could have reached is open."""
    for log in machine.exporters if site.module.is_first_party else ():
        if not log.is_closed:
            log.lose(site.unknown)
    return _unknown(arguments, site)
