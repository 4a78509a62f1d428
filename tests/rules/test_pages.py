"""Every rule has a page of scenarios; what a page does not expect must not be found."""

from pathlib import Path

import pytest

from tests.rules.scenarios import Scenario, checks, findings_in, fixed_in, mismatches, scenarios_in
from tpkg_analyzer.rule.registry import all_rules

PAGES = sorted(Path(__file__).parent.glob("*.md"))
CASES = [
    pytest.param(scenario, id=f"{page.stem}:{scenario.line} {scenario.title}")
    for page in PAGES
    for scenario in scenarios_in(page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("scenario", CASES)
def test_findings_are_those_that_the_page_expects(scenario: Scenario, tmp_path: Path) -> None:
    scenario.write(tmp_path)
    assert mismatches(scenario, findings_in(tmp_path), tmp_path) == []


@pytest.mark.parametrize("scenario", [case for case in CASES if case.values[0].fixed])
def test_files_are_fixed_as_the_page_says(scenario: Scenario, tmp_path: Path) -> None:
    scenario.write(tmp_path)
    (fixed,) = fixed_in(tmp_path)
    texts = {name: fixed.texts.get(tmp_path / name, scenario.files.get(name)) for name in scenario.fixed}
    assert texts == scenario.fixed
    assert fixed.refused == []


def test_each_rule_that_checks_has_one_page_and_each_page_one_rule() -> None:
    assert sorted(page.stem for page in PAGES) == sorted(rule.name for rule in all_rules() if checks(rule))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_what_is_found_and_what_is_not(page: Path) -> None:
    cases = list(scenarios_in(page.read_text(encoding="utf-8")))
    finding = [case for case in cases if case.expected()]
    assert finding, "no scenario expects a finding"
    assert len(finding) < len(cases), "no scenario expects silence"
