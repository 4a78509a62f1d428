"""The edit that takes one name out of an import statement, and the statement with it where no other is left."""

import libcst as cst

from tpkg_analyzer.model.diagnostic import Edit, Fix
from tpkg_analyzer.rule.module import AnalyzedModule
from tpkg_runtime.spec.source import Span


def without_alias(module: AnalyzedModule, alias: cst.CSTNode) -> Fix | None:
    """Return the fix that removes `alias`; None where what is left cannot be written simply."""
    statement = module.parent(alias)
    line = module.parent(statement) if statement is not None else None
    if not isinstance(statement, (cst.Import, cst.ImportFrom)) or not isinstance(line, cst.SimpleStatementLine):
        return None
    if isinstance(statement.names, cst.ImportStar) or len(line.body) != 1:
        return None
    span = module.span(statement)
    left = [item for item in statement.names if item is not alias]
    title = f"Remove the import of `{module.tree.code_for_node(alias).strip().rstrip(',')}`"
    if left:
        if not (isinstance(statement, cst.ImportFrom) and statement.lpar):
            left[-1] = left[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        text = module.tree.code_for_node(statement.with_changes(names=left))
        return Fix(title, (Edit(module.path, span, text),), is_safe=True)
    if _is_alone(module, line):
        return Fix(title, (Edit(module.path, span, "pass"),), is_safe=True)
    whole = Span(span.line, 1, span.end_line + 1, 1)
    return Fix(title, (Edit(module.path, whole, ""),), is_safe=True)


def _is_alone(module: AnalyzedModule, line: cst.SimpleStatementLine) -> bool:
    block = module.parent(line)
    return isinstance(block, cst.IndentedBlock) and len(block.body) == 1
