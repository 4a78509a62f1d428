"""Which rule is confirmed by which experiment, and what the experiment says of the example in the rule's document."""

import inspect
import sys
from pathlib import Path

import pytest

from tests.rules.scenarios import scenarios_in
from tpkg_analyzer.model.diagnostic import Certainty, Diagnostic
from tpkg_analyzer.rule.registry import all_rules
from tpkg_analyzer.rule.rule import Rule
from tpkg_analyzer.session.confirming import confirm
from tpkg_analyzer.session.projects import find_projects, open_project
from tpkg_runtime.wire.messages import ExperimentKind

KIND = ExperimentKind
CONFIRMED, OPEN = Certainty.CONFIRMED, Certainty.OPEN

EXPERIMENTS = {
    "TPK101": KIND.EXPORT_ERROR,
    "TPK102": KIND.EXPORT_ERROR,
    "TPK103": KIND.EXPORT_ERROR,
    "TPK104": KIND.EXPORT_ERROR,
    "TPK105": KIND.EXPORT_ERROR,
    "TPK106": KIND.DROPPED,
    "TPK107": KIND.EXPORT_ERROR,
    "TPK109": KIND.NAME_MISSING,
    "TPK111": KIND.SUBMODULE_MISSING,
    "TPK121": KIND.PATTERN_UNUSED,
    "TPK122": KIND.PATTERN_UNUSED,
    "TPK123": KIND.EXPORT_RAISES,
    "TPK124": KIND.NO_ACTION_BELOW,
    "TPK125": KIND.EXPORT_RAISES,
    "TPK126": KIND.LOAD_RAISES,
    "TPK127": KIND.EXPORT_ERROR,
    "TPK128": KIND.DROPPED,
    "TPK201": KIND.PAST_PACKAGE,
    "TPK202": KIND.HOST_IMPORT,
    "TPK203": KIND.DIFFERS_INSIDE,
    "TPK204": KIND.LAZY_NAMES,
    "TPK205": KIND.DIFFERS_INSIDE,
    "TPK206": KIND.DIFFERS_INSIDE,
    "TPK207": KIND.GIVES_LOADER,
    "TPK208": KIND.DIFFERS_INSIDE,
    "TPK210": KIND.DISTRIBUTION,
    "TPK301": KIND.OWN_STATE,
    "TPK302": KIND.OWN_BINDING,
    "TPK303": KIND.OWN_STATE,
    "TPK304": KIND.OWN_BINDING,
    "TPK305": KIND.OWN_STATE,
    "TPK306": KIND.REGISTERS,
    "TPK307": KIND.PATCHED,
    "TPK308": KIND.OWN_STATE,
    "TPK401": KIND.OWN_CLASS,
    "TPK402": KIND.OWN_CLASS,
    "TPK403": KIND.OWN_CLASS,
    "TPK404": KIND.OWN_CLASS,
    "TPK405": KIND.OWN_CLASS,
    "TPK406": KIND.MANGLED_NAME,
    "TPK501": KIND.MAIN_OBJECT,
    "TPK502": KIND.UNPICKLABLE,
    "TPK503": KIND.RESOURCE_LOST,
    "TPK504": KIND.EXPORT_RAISES,
    "TPK505": KIND.IMPORTABLE,
    "TPK506": KIND.RESOURCE_MISSING,
    "TPK507": KIND.REDUCED,
    "TPK508": KIND.TEMPORARY,
    "TPK509": KIND.REEXPORTED,
    "TPK510": KIND.ESCAPES,
    "TPK511": KIND.PROTOCOL,
    "TPK512": KIND.EXPORT_ERROR,
    "TPK601": KIND.DIFFERS_INSIDE,
    "TPK602": KIND.IMPORT_RAISES,
    "TPK603": KIND.RAISES_INSIDE,
    "TPK605": KIND.IMPORT_RAISES,
    "TPK607": KIND.GARBLED,
    "TPK610": KIND.DIFFERS_INSIDE,
}
"""The rules that the runtime can prove: what is tried for most of their findings."""

UNCONFIRMED = {
    "TPK001", "TPK002", "TPK003", "TPK004", "TPK009", "TPK108", "TPK110", "TPK112", "TPK113", "TPK114", "TPK115",
    "TPK131", "TPK132", "TPK133", "TPK209", "TPK407", "TPK604", "TPK606", "TPK608", "TPK609", "TPK701",
    "TPK702", "TPK703",
}  # fmt: skip
"""What is no claim about the runtime."""

ELSEWHERE = {
    # That the mangled form may change is true of another version.
    "TPK406": OPEN,
    # The file that the example reads is not there.
    "TPK601": OPEN,
}
"""What is said of the examples that are not confirmed."""


def test_each_rule_has_its_experiment_or_none() -> None:
    found = {rule.code: rule.confirmed_by for rule in all_rules()}
    known = {code: kind for code, kind in EXPERIMENTS.items() if code in found}
    assert found == {**dict.fromkeys(sorted(found.keys() & UNCONFIRMED)), **known}
    assert set(found) >= set(EXPERIMENTS)


def confirmed(folder: Path) -> list[Diagnostic]:
    found = []
    for files in find_projects([folder]):
        session = open_project(files, sys.executable)
        findings = session.check_packages()
        for path in files.files:
            findings += session.check(path)
        found += confirm(session, findings, use_cache=False)
    return found


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.parametrize(
    "rule", [rule for rule in all_rules() if rule.confirmed_by is not None], ids=lambda rule: rule.name
)
def test_the_example_of_the_document_is_confirmed(rule: Rule, tmp_path: Path) -> None:
    sections = {item.title: item for item in scenarios_in(inspect.getdoc(type(rule)) or "")}
    sections["Example"].write(tmp_path)
    own = [item for item in confirmed(tmp_path) if item.code == rule.code]
    assert {
        (item.certainty, item.evidence) for item in own if item.certainty is not ELSEWHERE.get(rule.code, CONFIRMED)
    } == set()
    assert own
