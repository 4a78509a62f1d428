"""A closure as a Mermaid flowchart, which many pages render as they stand."""

from tpkg_analyzer.render.graph_nodes import COLOURS, Node, Picture


def render_mermaid(picture: Picture) -> str:
    """Return the graph: classes for actions, stadiums for roots, dotted lines for imports that need not run."""
    numbers = {node.name: f"m{index}" for index, node in enumerate(picture.nodes)}
    rows = ["flowchart LR"]
    for node in picture.nodes:
        opening, closing = ("([", "])") if node.is_root else ("{{", "}}") if node.error else ("[", "]")
        rows.append(f'  {numbers[node.name]}{opening}"{_text(node)}"{closing}:::is_{node.status}')
    for edge in picture.edges:
        arrow = "-->" if edge.is_certain else f"-. {edge.kind} .->"
        rows.append(f"  {numbers[edge.importer]} {arrow} {numbers[edge.target]}")
    used = {node.status for node in picture.nodes}
    rows += [f"  classDef is_{status} fill:{colour},color:#fff" for status, colour in COLOURS.items() if status in used]
    return "\n".join(rows) + "\n"


def _text(node: Node) -> str:
    text = node.name.replace('"', "#quot;").replace("<", "&lt;").replace(">", "&gt;")
    if node.modules > 1:
        text += f"<br>{node.modules} modules"
    return text + (f"<br>{node.error}" if node.error else "")
