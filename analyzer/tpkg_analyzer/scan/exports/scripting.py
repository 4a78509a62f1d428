"""Whether torch refuses a module that was scripted: not where the code opens the gate, or is prepared for it."""

import ast

from tpkg_analyzer.scan.exports.state import Machine, Site

_GATE = "_gate_torchscript_serialization"
_EXPECTS = ("raises", "assertRaises", "assertRaisesRegex", "suppress")


def is_gated(machine: Machine, site: Site) -> bool:
    """Tell whether a call of `save_pickle` certainly meets the gate, and nothing catches what that raises."""
    imported = dict.fromkeys(module for module, _ in machine.imported)
    return not machine.code.mentions(_GATE, imported) and not any(map(_is_expected, (site, *machine.calls)))


def _is_expected(site: Site) -> bool:
    line = getattr(site.node, "lineno", 0)
    return any(
        node.body[0].lineno <= line <= (node.body[-1].end_lineno or 0)
        for node in ast.walk(site.module.tree)
        if (isinstance(node, ast.Try) and node.handlers)
        or (isinstance(node, ast.With | ast.AsyncWith) and any(_expects(item.context_expr) for item in node.items))
    )


def _expects(value: ast.expr) -> bool:
    match value:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _EXPECTS
    return False
