"""Expressions that are too deep for the exporter's scan of a file."""

import ast
import re
from collections.abc import Iterator

from tpkg_runtime.spec.source import first_line, split_lines

# torch.package visits two frames per level of a syntax tree, under the default recursion limit of 1000.
_DEEPEST_EXPRESSION = 490
# Up to 200 levels can be statements, with two levels for each indentation. All others take an operator or a word each.
_MOST_LEVELS = 250
SHORTEST_DEEP = _MOST_LEVELS
"""The fewest characters in which an expression is too deep: a sign can be a level."""
_SIGNS = b"+-*/%@&|^~<>.(["
_WORDS = ("and", "or", "not", "if", "lambda", "await", "yield")
_SHORTEST_WORD = 3  # with what comes before or after it
_WORD_LEVEL = re.compile(r"\b(?:and|or|not|if|elif|lambda|await|yield)\b")
# Statements without statements inside.
_SIMPLE = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Import, ast.ImportFrom, ast.Raise)


def may_be_deep(text: str) -> bool:
    """Tell whether a text may hold an expression too deep for the exporter's scan; most texts certainly do not."""
    if len(text) < SHORTEST_DEEP:
        return False
    data = text.encode("utf-8", "surrogatepass")
    n_signs = len(data) - len(data.translate(None, _SIGNS))
    if n_signs > _MOST_LEVELS:
        return True
    if n_signs + (len(data) - n_signs) / _SHORTEST_WORD <= _MOST_LEVELS:
        return False
    # Letters are counted much faster than words, and are mostly few enough already.
    n_letters = sum(map(text.count, _WORDS))
    return n_signs + n_letters > _MOST_LEVELS and n_signs + len(_WORD_LEVEL.findall(text)) > _MOST_LEVELS


def too_deep(tree: ast.Module, text: str) -> ast.expr | None:
    """Return an expression so deep that the exporter's scan of the file ends in a RecursionError."""
    if not may_be_deep(text):
        return None
    for expression, depth in _long_expressions(tree.body, split_lines(text)):
        if depth + _depth(expression) > _DEEPEST_EXPRESSION:
            return expression
    return None


def _long_expressions(body: list[ast.stmt], lines: list[str]) -> Iterator[tuple[ast.expr, int]]:
    stack: list[tuple[ast.AST, int]] = [(node, 2) for node in reversed(body)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, _SIMPLE) and _is_short(node):
            continue
        if isinstance(node, ast.stmt) and not may_be_deep("\n".join(lines[first_line(node) - 1 : node.end_lineno])):
            continue
        if isinstance(node, ast.arg):
            if node.annotation is not None and _may_be_deep(node.annotation):
                yield node.annotation, depth
            continue
        for field in node._fields:
            value = getattr(node, field, None)
            for child in value if isinstance(value, list) else (value,):
                if isinstance(child, ast.expr):
                    if _may_be_deep(child):
                        yield child, depth
                elif isinstance(child, ast.AST):
                    stack.append((child, depth + 1))


def _is_short(node: ast.stmt) -> bool:
    is_one_line = node.end_lineno == node.lineno
    return is_one_line and (node.end_col_offset or 0) - node.col_offset <= SHORTEST_DEEP


def _may_be_deep(node: ast.expr) -> bool:
    end_line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
    # Over several lines the columns do not tell.
    return end_line - node.lineno > 4 or (end_line == node.lineno and end - node.col_offset > SHORTEST_DEEP)


def _depth(root: ast.expr) -> int:
    deepest, stack = 0, [(root, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        stack.extend((child, depth + 1) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
    return deepest
