"""Decorators of the project: what they do to registers, and what they make of functions and classes."""

import ast

from tpkg_analyzer.scan.exports.code import SourceModule
from tpkg_analyzer.scan.exports.loading import modules_of
from tpkg_analyzer.scan.exports.state import Arguments, Frame, Machine
from tpkg_analyzer.scan.exports.values import Bound, ClassValue, FunctionValue, Instance, PartialCall, Value

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def decorated(machine: Machine, made: FunctionValue | ClassValue, node: Definition, frame: Frame) -> Value:
    """Return what the name of a definition stands for: what its decorators return, as far as that is known.

    Those of libraries are taken for harmless. Methods stay as they are, as what calls `super()` has to know its class.
    """
    value: Value = made
    if frame.names.is_class or (isinstance(made, FunctionValue) and made.role):
        return made
    for decorator in reversed(node.decorator_list):
        if not _is_own(machine, decorator, frame.module):
            continue
        function = machine.evaluate(machine, decorator, frame)
        if not _has_source(machine, function):
            continue
        result = machine.call(machine, function, Arguments((value,)), frame.site(decorator))
        if isinstance(result, FunctionValue | ClassValue | Bound | PartialCall | Instance):
            value = result
    return value


def _is_own(machine: Machine, decorator: ast.expr, source: SourceModule) -> bool:
    """Tell whether a decorator may be of the project; of a library nothing is read to find out."""
    root: ast.expr = decorator
    while isinstance(root, ast.Call | ast.Attribute):
        root = root.func if isinstance(root, ast.Call) else root.value
    if not isinstance(root, ast.Name):
        return False
    imports = [item for item in source.binding.get(root.id, ()) if isinstance(item, ast.Import | ast.ImportFrom)]
    return not imports or any(
        machine.code.own_module(name) is not None for item in imports for name in modules_of(item, source)
    )


def _has_source(machine: Machine, function: Value) -> bool:
    inner = function.function if isinstance(function, Bound) else function
    return isinstance(inner, FunctionValue | ClassValue) and machine.code.own_module(inner.module) is not None
