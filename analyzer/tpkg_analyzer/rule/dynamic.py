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


def possible_texts(module: AnalyzedModule, expression: cst.BaseExpression, scope: Scope) -> list[str] | None:
    """Return all texts that an expression can be: of a loop over a table that is written there, or an item of one."""
    match expression:
        case cst.Subscript(value=table):
            known = _table(table, scope)
            values = known.elements if isinstance(known, cst.Dict) else ()
            return _texts(module, [item.value for item in values], scope)
        case cst.Name(value=name) if (found := scope.lookup(name)) is not None and len(found[1]) == 1:
            owner, [binding] = found
            if binding.kind is BindingKind.ASSIGNMENT and binding.value is not None:
                return possible_texts(module, binding.value, owner)
            return _looped(module, binding.node, name, owner)
        case _:
            return None


def _looped(module: AnalyzedModule, node: cst.CSTNode, name: str, scope: Scope) -> list[str] | None:
    """Return the texts that a loop gives to a name that it binds, by itself or as a part of each row."""
    loop: cst.CSTNode | None = node
    while loop is not None and not isinstance(loop, (cst.For, cst.CompFor)):
        loop = module.parent(loop)
    if loop is None:
        return None
    table = _table(loop.iter, scope)
    if not isinstance(table, (cst.List, cst.Tuple)):
        return None
    rows = [item.value for item in table.elements]
    match loop.target:
        case cst.Name(value=bound) if bound == name:
            return _texts(module, rows, scope)
        case cst.Tuple(elements=parts):
            at = [index for index, part in enumerate(parts) if getattr(part.value, "value", None) == name]
            cells = [row.elements for row in rows if isinstance(row, cst.Tuple) and len(row.elements) == len(parts)]
            if len(at) == 1 and len(cells) == len(rows):
                return _texts(module, [cell[at[0]].value for cell in cells], scope)
    return None


def _table(expression: cst.BaseExpression, scope: Scope) -> cst.BaseExpression | None:
    """Return the display that an expression is, or that the one name it is was bound to."""
    if not isinstance(expression, cst.Name):
        return expression
    found = scope.lookup(expression.value)
    return found[1][0].value if found is not None and len(found[1]) == 1 else None


def _texts(module: AnalyzedModule, expressions: list[cst.BaseExpression], scope: Scope) -> list[str] | None:
    texts = [constant_string(module, item, scope) for item in expressions]
    known = [text for text in texts if text is not None]
    return known if known and len(known) == len(texts) else None


def mentions(expression: cst.CSTNode, name: str) -> bool:
    """Tell whether a name stands anywhere in an expression."""
    if isinstance(expression, cst.Name):
        return expression.value == name
    return any(mentions(child, name) for child in expression.children)
