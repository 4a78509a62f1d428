"""Code as messages quote it: on one line and not too long."""

import re

import libcst as cst

from tpkg_analyzer.rule.module import AnalyzedModule

_LONGEST = 80
_COMMENT = re.compile(r"\s#[^\n]*(?=\n)")


def excerpt(module: AnalyzedModule, node: cst.CSTNode) -> str:
    """Return the code of a node for a message."""
    text = " ".join(_COMMENT.sub("", module.tree.code_for_node(node)).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
