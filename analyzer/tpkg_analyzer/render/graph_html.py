"""A closure as one HTML page that needs nothing else, in a browser or in a web view of an editor.

The page is drawn by render/assets/closure_view.js, which is built from editors/closure-view. What may run and what may
style are named by their digests, so that the page holds under a policy that forbids everything else.
"""

import base64
import hashlib
import html
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tpkg_analyzer.render.graph_nodes import COLOURS, picture_of
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.scan.cost import costs
from tpkg_analyzer.sources.bundled import bundled_text

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div id="closure-view"></div>
<noscript>This page draws with JavaScript, which is switched off here.</noscript>
<script type="application/json" id="closure-data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def render_html(closure: Closure, base: Path) -> str:
    """Return the page; paths are shown relative to `base` and opened by their full names."""
    style, script = (bundled_text("tpkg_analyzer.render", f"closure_view.{kind}") for kind in ("css", "js"))
    policy = f"default-src 'none'; img-src data:; style-src {_digest(style)}; script-src {_digest(script)}"
    return _PAGE.format(
        policy=policy,
        title=html.escape(f"{closure.package.name} - closure"),
        style=style,
        data=_embedded(view_of(closure, base)),
        script=script,
    )


def view_of(closure: Closure, base: Path) -> dict[str, Any]:
    """Return what the page draws: the graph with each module's cost, what was dropped, and where files are."""
    picture = picture_of(closure, base)
    cost = {item.module: item for item in costs(closure)}
    declared = closure.package.declared
    return {
        "version": 1,
        "package": closure.package.name,
        "outcome": closure.outcome,
        "open": closure.package.is_open,
        "failed": {"module": closure.failed.module, "reason": closure.failed.reason} if closure.failed else None,
        "declared": {"path": str(declared.path), "line": declared.span.line} if declared.path else None,
        "base": base.absolute().as_posix(),
        "colours": COLOURS,
        "nodes": [
            {
                **asdict(node),
                "brings": len(cost[node.name].modules) - 1 if node.name in cost else 0,
                "brings_bytes": cost[node.name].bytes if node.name in cost else 0,
            }
            for node in picture.nodes
        ],
        "edges": [[edge.importer, edge.target, edge.kind, edge.line] for edge in picture.edges],
        "dropped": [
            {"module": item.module, "by": item.by, "line": item.reference.origin.span.line, "reason": item.reason}
            for item in closure.dropped
        ],
    }


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _embedded(value: object) -> str:
    # A script ends at the first `</script`, and `<!--` changes how it is read, whatever stands around them.
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
