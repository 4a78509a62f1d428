"""A closure as nodes and edges in JSON, for programs that draw."""

import json
from dataclasses import asdict

from tpkg_analyzer.render.graph_nodes import edges_of, nodes_of
from tpkg_analyzer.scan.closure import Closure


def render_graph_json(closure: Closure) -> str:
    """Return `{"version": 1, "package", "nodes": [...], "edges": [...]}`; edges name nodes by name."""
    document = {
        "version": 1,
        "package": closure.package.name,
        "nodes": [asdict(node) for node in nodes_of(closure)],
        "edges": [asdict(edge) for edge in edges_of(closure)],
    }
    return json.dumps(document, indent=1) + "\n"
