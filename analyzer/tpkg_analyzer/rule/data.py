"""Large tables of plain data, which say nothing that a rule asks about and would take most of the time of a parse."""

import ast
import re
from collections.abc import Iterator

from tpkg_runtime.spec.source import line_starts

_FEWEST = 1_000
_KEPT = 3
_VISIBLE = re.compile(r"[^\r\n]")
_Table = ast.List | ast.Set | ast.Tuple


def without_data(source: str, tree: ast.Module) -> str:
    """Return a source with blanks in place of all but the first rows of its tables: all else keeps its place."""
    tables = list(_tables(tree))
    if not tables:
        return source
    starts = line_starts(source)
    parts, done = [], 0
    for table in sorted(tables, key=lambda item: (item.lineno, item.col_offset)):
        last = table.elts[_KEPT - 1]
        begin = _position(source, starts, last.end_lineno or 0, last.end_col_offset or 0)
        end = _position(source, starts, table.end_lineno or 0, table.end_col_offset or 0) - 1
        if begin >= done and source[end] in ")]}":
            parts += [source[done:begin], _VISIBLE.sub(" ", source[begin:end])]
            done = end
    return "".join([*parts, source[done:]])


def _tables(tree: ast.Module) -> Iterator[_Table]:
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, _Table) and len(node.elts) >= _FEWEST and all(map(_is_plain, node.elts)):
            yield node
        else:
            stack.extend(ast.iter_child_nodes(node))


def _is_plain(node: ast.AST) -> bool:
    """Tell whether an expression is a constant, or a row of them."""
    if isinstance(node, _Table):
        return bool(node.elts) and all(map(_is_plain, node.elts))
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, ast.Constant)


def _position(source: str, starts: list[int], line: int, column: int) -> int:
    """Return where a place of the tree is, whose columns are bytes."""
    begin = starts[line - 1]
    end = starts[line] if line < len(starts) else len(source)
    text = source[begin:end]
    return begin + (column if text.isascii() else len(text.encode()[:column].decode()))
