"""A closure as nodes and edges in JSON, for programs that draw."""

import json
from dataclasses import asdict

from tpkg_analyzer.render.graph_nodes import Picture


def render_graph_json(picture: Picture) -> str:
    """Return `{"version": 1, "package", "nodes": [...], "edges": [...]}`; edges name nodes by name."""
    document = {
        "version": 1,
        "package": picture.package,
        "nodes": [asdict(node) for node in picture.nodes],
        "edges": [asdict(edge) for edge in picture.edges],
    }
    return json.dumps(document, indent=1) + "\n"
