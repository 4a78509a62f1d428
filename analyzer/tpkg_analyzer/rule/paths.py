"""Paths that are known without running anything."""

import posixpath

import libcst as cst

from tpkg_analyzer.rule.constants import constant_string
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_analyzer.rule.scopes import BindingKind, Scope

_DEPTH = 12
_JOINING = frozenset({"pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "os.path.join"})
_SAME = frozenset({"builtins.str", "os.fspath", "os.path.normpath"})


def constant_path(
    module: AnalyzedModule, expression: cst.BaseExpression, scope: Scope, depth: int = _DEPTH
) -> str | None:
    """Return the path that an expression always is, None where it is not certain."""
    if depth == 0:
        return None
    text = constant_string(module, expression, scope)
    if text is not None:
        return text
    match expression:
        case cst.Call(func=function, args=arguments) if not any(item.star or item.keyword for item in arguments):
            name = module.qualified(function, scope)
            if not arguments or name not in _JOINING | _SAME or (name in _SAME and len(arguments) > 1):
                return None
            return _joined([constant_path(module, item.value, scope, depth - 1) for item in arguments])
        case cst.BinaryOperation(left=left, operator=cst.Divide(), right=right):
            return _joined([constant_path(module, item, scope, depth - 1) for item in (left, right)])
        case cst.Name(value=name):
            bound = scope.lookup(name)
            if bound is None or len(bound[1]) != 1 or bound[1][0].kind is not BindingKind.ASSIGNMENT:
                return None
            value = bound[1][0].value
            return constant_path(module, value, bound[0], depth - 1) if value is not None else None
        case _:
            return None


def _joined(parts: list[str | None]) -> str | None:
    known = [part for part in parts if part is not None]
    return posixpath.join(*known) if len(known) == len(parts) else None
