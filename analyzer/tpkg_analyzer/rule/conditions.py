"""Whether a statement runs only under a condition that the code itself asks."""

from collections.abc import Iterator, Sequence

import libcst as cst

from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_runtime.spec.source import Span


def is_conditional(module: AnalyzedModule, span: Span) -> bool:
    """Tell whether the import at `span` stands under an `if`, or behind one that leaves the function before it."""
    node = _import_at(module, span)
    while node is not None and (around := module.parent(node)) is not None:
        match around:
            case cst.If() | cst.Else() | cst.IfExp() | cst.BooleanOperation() | cst.Match() | cst.ExceptHandler():
                return True
            case cst.IndentedBlock(body=body) | cst.Module(body=body) if _leaves_before(body, node):
                return True
        node = around
    return False


def _import_at(module: AnalyzedModule, span: Span) -> cst.CSTNode | None:
    kinds: tuple[type[cst.CSTNode], ...] = (cst.ImportAlias, cst.ImportStar, cst.Call)
    nodes = (node for kind in kinds for node, _ in module.sites(kind))
    return next(
        (node for node in nodes if (at := module.span(node)).line == span.line and at.column == span.column), None
    )


def _leaves_before(body: Sequence[cst.CSTNode], node: cst.CSTNode) -> bool:
    for statement in body:
        if statement is node:
            return False
        if isinstance(statement, cst.If) and any(_is_exit(item) for item in _own_statements(statement.body)):
            return True
    return False


def _own_statements(block: cst.BaseSuite) -> Iterator[cst.CSTNode]:
    for statement in block.body:
        if isinstance(statement, cst.SimpleStatementLine):
            yield from statement.body
        else:
            yield statement


def _is_exit(statement: cst.CSTNode) -> bool:
    return isinstance(statement, (cst.Return, cst.Raise, cst.Continue, cst.Break))
