"""A closure in the DOT language of Graphviz."""

from tpkg_analyzer.render.graph_nodes import COLOURS, edges_of, nodes_of
from tpkg_analyzer.scan.closure import Closure


def render_dot(closure: Closure) -> str:
    """Return the graph: colours for actions, bold frames for roots, dashed lines for imports that need not run."""
    rows = [f"digraph {_quoted(closure.package.name)} {{", "  rankdir=LR;"]
    rows.append('  node [shape=box, style=filled, fontcolor=white, fontname="sans-serif"];')
    for node in nodes_of(closure):
        colour = COLOURS.get(node.status, COLOURS["none"])
        frame = ", penwidth=3" if node.is_root else ""
        rows.append(f'  {_quoted(node.name)} [fillcolor="{colour}", tooltip="{node.status}"{frame}];')
    for edge in edges_of(closure):
        style = "" if edge.is_certain else f' [style=dashed, tooltip="{edge.kind}"]'
        rows.append(f"  {_quoted(edge.importer)} -> {_quoted(edge.target)}{style};")
    return "\n".join([*rows, "}"]) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
