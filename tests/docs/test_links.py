"""Links between pages lead somewhere, and every page of the site can be reached. `make docs` says the same, later."""

import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"


def pages() -> list[Path]:
    """Return all pages that people read, on the site or in the repository."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("examples/*/README.md")])


def links_in(markdown: str) -> Iterator[str]:
    """Yield the targets of all links and images."""
    for token in tokens_of(markdown):
        for attribute in ("href", "src"):
            if attribute in token.attrs:
                yield str(token.attrs[attribute])


def anchors_in(markdown: str) -> set[str]:
    """Return what a link can point to within a page: its headings, as the site names them."""
    tokens = MarkdownIt().enable("table").parse(markdown)
    titles = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
    words = [re.sub(r"[^\w\s-]", "", title.lower()).strip() for title in titles]
    return {re.sub(r"[\s-]+", "-", title) for title in words}


def tokens_of(markdown: str) -> Iterator[Token]:
    """Yield all tokens, also those inside of lines."""
    for token in MarkdownIt().enable("table").parse(markdown):
        yield token
        yield from token.children or []


def broken_links(page: Path, markdown: str) -> Iterator[str]:
    """Yield each link of a page that leads nowhere; the world outside is not asked."""
    for link in links_in(markdown):
        name, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        target = (page.parent / name).resolve() if name else page
        is_page = target.suffix == ".md" and target.is_file()
        text = markdown if target == page else target.read_text("utf-8") if is_page else ""
        if not target.exists() or (anchor and is_page and anchor not in anchors_in(text)):
            yield link


def test_links_lead_somewhere() -> None:
    """To a file, and to a heading of it where they name one."""
    broken = {page.relative_to(ROOT).as_posix(): list(broken_links(page, page.read_text("utf-8"))) for page in pages()}
    assert {page: links for page, links in broken.items() if links} == {}


def test_broken_links_are_seen() -> None:
    """Missing files and missing headings, in text and in tables."""
    text = "# A heading, here\n\n[a](#a-heading-here) [b](#other) [c](LICENSE#x)\n\n| [d](no-such.md) |\n|---|\n"
    assert list(broken_links(ROOT / "README.md", text)) == ["#other", "no-such.md"]


def test_pages_of_the_site_can_be_reached() -> None:
    """From the navigation, or from a page that is reached."""
    config = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))
    waiting = [(DOCS / name).resolve() for name in navigated(config["project"]["nav"])]
    reached: set[Path] = set()
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            links = links_in(page.read_text("utf-8"))
            waiting += [(page.parent / link.partition("#")[0]).resolve() for link in links if "://" not in link]
    assert {page for page in DOCS.rglob("*.md") if page not in reached} == set()


def navigated(items: list[dict[str, object]]) -> Iterator[str]:
    """Yield the pages that the navigation names."""
    for item in items:
        for value in item.values():
            if isinstance(value, str):
                yield value
            elif isinstance(value, list):
                yield from navigated(value)


def test_invariants_name_tests_that_exist() -> None:
    """The table of docs/architecture.md is only worth something if its right column is there."""
    text = (DOCS / "architecture.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert named
    missing = [f"{file}::{test}" for file, test in named if f"def {test}(" not in read_if_there(ROOT / file)]
    assert missing == []


def read_if_there(path: Path) -> str:
    """Return the text of a file, nothing where there is none."""
    return path.read_text("utf-8") if path.is_file() else ""
