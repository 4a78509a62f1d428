"""Hovers of clients that show no Markdown."""

import re

import pytest

from tpkg_analyzer.rule.registry import all_rules
from tpkg_analyzer.rule.rule import Rule
from tpkg_server import prose
from tpkg_server.plain import without_marks
from tpkg_server.worker.questions import RuleCard


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("`a.b` in package `p`: **intern**, by `intern a.**`", "a.b in package p: intern, by intern a.**"),
        ("declared at [tpkg-lint.toml:3](file:///x/tpkg-lint.toml#L3)", "declared at tpkg-lint.toml:3"),
        ("- `a` → `b` ([a.py:1](file:///a.py#L1))", "- a → b (a.py:1)"),
        ("one\n\n---\n\ntwo", "one\n\ntwo"),
        (
            "## What it does\nAn *open* `**` and `*args`, 2 * 3 * 4, __dict__.",
            "What it does\nAn open ** and *args, 2 * 3 * 4, __dict__.",
        ),
        ('```toml\nintern = "a.**"\n\n# no heading\n```\nend', '    intern = "a.**"\n\n    # no heading\nend'),
        ("[`x`](https://x) and [0] (b)", "x and [0] (b)"),
    ],
)
def test_without_marks(markdown: str, text: str) -> None:
    """What only Markdown needs is gone, what is code stays."""
    assert without_marks(markdown) == text


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_every_document_is_readable(rule: Rule) -> None:
    """No rule's document uses a mark that is not known."""
    document = (type(rule).__doc__ or "").replace("\n    ", "\n")
    card = RuleCard(rule.code, rule.name, rule.severity.value, "", document)
    text = without_marks(prose.of_rule(card))
    assert text.startswith(f"{rule.code} {rule.name} (")
    assert not re.search(r"`|\]\(|^##", text, re.MULTILINE)
