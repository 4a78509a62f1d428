"""Definitions of functions and classes."""

import ast

from tpkg_analyzer.scan.exports.state import Frame, Machine
from tpkg_analyzer.scan.exports.values import ClassValue, FunctionValue, Known, Namespace, Value

_ROLES = {
    "staticmethod": "staticmethod",
    "classmethod": "classmethod",
    "property": "property",
    "cached_property": "cached_property",
    "functools.cached_property": "cached_property",
    "abc.abstractproperty": "property",
    "contextmanager": "contextmanager",
    "contextlib.contextmanager": "contextmanager",
}


def define_function(
    machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, frame: Frame
) -> FunctionValue:
    """Return the function of a definition, with its defaults evaluated."""
    name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
    defaults: dict[str, Value] = {}
    positional = [*node.args.posonlyargs, *node.args.args]
    for argument, default in zip(reversed(positional), reversed(node.args.defaults), strict=False):
        defaults[argument.arg] = machine.evaluate(machine, default, frame)
    for argument, given in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        if given is not None:
            defaults[argument.arg] = machine.evaluate(machine, given, frame)
    role = ""
    for decorator in [] if isinstance(node, ast.Lambda) else node.decorator_list:
        role = role or _ROLES.get(ast.unparse(decorator), "")
        if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "deleter"):
            role = decorator.attr
    return FunctionValue(
        module=frame.module.name,
        qualname=_qualname(frame, name),
        node=node,
        names=frame.names,
        defaults=defaults,
        is_local=frame.function is not None,
        role=role,
    )


def define_class(machine: Machine, node: ast.ClassDef, frame: Frame) -> ClassValue:
    """Return the class of a definition; its body is run."""
    names = Namespace(frame.module.name, outer=frame.names, is_class=True)
    bases = tuple(machine.evaluate(machine, base, frame) for base in node.bases if not isinstance(base, ast.Starred))
    made = ClassValue(
        module=frame.module.name,
        qualname=_qualname(frame, node.name),
        node=node,
        names=names,
        bases=bases,
        is_local=frame.function is not None,
    )
    names.values["__qualname__"] = Known(made.qualname)
    names.values["__module__"] = Known(machine.runs_as(made.module))
    machine.run(machine, node.body, Frame(frame.module, names, frame.function))
    for value in names.values.values():
        if isinstance(value, FunctionValue) and value.owner is None and value.names is names:
            value.owner = made
    return made


def is_dataclass(cls: ClassValue) -> bool:
    """Tell whether a decorator makes the class a data class."""
    return any("dataclass" in ast.unparse(decorator) for decorator in cls.node.decorator_list)


def _qualname(frame: Frame, name: str) -> str:
    if frame.names.is_class:
        around = frame.names.values.get("__qualname__")
        return f"{getattr(around, 'value', '?')}.{name}"
    return f"{frame.function.qualname}.<locals>.{name}" if frame.function is not None else name
