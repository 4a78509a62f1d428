"""The documents of the rules are true: the example fires, what to use instead does not."""

import inspect
from pathlib import Path

import pytest

from tests.rules.scenarios import Scenario, checks, findings_in, scenarios_in
from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.rule.registry import all_rules
from tpkg_analyzer.rule.rule import Rule

RULES = pytest.mark.parametrize("rule", [rule for rule in all_rules() if checks(rule)], ids=lambda rule: rule.name)
OWN = {rule.name: rule for rule in all_rules() if not checks(rule)}
HEADINGS = ["What it does", "Why is this bad?", "Example", "Use instead", "Fix safety", "How it is confirmed"]


def sections(rule: Rule) -> dict[str, Scenario]:
    return {item.title: item for item in scenarios_in(inspect.getdoc(type(rule)) or "")}


@RULES
def test_the_example_fires(rule: Rule, tmp_path: Path) -> None:
    sections(rule)["Example"].write(tmp_path)
    assert rule.code in {item.code for item in findings_in(tmp_path)}


@RULES
def test_what_to_use_instead_is_silent(rule: Rule, tmp_path: Path) -> None:
    sections(rule)["Use instead"].write(tmp_path)
    assert findings_in(tmp_path) == []


@RULES
def test_the_document_has_its_headings_in_order(rule: Rule) -> None:
    text = inspect.getdoc(type(rule)) or ""
    found = [line.removeprefix("## ") for line in text.split("\n") if line.startswith("## ")]
    assert found == [heading for heading in HEADINGS if heading in found]
    assert {*HEADINGS} - {*found} <= {"Fix safety"}


def test_what_the_tool_says_of_itself_is_documented_as_well(tmp_path: Path) -> None:
    assert list(OWN) == ["invalid-configuration", "rule-crashed"]
    for rule in OWN.values():
        lines = (inspect.getdoc(type(rule)) or "").split("\n")
        assert {"## What it does", "## Why is this bad?", "## How it is confirmed"} <= set(lines)
    shown = sections(OWN["invalid-configuration"])
    shown["Example"].write(tmp_path)
    with pytest.raises(ConfigError, match="unknown key `selct`"):
        findings_in(tmp_path)
    shown["Use instead"].write(tmp_path)
    assert findings_in(tmp_path) == []
