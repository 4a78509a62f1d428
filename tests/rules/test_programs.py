"""Whole programs as people write them: all rules together say what is wrong there, each thing once, and no more."""

from pathlib import Path

import pytest

from tests.rules.scenarios import Scenario, findings_in, mismatches, scenarios_in

CASES = [
    pytest.param(scenario, id=f"{page.stem}:{scenario.title}")
    for page in sorted(Path(__file__).with_name("programs").glob("*.md"))
    for scenario in scenarios_in(page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("scenario", CASES)
def test_findings_are_those_that_the_page_expects(scenario: Scenario, tmp_path: Path) -> None:
    scenario.write(tmp_path)
    assert mismatches(scenario, findings_in(tmp_path), tmp_path) == []
