"""Values that are known without running anything: literals, names bound once to them, f-strings and sums of them."""

from collections.abc import Sequence

import libcst as cst

from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import BindingKind, Scope

_DEPTH = 20


def constant_string(
    module: AnalyzedModule, expression: cst.BaseExpression, scope: Scope, depth: int = _DEPTH
) -> str | None:
    """Return the text that an expression always has, None where it is not certain."""
    if depth == 0:
        return None
    match expression:
        case cst.SimpleString() | cst.ConcatenatedString():
            value = expression.evaluated_value
            return value if isinstance(value, str) else _joined(module, expression, scope, depth)
        case cst.FormattedString(parts=parts):
            return _formatted(module, parts, scope, depth)
        case cst.BinaryOperation(left=left, operator=cst.Add(), right=right):
            return _both(
                constant_string(module, left, scope, depth - 1), constant_string(module, right, scope, depth - 1)
            )
        case cst.Name(value=name):
            return _name(module, name, scope, depth)
        case _:
            return None


def _name(module: AnalyzedModule, name: str, scope: Scope, depth: int) -> str | None:
    found = scope.lookup(name)
    if found is None:
        return {"__package__": package_name(module), "__name__": module.name}.get(name)
    owner, bindings = found
    if len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGNMENT or bindings[0].value is None:
        return None
    return constant_string(module, bindings[0].value, owner, depth - 1)


def package_name(module: AnalyzedModule) -> str:
    """Return the `__package__` of a module."""
    return module.name if module.is_package else module.name.rpartition(".")[0]


def _joined(module: AnalyzedModule, node: cst.BaseExpression, scope: Scope, depth: int) -> str | None:
    if not isinstance(node, cst.ConcatenatedString):
        return None
    left = constant_string(module, node.left, scope, depth - 1)
    return _both(left, constant_string(module, node.right, scope, depth - 1))


def _formatted(
    module: AnalyzedModule, parts: Sequence[cst.BaseFormattedStringContent], scope: Scope, depth: int
) -> str | None:
    text = ""
    for part in parts:
        match part:
            case cst.FormattedStringText(value=value):
                text += value
            case cst.FormattedStringExpression(expression=inner, conversion=None, format_spec=None):
                known = constant_string(module, inner, scope, depth - 1)
                if known is None:
                    return None
                text += known
            case _:
                return None
    return text


def _both(left: str | None, right: str | None) -> str | None:
    return None if left is None or right is None else left + right
