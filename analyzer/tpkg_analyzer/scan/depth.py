"""Nodes that are too deep for the exporter's scan of a file.

It visits the tree by functions that call each other, two frames for each level, and looks into no call and no import.
"""

import ast
import re

_DEEPEST = 497
"""The last level that it can reach, from where it is when it scans a root; the module itself is the first one."""

# Up to 200 levels can be statements, with two levels for each indentation. All others take an operator or a word each.
_MOST_LEVELS = 250
_SIGNS = b"+-*/%@&|^~<>.(["
_WORDS = ("and", "or", "not", "if", "lambda", "await", "yield")
_SHORTEST_WORD = 4  # with what comes before or after it
_WORD_LEVEL = re.compile(r"\b(?:and|or|not|if|elif|lambda|await|yield)\b")
_WITHOUT_LETTERS = 4
"""The most levels that a node has more than letters: a statement of a name has one below, and its context."""
NOT_VISITED = frozenset({ast.Call, ast.Import, ast.ImportFrom})
_ALSO_ELSEWHERE = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.JoinedStr})
"""Nodes of which some part is not, or is not said to be, where they are: decorators, and expressions in strings."""


def may_be_deep(text: str) -> bool:
    """Tell whether a text may hold an expression too deep for the exporter's scan; most texts certainly do not."""
    if len(text) < _MOST_LEVELS:
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


def too_deep(tree: ast.Module, deepest: int = _DEEPEST) -> ast.stmt | None:
    """Return a statement with a node so deep that the exporter's scan of the file ends in a RecursionError.

    That is a node below the `deepest` level, which the scan looks at.
    """
    return next((statement for statement in tree.body if _reaches_below(statement, deepest)), None)


def _reaches_below(statement: ast.stmt, deepest: int) -> bool:
    stack: list[tuple[ast.AST, int]] = [(statement, 2)]
    while stack:
        node, level = stack.pop()
        kind = type(node)
        if kind in NOT_VISITED:
            continue
        if level + (kind is ast.Constant) > deepest:  # for which it has a function of its own
            return True
        line = getattr(node, "lineno", 0)
        if line and line == node.end_lineno and kind not in _ALSO_ELSEWHERE:  # type: ignore[attr-defined]
            n_letters = node.end_col_offset - node.col_offset  # type: ignore[attr-defined]
            if level + n_letters + _WITHOUT_LETTERS <= deepest:
                continue
        level += 1
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, ast.AST):
                stack.append((value, level))
            elif isinstance(value, list):
                stack += [(item, level) for item in value if isinstance(item, ast.AST)]
    return False
