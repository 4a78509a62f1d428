"""Files beside a module, read by its `__file__`: the same through importlib.resources, where that says as much."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import libcst as cst

from tpkg_analyzer.model.diagnostic import Edit, Fix
from tpkg_analyzer.rule.calls import argument
from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.context import ModuleContext
from tpkg_analyzer.rule.index import dotted_name
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import BindingKind, Scope
from tpkg_runtime.spec.imports import package_of
from tpkg_runtime.spec.source import Span

_SAME = frozenset({"os.path.abspath", "os.path.realpath", "os.fspath", "builtins.str"})
_MODE = "mode"
_MODES = frozenset({"r", "rb"})
_READING = {
    "open": (_MODE, "encoding", "errors", "newline"),
    "read_text": ("encoding",),
    "read_bytes": (),
}
"""How a resource can be read (`importlib.resources.abc.Traversable`), and with which arguments, the first by place."""


@dataclass(frozen=True, slots=True)
class _Path:
    """An expression for the module's file, for its folder, or for something in the folder."""

    node: cst.CSTNode
    parts: tuple[str, ...] | None = None
    """What is asked for in the folder; None for the file itself."""
    is_object: bool = False
    """Whether it is a Path, not a string."""


def resource_fix(context: ModuleContext, node: cst.Name, scope: Scope) -> Fix | None:
    """Return the fix that reads what lies beside `__file__` as a resource of the package that the module is in.

    None where the path is used for anything but reading a named file, or where the package has no name here.
    """
    package = package_of(context.name, context.is_package)
    if not package or ("." in package and scope.runs_at_import):
        return None  # the attribute of a package above comes when its module is complete
    path, module = _Path(node), context.module
    while (further := _further(module, path, scope)) is not None:
        path = further
    if not path.parts:
        return None
    above = module.parent(path.node)
    listed = ", ".join(f'"{part}"' for part in path.parts)
    resource = f"importlib.resources.files({package}).joinpath({listed})"
    replaced: tuple[cst.CSTNode, str] | None = None
    if path.is_object and isinstance(above, cst.Attribute) and above.attr.value in _READING:
        used = module.parent(above)
        if isinstance(used, cst.Call) and _fits(module, used.args, _READING[above.attr.value], scope):
            replaced = path.node, resource
    call = module.parent(above) if isinstance(above, cst.Arg) else None
    if (
        isinstance(call, cst.Call)
        and call.args[0] is above
        and module.qualified(call.func, scope) == "builtins.open"
        and _fits(module, call.args[1:], _READING["open"], scope)
    ):
        rest = ", ".join(
            module.tree.code_for_node(item.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for item in call.args[1:]
        )
        replaced = call, f"{resource}.open({rest})"
    imports = _imports(module, ("importlib.resources", package), scope) if replaced is not None else None
    if replaced is None or imports is None:
        return None
    edit = Edit(context.path, module.span(replaced[0]), replaced[1])
    return Fix(f"Read a resource of `{package}`", (*imports, edit), is_safe=False)


def _fits(module: AnalyzedModule, arguments: Sequence[cst.Arg], names: Sequence[str], scope: Scope) -> bool:
    """Tell whether a resource can be read with these arguments: all have one of `names`, of which one has a place."""
    for index, item in enumerate(arguments):
        place = names[index] if index == 0 and names and not item.star else ""
        name = item.keyword.value if item.keyword is not None else place
        if name not in names or (name == _MODE and constant_string(module, item.value, scope) not in _MODES):
            return False
    return True


def _further(module: AnalyzedModule, path: _Path, scope: Scope) -> _Path | None:
    """Return what an expression around a path stands for, None where that is no path beside the module."""
    above = module.parent(path.node)
    match above:
        case cst.Arg():
            return _called(module, path, module.parent(above), scope)
        case cst.Attribute(value=inner, attr=cst.Name(value="parent")) if inner is path.node and path.is_object:
            return replace(path, node=above, parts=()) if path.parts is None else None
        case cst.Attribute(value=inner, attr=cst.Name(value=name)) if inner is path.node and path.is_object:
            call = module.parent(above)
            return _method(module, path, call, name, scope) if isinstance(call, cst.Call) else None
        case cst.BinaryOperation(left=left, operator=cst.Divide(), right=right) if left is path.node and path.is_object:
            return _joined(module, path, above, [right], scope)
        case _:
            return None


def _called(module: AnalyzedModule, path: _Path, call: cst.CSTNode | None, scope: Scope) -> _Path | None:
    if not isinstance(call, cst.Call) or argument(call, 0, "path") is not path.node:
        return None
    function = module.qualified(call.func, scope)
    if function in _SAME and len(call.args) == 1:
        return replace(path, node=call, is_object=False)
    if function in ("pathlib.Path", "pathlib.PurePath") and len(call.args) == 1:
        return replace(path, node=call, is_object=True)
    if function == "os.path.dirname" and path.parts is None:
        return replace(path, node=call, parts=(), is_object=False)
    if function == "os.path.join":
        return _joined(module, path, call, [item.value for item in call.args[1:]], scope)
    return None


def _method(module: AnalyzedModule, path: _Path, call: cst.Call, name: str, scope: Scope) -> _Path | None:
    given = [item.value for item in call.args]
    if name in ("resolve", "absolute") and not given:
        return replace(path, node=call)
    if name == "with_name" and path.parts is None:
        return _joined(module, replace(path, parts=()), call, given, scope)
    if name == "joinpath":
        return _joined(module, path, call, given, scope)
    return None


def _joined(
    module: AnalyzedModule, path: _Path, node: cst.CSTNode, added: list[cst.BaseExpression], scope: Scope
) -> _Path | None:
    names = [constant_string(module, item, scope) for item in added]
    parts = [part for name in names if name is not None for part in name.split("/")]
    if (
        path.parts is None
        or not parts
        or None in names
        or not all(part.strip(".") and "\\" not in part for part in parts)
    ):
        return None
    return replace(path, node=node, parts=(*path.parts, *parts))


def _imports(module: AnalyzedModule, names: tuple[str, ...], scope: Scope) -> list[Edit] | None:
    """Return what imports modules at the top of a file; None where their names stand for something else there."""
    statements = [
        (line, small)
        for line in module.tree.body
        if isinstance(line, cst.SimpleStatementLine)
        for small in line.body
        if isinstance(small, (cst.Import, cst.ImportFrom))
    ]
    there = {
        dotted_name(alias.name)
        for _, small in statements
        if isinstance(small, cst.Import)
        for alias in small.names
        if alias.asname is None
    }
    for name in names:
        first = name.partition(".")[0]
        found = scope.lookup(first)
        if found is not None and not all(item.kind is BindingKind.IMPORT and item.target == first for item in found[1]):
            return None
    lines = [
        line
        for line, small in statements
        if not isinstance(small, cst.ImportFrom) or dotted_name(small.module) != "__future__"
    ]
    if not lines:
        return None
    line = module.span(lines[0]).line
    text = "".join(f"import {name}\n" for name in names if name not in there)
    return [Edit(module.path, Span(line, 1, line, 1), text)] if text else []
