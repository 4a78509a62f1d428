"""Import statements: names are bound, modules are looked into when they are used."""

import ast
from collections.abc import Sequence

from tpkg_analyzer.scan.exports.bindings import bind
from tpkg_analyzer.scan.exports.code import SourceModule
from tpkg_analyzer.scan.exports.state import Frame, Machine
from tpkg_analyzer.scan.exports.values import Imported, ModuleValue
from tpkg_runtime.spec.imports import absolute_name


def import_modules(machine: Machine, node: ast.Import, frame: Frame) -> None:
    """Bind the names of `import a.b`, `import a.b as c`."""
    _note(machine, node, frame.module)
    for alias in node.names:
        if alias.asname:
            bind(frame.names, alias.asname, ModuleValue(alias.name), machine)
        else:
            top = alias.name.partition(".")[0]
            bind(frame.names, top, ModuleValue(top), machine)


def import_from(machine: Machine, node: ast.ImportFrom, frame: Frame) -> None:
    """Bind the names of `from a import b`."""
    _note(machine, node, frame.module)
    base = _base(node, frame.module)
    if base is None:
        return
    for alias in node.names:
        if alias.name != "*":
            bind(frame.names, alias.asname or alias.name, Imported(base, alias.name), machine)


def imports_that_fail(machine: Machine, body: Sequence[ast.stmt], frame: Frame) -> int | None:
    """Return the index of the first statement that imports what is certainly not there."""
    for index, statement in enumerate(body):
        names: list[str] = []
        if isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and (base := _base(statement, frame.module)) is not None:
            names = [base]
        if any(not machine.code.exists(name) for name in names):
            return index
    return None


def note_top_level(machine: Machine, source: SourceModule) -> None:
    """Note what a module has imported before anybody can call its functions."""
    for statement in source.tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            _note(machine, statement, source)


def _note(machine: Machine, node: ast.Import | ast.ImportFrom, source: SourceModule) -> None:
    """Note what is imported, where it certainly is. What libraries import follows from what is imported of them."""
    if machine.level or not source.is_first_party:
        return
    if isinstance(node, ast.Import):
        machine.imported.update(((alias.name, ""), None) for alias in node.names)
    elif (base := _base(node, source)) is not None:
        names = ("" if alias.name == "*" else alias.name for alias in node.names)
        machine.imported.update(((base, name), None) for name in names)


def _base(node: ast.ImportFrom, source: SourceModule) -> str | None:
    try:
        return absolute_name(node.module or "", source.package, node.level)
    except ValueError:
        return None
