"""Imports by name: `import_module("a.b")` runs inside a package, but the exporter does not record it."""

import ast
from collections.abc import Iterator

from tpkg_runtime.spec.imports import absolute_name

_CALLS = frozenset({"import_module", "find_spec", "resolve_name"})


def lines_that_import(source: str, module: str, package: str) -> Iterator[int]:
    """Yield the lines on which `source`, a module of `package`, asks for `module` by a constant name in a call."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args or _called(node.func) not in _CALLS:
            continue
        given = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
        if isinstance(given, str) and _absolute(given.partition(":")[0], package) == module:
            yield node.lineno


def _called(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _absolute(name: str, package: str) -> str:
    plain = name.lstrip(".")
    try:
        return absolute_name(plain, package, len(name) - len(plain))
    except ValueError:
        return name
