"""Import statements: names are bound, modules are looked into when they are used."""

import ast
from collections.abc import Sequence

from tpkg_analyzer.scan.exports.bindings import bind
from tpkg_analyzer.scan.exports.code import SourceModule
from tpkg_analyzer.scan.exports.loading import base_of, imported_by, load, modules_of
from tpkg_analyzer.scan.exports.state import Frame, Machine, Site
from tpkg_analyzer.scan.exports.values import Imported, ModuleValue


def import_modules(machine: Machine, node: ast.Import, frame: Frame) -> None:
    """Bind the names of `import a.b`, `import a.b as c`."""
    _note(machine, node, frame.module)
    _load(machine, node, frame.module)
    for alias in node.names:
        if alias.asname:
            bind(frame.names, alias.asname, ModuleValue(alias.name), machine)
        else:
            top = alias.name.partition(".")[0]
            bind(frame.names, top, ModuleValue(top), machine)


def import_from(machine: Machine, node: ast.ImportFrom, frame: Frame) -> None:
    """Bind the names of `from a import b`."""
    _note(machine, node, frame.module)
    _load(machine, node, frame.module)
    base = base_of(node, frame.module)
    if base is None:
        return
    for alias in node.names:
        if alias.name != "*":
            bind(frame.names, alias.asname or alias.name, Imported(base, alias.name), machine)


def imports_that_fail(machine: Machine, body: Sequence[ast.stmt], frame: Frame) -> int | None:
    """Return the index of the first statement that imports what is certainly not there."""
    for index, statement in enumerate(body):
        if any(not machine.code.exists(name) for name in imported_by([statement], frame.module)):
            return index
    return None


def note_top_level(machine: Machine, source: SourceModule) -> None:
    """Note what a module has imported before anybody can call its functions, and run what that does."""
    load(machine, [source.name])
    for statement in source.tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            _note(machine, statement, source)


def _note(machine: Machine, node: ast.Import | ast.ImportFrom, source: SourceModule) -> None:
    """Note what is imported, where it certainly is. What libraries import follows from what is imported of them."""
    if machine.level or not source.is_first_party:
        return
    if isinstance(node, ast.Import):
        machine.imported.update(((alias.name, ""), None) for alias in node.names)
    elif (base := base_of(node, source)) is not None:
        names = ("" if alias.name == "*" else alias.name for alias in node.names)
        machine.imported.update(((base, name), None) for name in names)


def _load(machine: Machine, node: ast.Import | ast.ImportFrom, source: SourceModule) -> None:
    """Run what code of the project imports of the project; libraries are left alone."""
    if source.is_first_party:
        load(machine, modules_of(node, source))


def is_loaded(machine: Machine, name: str, site: Site) -> bool:
    """Tell whether a module certainly is in the process: the one whose code runs, and what was imported before."""
    above = [statement for statement in site.module.tree.body if statement.lineno < site.place.span.line]
    loaded = [site.module.name, *imported_by(above, site.module), *(module for module, _ in machine.imported)]
    seen: set[str] = set()
    while loaded:
        module = loaded.pop()
        if module == name or module.startswith(f"{name}."):
            return True
        source = machine.code.module(module) if module not in seen else None
        seen.add(module)
        if source is not None and source.is_first_party and source is not site.module:
            loaded += imported_by(source.tree.body, source)
    return False
