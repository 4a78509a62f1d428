"""A closure as a Mermaid flowchart, which many pages render as they stand."""

from tpkg_analyzer.render.graph_nodes import COLOURS, edges_of, nodes_of
from tpkg_analyzer.scan.closure import Closure


def render_mermaid(closure: Closure) -> str:
    """Return the graph: classes for actions, stadiums for roots, dotted lines for imports that need not run."""
    numbers = {name: f"m{index}" for index, name in enumerate(closure.modules)}
    rows = ["flowchart LR"]
    for node in nodes_of(closure):
        text = node.name.replace('"', "#quot;").replace("<", "&lt;").replace(">", "&gt;")
        opening, closing = ("([", "])") if node.is_root else ("[", "]")
        rows.append(f'  {numbers[node.name]}{opening}"{text}"{closing}:::{_class(node.status)}')
    for edge in edges_of(closure):
        arrow = "-->" if edge.is_certain else "-.->"
        rows.append(f"  {numbers[edge.importer]} {arrow} {numbers[edge.target]}")
    rows += [f"  classDef {_class(status)} fill:{colour},color:#fff" for status, colour in COLOURS.items()]
    return "\n".join(rows) + "\n"


def _class(status: str) -> str:
    return f"is_{status if status in COLOURS else 'none'}"
