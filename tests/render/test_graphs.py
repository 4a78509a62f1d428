"""Pictures of a closure: what they hold, and what is left when they are made smaller."""

import html.parser
import json
import re
from pathlib import Path

import pytest

from tests.scan.shop import INTERN, MAIN, TREE, all_paths, exported, predicted
from tpkg_analyzer.model.package import Package, Place
from tpkg_analyzer.render.graph_dot import render_dot
from tpkg_analyzer.render.graph_html import render_html
from tpkg_analyzer.render.graph_json import render_graph_json
from tpkg_analyzer.render.graph_mermaid import render_mermaid
from tpkg_analyzer.render.graph_nodes import (
    COLOURS,
    Picture,
    grouped,
    leading_to,
    picture_of,
    with_statuses,
    within,
)

BASE = Path("/project")


@pytest.fixture
def picture() -> Picture:
    return picture_of(predicted()[0], BASE)


def names(picture: Picture) -> set[str]:
    return {node.name for node in picture.nodes}


def test_the_picture_is_the_graph_of_the_closure(picture: Picture) -> None:
    closure, _ = predicted()
    assert [node.name for node in picture.nodes] == list(closure.modules)
    assert {(edge.importer, edge.target) for edge in picture.edges} == {
        (name, target) for name, node in closure.modules.items() for target in node.depends_on
    }
    node = next(node for node in picture.nodes if node.name == "shop.cart")
    assert (node.status, node.path, node.pattern, node.is_root) == ("intern", "shop/cart.py", '"shop.**"', False)
    assert node.bytes == len(TREE["shop/cart.py"])


@pytest.mark.torch
def test_the_edges_are_those_of_the_real_graph(picture: Picture, tmp_path: Path) -> None:
    edge = re.compile(r'"[^"]+" -> "[^"]+"')
    with exported(tmp_path) as exporter:
        real = set(edge.findall(exporter.dependency_graph_string()))
        all_ways = set(edge.findall(all_paths(exporter, "shop.main", "shop.vault")))
    assert set(edge.findall(render_dot(picture))) == real
    assert set(edge.findall(render_dot(leading_to(picture, "shop.vault")))) == all_ways


def test_smaller_pictures(picture: Picture) -> None:
    assert names(within(picture, 1)) == {"shop.main", "shop.cart", "shop.pay", "outer", "shop.rare"}
    assert names(within(picture, 0)) == {"shop.main"}
    assert names(leading_to(picture, "shop.vault")) == {"shop.main", "shop.cart", "shop.pay", "shop.bank", "shop.vault"}
    assert names(with_statuses(picture, ["extern"])) == {"outer", "outer.part", "importlib"}


def test_groups_count_what_they_stand_for(picture: Picture) -> None:
    small = grouped(picture, 1)
    assert {node.name: node.modules for node in small.nodes} == {"shop": 8, "outer": 2, "importlib": 1}
    assert {(edge.importer, edge.target, edge.imports) for edge in small.edges} == {
        ("shop", "outer", 2),
        ("shop", "importlib", 1),
    }
    shop = next(node for node in small.nodes if node.name == "shop")
    assert (shop.status, shop.is_root) == ("intern", True)
    assert shop.bytes == sum(node.bytes for node in picture.nodes if node.name.startswith("shop"))


def test_dot_marks_roots_kinds_and_errors() -> None:
    package = Package("x", Place(None), (INTERN, MAIN))
    dot = render_dot(picture_of(predicted(package=package)[0], BASE))
    assert dot.startswith('digraph "x" {\n')
    assert f'"shop.main" [label="shop.main", fillcolor="{COLOURS["intern"]}", tooltip="intern", penwidth=3' in dot
    assert f'"outer" [label="outer\\nNO_ACTION", fillcolor="{COLOURS["broken"]}"' in dot
    assert '"shop.main" -> "shop.rare" [style=dashed, label="function"];' in dot
    assert '"shop.main" -> "shop.cart";' in dot


def test_mermaid_escapes_and_classes(picture: Picture) -> None:
    mermaid = render_mermaid(picture)
    assert mermaid.startswith('flowchart LR\n  m0(["shop.main"]):::is_intern\n')
    assert re.search(r"m0 -\. function \.-> m\d+\n", mermaid)
    assert f"classDef is_extern fill:{COLOURS['extern']},color:#fff" in mermaid
    assert "is_mock" not in mermaid


def test_json_holds_all_of_it(picture: Picture) -> None:
    document = json.loads(render_graph_json(picture))
    assert document["version"] == 1
    assert {node["name"] for node in document["nodes"]} == names(picture)
    edge = next(edge for edge in document["edges"] if edge["target"] == "shop.rare")
    assert edge == {"importer": "shop.main", "target": "shop.rare", "kind": "function", "line": 5, "imports": 1}


class _Page(html.parser.HTMLParser):
    """Collects what a page loads and holds."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.texts: dict[str, str] = {}
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.addresses += [str(given[key]) for key in ("src", "href") if given.get(key)]
        self._open = given.get("id") or tag
        if given.get("http-equiv"):
            self.texts["policy"] = given.get("content") or ""

    def handle_data(self, data: str) -> None:
        self.texts[self._open] = self.texts.get(self._open, "") + data


def test_the_page_needs_nothing_else() -> None:
    hostile = {"shop/main.py": "import shop.codes\n", "shop/__init__.py": "", "shop/codes.py": ""}
    package = Package("</script><b>", Place(None), (INTERN, MAIN))
    page = _Page()
    text = render_html(predicted(hostile, package)[0], BASE)
    page.feed(text)
    assert page.addresses == []
    assert page.texts["policy"].startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    document = json.loads(page.texts["closure-data"])
    assert document["package"] == "</script><b>"
    assert document["edges"] == [["shop.main", "shop.codes", "static", 1]]
    assert {node["name"]: node["brings"] for node in document["nodes"]} == {"shop.main": 1, "shop.codes": 0}
    assert document["base"] == "/project"
