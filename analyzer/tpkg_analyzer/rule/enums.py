"""Enums of the project: whether an expression names a member, and how members compare."""

import libcst as cst

from tpkg_analyzer.rule.classes import Definition, ancestry, class_definition, methods
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import Scope

_ENUMS = frozenset({"enum.Enum", "enum.Flag", "enum.IntEnum", "enum.StrEnum", "enum.IntFlag"})
_EQUAL_BY_VALUE = frozenset({"enum.IntEnum", "enum.StrEnum", "enum.IntFlag", "builtins.int", "builtins.str"})


def enum_of(project: Project, module: AnalyzedModule, node: cst.CSTNode, scope: Scope) -> Definition | None:
    """Return the enum of the project whose member an expression names, as the module imports it."""
    if not isinstance(node, cst.Attribute):
        return None
    found = class_definition(project, module.qualified(node.value, scope))
    return found if found is not None and has_member(project, found, node.attr.value) else None


def has_member(project: Project, found: Definition, name: str) -> bool:
    """Tell whether a class is an enum that has a member of that name."""
    return is_enum(project, found) and name in {
        target.target.value
        for statement in found.node.body.body
        if isinstance(statement, cst.SimpleStatementLine)
        for part in statement.body
        if isinstance(part, cst.Assign)
        for target in part.targets
        if isinstance(target.target, cst.Name)
    }


def is_enum(project: Project, found: Definition) -> bool:
    """Tell whether a class is an enum."""
    return bool(ancestry(project, found)[1] & _ENUMS)


def equals_by_identity(project: Project, found: Definition) -> bool:
    """Tell whether a member of an enum equals itself only."""
    known, foreign = ancestry(project, found)
    return not foreign & _EQUAL_BY_VALUE and not any(
        method.name.value == "__eq__" for cls in known for method in methods(cls)
    )
