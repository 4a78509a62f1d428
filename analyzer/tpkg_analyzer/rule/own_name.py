"""Whether a text begins as `__name__` does, which is mangled in a package: `<torch_package_0>.net.model`."""

import libcst as cst

from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import BindingKind, Scope

_DEPTH = 12
_SPLITTING = frozenset({"split", "rsplit", "partition", "rpartition"})
_KEEPING = frozenset({"replace", "removesuffix", "rstrip", "strip"})


def begins_with_own_name(
    module: AnalyzedModule, expression: cst.BaseExpression, scope: Scope, depth: int = _DEPTH
) -> bool:
    """Tell whether what an expression gives certainly begins with the first part of the module's `__name__`."""
    if depth == 0:
        return False
    depth -= 1
    match expression:
        case cst.Name(value=name):
            found = scope.lookup(name)
            if found is None:
                return name == "__name__"
            owner, bindings = found
            value = bindings[0].value
            is_variable = len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT
            return is_variable and value is not None and begins_with_own_name(module, value, owner, depth)
        case cst.FormattedString(parts=[cst.FormattedStringExpression(expression=inner, format_spec=None), *_]):
            pass
        case cst.BinaryOperation(left=inner, operator=cst.Add()):
            pass
        case cst.BinaryOperation(left=cst.SimpleString() as text, operator=cst.Modulo(), right=right):
            if not str(text.evaluated_value).startswith("%s"):
                return False
            inner = right.elements[0].value if isinstance(right, cst.Tuple) and right.elements else right
        case cst.Call(func=cst.Attribute(value=cst.SimpleString() as text, attr=cst.Name(value="format")), args=args):
            if not args or args[0].keyword is not None or args[0].star:
                return False
            if not str(text.evaluated_value).startswith(("{}", "{0}")):
                return False
            inner = args[0].value
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value=method))) if method in _KEEPING:
            pass
        case cst.Subscript(
            value=cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value=method))),
            slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Integer(value="0")))],
        ) if method in _SPLITTING:
            pass
        case _:
            return False
    return begins_with_own_name(module, inner, scope, depth)
