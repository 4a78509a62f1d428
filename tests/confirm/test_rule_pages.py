"""No finding that a rule's page expects is refuted by the runtime."""

from pathlib import Path

import pytest

from tests.confirm.test_each_rule import confirmed
from tests.rules.scenarios import Scenario, scenarios_in
from tpkg_analyzer.model.diagnostic import Certainty
from tpkg_analyzer.rule.registry import all_rules

PAGES = Path(__file__).parents[1] / "rules"
AT_ONCE = {
    "lazy-module:By `__package__`, or by a full name",
    "invalid-pattern:Empty patterns and lists",
    "patched-extern:A module that the package externs",
    "pickle-protocol:A protocol that is refused, and one for a nested class",
}
"""The scenarios that are tried in seconds; the others are slow together."""

CASES = [
    pytest.param(scenario, id=name, marks=() if name in AT_ONCE else pytest.mark.slow)
    for rule in all_rules()
    if rule.confirmed_by is not None
    for scenario in scenarios_in((PAGES / f"{rule.name}.md").read_text(encoding="utf-8"))
    if any(named in (rule.code, rule.name) for _, _, _, named, _ in scenario.expected())
    for name in [f"{rule.name}:{scenario.title}"]
]


@pytest.mark.torch
@pytest.mark.parametrize("scenario", CASES)
def test_no_finding_of_a_page_is_refuted(scenario: Scenario, tmp_path: Path) -> None:
    scenario.write(tmp_path)
    found = confirmed(tmp_path)
    # A closure that was not predicted right is the tool's own fault.
    wrong = [item for item in found if item.certainty is Certainty.REFUTED or item.code == "TPK009"]
    assert [(item.code, item.message, item.evidence) for item in wrong] == []
    assert any(item.certainty is not Certainty.PREDICTED for item in found)


def test_what_is_tried_at_once_is_there() -> None:
    assert {str(case.id) for case in CASES} >= AT_ONCE
