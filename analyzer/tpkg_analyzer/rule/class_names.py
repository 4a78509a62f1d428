"""Fixes that ask for the name of a class: it is what the host's and a package's copy of the class have in common."""

import libcst as cst

from tpkg_analyzer.model.diagnostic import Edit, Fix
from tpkg_analyzer.rule.classes import class_definition
from tpkg_analyzer.rule.context import Project
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import Scope
from tpkg_analyzer.rule.sides import members


def check_by_name(
    project: Project, module: AnalyzedModule, call: cst.Call, scope: Scope, *, is_of_class: bool
) -> Fix | None:
    """Return the fix that looks for the names of classes among those that a value's class inherits from.

    `call` is one of isinstance, or of issubclass where `is_of_class`. None where a class has no known name.
    """
    value, classes = call.args[0].value, call.args[1].value
    names = [class_name(project, module, cls, scope) for cls in members(classes)]
    if not names or None in names or _size(classes) != len(names):
        return None
    shown = module.tree.code_for_node(value.with_changes(lpar=[], rpar=[]) if _is_plain(value) else value)
    bases = f"{shown}.__mro__" if is_of_class else f"type({shown}).__mro__"
    if is_of_class and not _is_plain(value):
        return None
    test = f'== "{names[0]}"' if len(names) == 1 else "in (" + ", ".join(f'"{name}"' for name in names) + ")"
    text = f"any(cls.__name__ {test} for cls in {bases})"
    return Fix("Ask for the name of the class", (Edit(module.path, module.span(call), text),), is_safe=False)


def class_name(project: Project, module: AnalyzedModule, cls: cst.BaseExpression, scope: Scope) -> str | None:
    """Return the name that a class was defined with; an alias is looked through where its module is of the project."""
    full = module.qualified(cls, scope)
    found = class_definition(project, full)
    if found is not None:
        return found.node.name.value
    name = (full or "").rpartition(".")[2]
    return name if name.isidentifier() and name != "__class__" else None


def _size(classes: cst.BaseExpression) -> int:
    """Return how many classes a check names; of a union each side."""
    match classes:
        case cst.Tuple(elements=elements):
            return sum(_size(element.value) for element in elements)
        case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
            return _size(left) + _size(right)
        case _:
            return 1


def _is_plain(value: cst.BaseExpression) -> bool:
    return isinstance(value, (cst.Name, cst.Attribute, cst.Call, cst.Subscript))
