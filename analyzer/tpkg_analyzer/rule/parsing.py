"""Parsing a file with libcst a piece at a time, so that work on a large one can be broken off.

libcst's parser lets no other thread run, and no signal in, until it has read all that it was given: about half a
millisecond for each KB.
"""

import ast
from collections.abc import Iterable, Iterator

import libcst as cst

from tpkg_analyzer.rule.data import without_data
from tpkg_runtime.spec.source import first_line, line_starts

_PIECE = 40_000
"""Characters that a piece has at least."""


def parse(source: str, piece: int = _PIECE) -> cst.Module:
    """Return the tree of a module, the same as from one piece but for large tables of data.

    Raises libcst.ParserSyntaxError.
    """
    pieces: list[str] = []
    if len(source) > 2 * piece:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass  # libcst knows more versions of Python than the one that runs
        else:
            source = without_data(source, tree)
            pieces = list(_pieces(source, tree.body, piece))
    if len(pieces) < 2:
        return cst.parse_module(source)
    try:
        parts = [cst.parse_module(text) for text in pieces]
    except cst.ParserSyntaxError:
        return cst.parse_module(source)  # an error at its place in the whole
    if len({(part.default_indent, part.default_newline) for part in parts}) > 1:
        return cst.parse_module(source)  # what blocks are indented by is said by the module
    body, lines = list(parts[0].body), parts[0].footer
    for part in parts[1:]:
        first, *others = part.body
        # What stands above a statement is the end of the piece before.
        body += [first.with_changes(leading_lines=(*lines, *first.leading_lines)), *others]
        lines = part.footer
    return parts[0].with_changes(body=body, footer=lines, has_trailing_newline=parts[-1].has_trailing_newline)


def _pieces(source: str, statements: Iterable[ast.stmt], size: int) -> Iterator[str]:
    """Yield the text in pieces that begin with a statement."""
    starts = line_starts(source)
    begin = above = 0
    for statement in statements:
        line = first_line(statement)
        if line > above and starts[line - 1] - begin >= size:
            yield source[begin : starts[line - 1]]
            begin = starts[line - 1]
        above = statement.end_lineno or statement.lineno
    yield source[begin:]
