"""A closure in the DOT language of Graphviz."""

from tpkg_analyzer.render.graph_nodes import COLOURS, Edge, Node, Picture


def render_dot(picture: Picture) -> str:
    """Return the graph: colours for actions, bold frames for roots, dashed lines for imports that need not run."""
    rows = [f"digraph {_quoted(picture.package)} {{", "  rankdir=LR;"]
    rows.append('  node [shape=box, style="filled,rounded", fontcolor=white, fontname="sans-serif", penwidth=0];')
    rows.append('  edge [color="#66707a", fontname="sans-serif", fontsize=9];')
    rows += [f"  {_quoted(node.name)} [{_about(node)}];" for node in picture.nodes]
    rows += [f"  {_quoted(e.importer)} -> {_quoted(e.target)}{_line(e)};" for e in picture.edges]
    return "\n".join([*rows, "}"]) + "\n"


def _about(node: Node) -> str:
    label = node.name
    if node.modules > 1:
        label += f"\n{node.modules} modules"
    if node.error is not None:
        label += f"\n{node.error}"
    parts = [f"label={_quoted(label)}", f'fillcolor="{COLOURS[node.status]}"', f"tooltip={_quoted(node.status)}"]
    if node.is_root:
        parts.append('penwidth=3, color="#111111"')
    if node.error is not None:
        parts.append("shape=octagon")
    return ", ".join(parts)


def _line(edge: Edge) -> str:
    parts = [] if edge.is_certain else ["style=dashed", f"label={_quoted(edge.kind)}"]
    if edge.imports > 1:
        parts.append(f"tooltip={_quoted(f'{edge.imports} imports')}")
    return f" [{', '.join(parts)}]" if parts else ""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
