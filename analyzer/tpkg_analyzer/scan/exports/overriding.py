"""Methods that the exporter calls itself while it packs: code may put its own in their place."""

import ast
from dataclasses import replace
from typing import Any

from tpkg_analyzer.model.package import Unknown
from tpkg_analyzer.scan.exports.classes import EXPORTERS, member
from tpkg_analyzer.scan.exports.state import Machine, Site
from tpkg_analyzer.scan.exports.values import External, FunctionValue, Instance, Value

_DECIDING = (
    "add_dependency",
    "_can_implicitly_extern",
    "_execute_dependency_graph",
    "_get_dependencies",
    "_get_source_of_module",
    "_import_module",
    "_intern_module",
    "_module_exists",
    "_persistent_id",
    "_validate_dependency_graph",
)
"""What decides which modules are packed, and how."""


def open_where_overridden(machine: Machine, log: Any, cls: Value, site: Site) -> None:
    """Open an exporter whose class, or a patch of torch's, does that work in its own way: nobody follows it."""
    if log.runtime != "torch":
        return
    if machine.patched is not None:
        log.lose(machine.patched)
    for name in _DECIDING:
        found = member(cls, name)
        if found is not None:
            log.lose(_definition(machine, found[0]) or site.unknown)


def note_patch(machine: Machine, owner: Value, name: str, site: Site | None) -> None:
    """Note that such a method of an exporter, or of the exporter's class, is set to something else."""
    if name not in _DECIDING or site is None:
        return
    if isinstance(owner, Instance) and any(log is owner.payload for log in machine.exporters):
        owner.payload.lose(site.unknown)
    elif isinstance(owner, External) and owner.name in EXPORTERS:
        machine.patched = machine.patched or site.unknown
        for log in machine.exporters:
            log.lose(site.unknown)


def _definition(machine: Machine, function: Value) -> Unknown | None:
    """Return the name of a method where it is defined."""
    if not isinstance(function, FunctionValue) or isinstance(function.node, ast.Lambda):
        return None
    source = machine.code.module(function.module)
    if source is None:
        return None
    node, named = function.node, ast.Name(function.node.name)
    before = source.lines[node.lineno - 1].encode().find(node.name.encode(), node.col_offset)
    named.lineno = named.end_lineno = node.lineno
    named.col_offset, named.end_col_offset = before, before + len(node.name.encode())
    return replace(source.unknown(named), expression=function.qualname)
