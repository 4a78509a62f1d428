"""Each fix by itself: what it is for is gone, and no other finding is new but those that it uncovers."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.rules.scenarios import Scenario, scenarios_in
from tpkg_analyzer.analyze.edits import apply_edits
from tpkg_analyzer.session.fixing import findings_of, with_texts
from tpkg_analyzer.session.projects import find_projects, open_session
from tpkg_analyzer.sources.files import exact_text

CASES = [
    pytest.param(scenario, id=f"{page.stem}:{scenario.line} {scenario.title}")
    for page in sorted(Path(__file__).parent.glob("*.md"))
    for scenario in scenarios_in(page.read_text(encoding="utf-8"))
]

UNCOVERED = {
    # What is in the package from now on is looked at as all that is in it.
    "TPK101": {"TPK108", "TPK110", "TPK125"},
    "TPK109": {"TPK303"},
    # An intern of nothing but the extension module has nothing to decide any more, and goes by a fix of its own.
    "TPK103": {"TPK121"},
}
"""By the rule of a fix, what can be seen only once it is made."""


@pytest.mark.parametrize("scenario", CASES)
def test_a_fix_settles_its_finding(scenario: Scenario, tmp_path: Path) -> None:
    scenario.write(tmp_path)
    for project in find_projects([tmp_path]):
        session = open_session(project.config, sys.executable)
        found = findings_of(session, project.files)
        before = Counter(item.identity for item in found)
        for finding in found:
            if finding.fix is None:
                continue
            texts = {}
            for path in {edit.path for edit in finding.fix.edits}:
                edits = [edit for edit in finding.fix.edits if edit.path == path]
                texts[path] = apply_edits(exact_text(session.files, path) or "", edits)
            left = Counter(item.identity for item in findings_of(with_texts(session, texts), project.files))
            assert left[finding.identity] < before[finding.identity], finding.fix
            new = {code for code, *_ in left - before}
            assert new <= UNCOVERED.get(finding.code, set()), (finding, left - before)
