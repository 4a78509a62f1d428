"""The languages in which a closure can be drawn."""

from pathlib import Path

from tpkg_analyzer.render.graph_dot import render_dot
from tpkg_analyzer.render.graph_html import render_html
from tpkg_analyzer.render.graph_json import render_graph_json
from tpkg_analyzer.render.graph_mermaid import render_mermaid
from tpkg_analyzer.render.graph_nodes import Picture
from tpkg_analyzer.scan.closure import Closure

PICTURES = ("dot", "mermaid", "json", "html")


def render_picture(closure: Closure, picture: Picture, language: str, base: Path) -> str:
    """Return `picture` in one of the languages; the page in HTML shows the whole closure with places to open."""
    match language:
        case "dot":
            return render_dot(picture)
        case "mermaid":
            return render_mermaid(picture)
        case "json":
            return render_graph_json(picture)
        case _:
            return render_html(closure, base)
