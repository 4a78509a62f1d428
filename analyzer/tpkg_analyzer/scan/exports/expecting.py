"""What code expects to be raised: by torch's gate for scripted modules, or by an export that is tried for that."""

import ast
from collections.abc import Collection

from tpkg_analyzer.scan.exports.state import Machine, Site

_GATE = "_gate_torchscript_serialization"
_RAISES = ("raises", "assertRaises", "assertRaisesRegex")


def is_gated(machine: Machine, site: Site) -> bool:
    """Tell whether a call of `save_pickle` certainly meets the gate, and nothing catches what that raises."""
    imported = dict.fromkeys(module for module, _ in machine.imported)
    return not machine.code.mentions(_GATE, imported) and not any(
        _is_within(site, (*_RAISES, "suppress"), is_try_enough=True) for site in (site, *machine.calls)
    )


def is_meant_to_raise(machine: Machine, site: Site) -> bool:
    """Tell whether a call stands in a block of a test that passes only where something raises."""
    return any(
        site.module.tests_what_is_raised and _is_within(site, _RAISES, is_try_enough=False)
        for site in (site, *machine.calls)
    )


def _is_within(site: Site, names: Collection[str], *, is_try_enough: bool) -> bool:
    line = getattr(site.node, "lineno", 0)
    return any(
        node.body[0].lineno <= line <= (node.body[-1].end_lineno or 0)
        for node in ast.walk(site.module.tree)
        if (is_try_enough and isinstance(node, ast.Try) and node.handlers)
        or (
            isinstance(node, ast.With | ast.AsyncWith)
            and any(_expects(item.context_expr, names) for item in node.items)
        )
    )


def _expects(value: ast.expr, names: Collection[str]) -> bool:
    match value:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in names
    return False
