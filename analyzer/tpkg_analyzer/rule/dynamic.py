"""Calls that import by a value, and what can be said about that value."""

import libcst as cst

from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import BindingKind, Scope, ScopeKind

IMPORT_CALLS = {
    "importlib.import_module": ("name", "package"),
    "importlib.__import__": ("name", None),
    "builtins.__import__": ("name", None),
}
"""Functions that import a module by name, with the keywords of the name and of what it is relative to."""


def function_called(module: AnalyzedModule, call: cst.Call, scope: Scope) -> str | None:
    """Return the full name of the function that is called, also through a name that is bound once to it."""
    if isinstance(call.func, cst.Name) and (found := scope.lookup(call.func.value)) is not None:
        owner, bindings = found
        value = bindings[0].value
        is_alias = len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT
        if is_alias and isinstance(value, (cst.Name, cst.Attribute)):
            return module.qualified(value, owner)
    return module.qualified(call.func, scope)


def is_in_module_getattr(scope: Scope) -> bool:
    """Tell whether code runs in the `__getattr__` of its module (PEP 562)."""
    return any(
        around.kind is ScopeKind.FUNCTION and around.qualname == "__getattr__" and around.parent is around.module
        for around in scope.outward()
    )


def leading_text(module: AnalyzedModule, expression: cst.BaseExpression, scope: Scope) -> str:
    """Return the text that an expression's value certainly starts with."""
    known = constant_string(module, expression, scope)
    if known is not None:
        return known
    match expression:
        case cst.FormattedString(parts=[first, *_]):
            match first:
                case cst.FormattedStringText(value=text):
                    return text
                case cst.FormattedStringExpression(expression=inner):
                    return constant_string(module, inner, scope) or ""
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Modulo()):
            return leading_text(module, left, scope).partition("%")[0]
        case cst.Call(func=cst.Attribute(value=cst.SimpleString() as text, attr=cst.Name(value="format"))):
            return str(text.evaluated_value).partition("{")[0]
    return ""


def mentions(expression: cst.CSTNode, name: str) -> bool:
    """Tell whether a name stands anywhere in an expression."""
    if isinstance(expression, cst.Name):
        return expression.value == name
    return any(mentions(child, name) for child in expression.children)
