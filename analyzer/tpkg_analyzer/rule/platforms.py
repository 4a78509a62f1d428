"""Tests of the platform, which have one answer for each interpreter."""

import ast
import operator
from collections.abc import Callable

_SYSTEMS = {"Windows": "win32", "Darwin": "darwin", "Linux": "linux"}
_SIGNS: dict[type[ast.cmpop], Callable[[object, object], bool]] = {ast.Eq: operator.eq, ast.NotEq: operator.ne}


def answer(test: ast.expr, platform: str) -> bool | None:
    """Return what a test says where `sys.platform` is `platform`, None where it asks for anything else."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            said = answer(inner, platform)
            return None if said is None else not said
        case ast.Compare(left=left, ops=[sign], comparators=[ast.Constant(value=str(text))]) if type(sign) in _SIGNS:
            value = _asked(ast.unparse(left), platform)
            return None if value is None else _SIGNS[type(sign)](value, text)
        case ast.Call(
            func=ast.Attribute(value=base, attr="startswith"), args=[ast.Constant(value=str(text))], keywords=[]
        ):
            value = _asked(ast.unparse(base), platform)
            return None if value is None else value.startswith(text)
        case _:
            return None


def _asked(code: str, platform: str) -> str | None:
    match code:
        case "sys.platform":
            return platform
        case "os.name":
            return "nt" if platform == "win32" else "posix"
        case "platform.system()":
            return next((name for name, known in _SYSTEMS.items() if known == platform), None)
        case _:
            return None
