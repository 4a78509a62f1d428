"""The statements that an import runs one after the other."""

import ast
from dataclasses import dataclass
from types import CodeType

from tpkg_runtime.spec.source import first_line

_BLOCKS = (ast.If, ast.Try, ast.With, ast.For, ast.While)


@dataclass(frozen=True, slots=True)
class Statement:
    """Lines of a module, decorators included, and what they compile to by themselves."""

    lines: range
    code: CodeType


def statement_at(source: str, line: int) -> Statement:
    """Return the statement that a line belongs to; of a block the one that is in it."""
    tree = ast.parse(source)
    around: list[ast.stmt] = tree.body
    while True:
        found = next((item for item in around if line in _lines(item)), None)
        if not isinstance(found, _BLOCKS):
            break
        around = list(_within(found))
    futures = [item for item in tree.body if isinstance(item, ast.ImportFrom) and item.module == "__future__"]
    body = [*futures, *([found] if found is not None else [])]
    code = compile(ast.Module(body, []), "<statement>", "exec", dont_inherit=True)
    return Statement(range(line, line + 1) if found is None else _lines(found), code)


def _within(block: ast.AST) -> "list[ast.stmt]":
    found: list[ast.stmt] = []
    for child in ast.iter_child_nodes(block):
        if isinstance(child, ast.stmt):
            found.append(child)
        elif isinstance(child, ast.ExceptHandler):
            found += child.body
    return found


def _lines(node: ast.stmt) -> range:
    return range(first_line(node), (node.end_lineno or node.lineno) + 1)
