"""A closure as one HTML page that needs nothing else: search, filter by action, and follow imports both ways."""

import html
import json

from tpkg_analyzer.render.graph_nodes import COLOURS, edges_of, nodes_of
from tpkg_analyzer.scan.closure import Closure

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 14px/1.5 system-ui, sans-serif; margin: 1.5rem auto; max-width: 72rem; padding: 0 1rem; }}
#modules {{ columns: 20rem; margin-top: 1rem; }}
.module, .filter {{ border: 0; border-radius: .3rem; color: #fff; cursor: pointer; font: inherit; margin: .1rem;
  padding: .1rem .5rem; }}
.module {{ break-inside: avoid; display: block; text-align: left; }}
.is-root {{ font-weight: 700; outline: 2px solid #222; }}
.is-off {{ opacity: .3; }}
#detail {{ background: #f4f4f4; border-radius: .5rem; display: none; padding: .5rem 1rem; position: sticky; top: 0; }}
#detail ul {{ margin: .2rem 0; max-height: 12rem; overflow: auto; }}
a {{ cursor: pointer; }}
@media (prefers-color-scheme: dark) {{
  body {{ background: #1b1b1b; color: #eee; }} #detail {{ background: #2a2a2a; }} a {{ color: #8ab4f8; }}
}}
</style>
<h1>{title}</h1>
<p><input id="search" type="search" placeholder="module" aria-label="search"> <span id="filters"></span></p>
<section id="detail"></section>
<section id="modules"></section>
<script>
const graph = {data}, colours = {colours};
const byName = new Map(graph.nodes.map(([name, status, isRoot, bytes]) => [name, {{name, status, isRoot, bytes}}]));
const needs = new Map(), neededBy = new Map(), hidden = new Set();
for (const [importer, target, kind, line] of graph.edges) {{
  (needs.get(importer) ?? needs.set(importer, []).get(importer)).push([target, kind, line]);
  (neededBy.get(target) ?? neededBy.set(target, []).get(target)).push([importer, kind, line]);
}}
const make = (tag, text, set = {{}}) => Object.assign(document.createElement(tag), {{textContent: text}}, set);
const links = (title, entries) => {{
  const list = make("ul", "");
  for (const [name, kind, line] of entries ?? []) {{
    const item = make("li", "");
    item.append(make("a", name, {{onclick: () => show(name)}}), ` ${{kind}}${{line ? ", line " + line : ""}}`);
    list.append(item);
  }}
  return [make("strong", `${{title}} (${{list.childElementCount}})`), list];
}};
function show(name) {{
  const node = byName.get(name), detail = document.getElementById("detail");
  const about = make("p", `${{node.status}}${{node.isRoot ? ", saved by the package" : ""}}, ${{node.bytes}} bytes`);
  detail.replaceChildren(make("h2", name), about, ...links("needs", needs.get(name)),
    ...links("needed by", neededBy.get(name)));
  detail.style.display = "block";
}}
function list() {{
  const wanted = document.getElementById("search").value.toLowerCase();
  const shown = graph.nodes.filter(([name, status]) => !hidden.has(status) && name.toLowerCase().includes(wanted));
  document.getElementById("modules").replaceChildren(...shown.map(([name, status, isRoot]) => {{
    const button = make("button", name, {{className: isRoot ? "module is-root" : "module", onclick: () => show(name)}});
    button.style.background = colours[status] ?? colours.none;
    return button;
  }}));
}}
for (const status of new Set(graph.nodes.map((node) => node[1]))) {{
  const count = graph.nodes.filter((node) => node[1] === status).length;
  const button = make("button", `${{status}} ${{count}}`, {{className: "filter", onclick: () => {{
    hidden.has(status) ? hidden.delete(status) : hidden.add(status);
    button.classList.toggle("is-off");
    list();
  }}}});
  button.style.background = colours[status] ?? colours.none;
  document.getElementById("filters").append(button);
}}
document.getElementById("search").oninput = list;
list();
</script>
</html>
"""


def render_html(closure: Closure) -> str:
    """Return the page."""
    data = {
        "nodes": [[node.name, node.status, node.is_root, node.bytes] for node in nodes_of(closure)],
        "edges": [[edge.importer, edge.target, edge.kind, edge.line] for edge in edges_of(closure)],
    }
    return _PAGE.format(
        title=html.escape(f"package {closure.package.name}"), data=_embedded(data), colours=_embedded(COLOURS)
    )


def _embedded(value: object) -> str:
    # A script ends at the first `</`, whatever stands around it.
    return json.dumps(value).replace("</", "<\\/")
