"""What the real export held against what was predicted, and what was seen to leave the package."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tpkg_analyzer.confirm.compare import differences, fault
from tpkg_analyzer.confirm.seen import unpredicted
from tpkg_analyzer.model.diagnostic import Certainty, Severity
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.session.projects import find_projects, open_project
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.wire.messages import Exported, Request, SeenImport

CONFIG = """\
[[package]]
name = "net"
modules = ["net.model"]
actions = [{ intern = "net.**" }, { extern = "lib" }, { mock = "plots" }, { deny = "cloud" }]
"""
FILES = {
    "tpkg-lint.toml": CONFIG,
    "net/__init__.py": "",
    "net/model.py": "import math\nimport lib\nimport plots\nimport cloud\nimport helpers\nfrom net import layers\n",
    "net/layers.py": "",
    "lib.py": "",
    "plots.py": "",
    "cloud.py": "",
    "helpers.py": "",
}


@pytest.fixture
def closure(tmp_path: Path) -> Closure:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    [files] = find_projects([tmp_path])
    [found] = open_project(files, sys.executable).closures
    return found


def exported(closure: Closure) -> Exported:
    """Return what a real export would say that holds what was predicted."""
    actions = (Action.INTERN, Action.EXTERN, Action.MOCK, Action.DENY)
    held = [tuple(closure.with_action(action)) for action in actions]
    broken = {name: reason.name for name, reason in closure.broken.items()}
    return Exported("torch.package 2.13", *held, broken, "PackagingError", ())


def test_what_is_the_same_is_no_fault(closure: Closure, tmp_path: Path) -> None:
    assert differences(closure, exported(closure)) == {}
    assert [*fault(closure, exported(closure), REQUEST, tmp_path / "reports", frozenset())] == []
    assert not (tmp_path / "reports").exists()


REQUEST = Request("net", (), (), "torch", ())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"interned": ("net.model",)}, {"interned": (["net.layers"], [])}),
        ({"interned": ("net.layers", "net.model", "net.new")}, {"interned": ([], ["net.new"])}),
        ({"externed": ("lib", "math", "numpy")}, {"externed": ([], ["numpy"])}),
        ({"mocked": ()}, {"mocked": (["plots"], [])}),
        ({"denied": ()}, {"denied": (["cloud"], [])}),
        ({"broken": {"helpers": "DENIED", "cloud": "DENIED"}}, {"broken": (["helpers NO_ACTION"], ["helpers DENIED"])}),
    ],
    ids=lambda value: next(iter(value)),
)
def test_each_difference_is_named(
    closure: Closure, changes: dict[str, object], expected: dict[str, tuple[list[str], list[str]]]
) -> None:
    assert differences(closure, replace(exported(closure), **changes)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [{"raised": "ValueError"}, {"substituted": ("net.model:Net",)}, {"interned": ("__main__",)}],
    ids=["ended early", "another object", "the script"],
)
def test_where_nothing_can_be_claimed(closure: Closure, changes: dict[str, object]) -> None:
    assert differences(closure, replace(exported(closure), **{"mocked": (), **changes})) == {}  # type: ignore[arg-type]


def test_what_people_assume_is_their_own(closure: Closure) -> None:
    real = replace(exported(closure), mocked=(), broken={})
    assert differences(closure, real, frozenset({"plots", "helpers"})) == {"broken": (["cloud DENIED"], [])}


def test_a_difference_is_reported_with_a_reproduction(closure: Closure, tmp_path: Path) -> None:
    real = replace(exported(closure), mocked=())
    [found] = fault(closure, real, REQUEST, tmp_path / "reports", frozenset())
    assert (found.code, found.severity, found.certainty) == ("TPK009", Severity.WARNING, Certainty.CONFIRMED)
    assert found.path.name == "tpkg-lint.toml"
    assert "was not predicted right: not mocked: plots" in found.message
    report = tmp_path / "reports/closure-net.json"
    assert str(report) in (found.help or "")
    document = json.loads(report.read_text())
    assert document["differences"] == {"mocked": [["plots"], []]}
    assert document["request"]["package"] == "net"
    assert document["real"]["runtime"] == "torch.package 2.13"


def seen(module: str, target: str, *, is_in_package: bool = False) -> SeenImport:
    return SeenImport(module, 3, target, is_in_package, "running smoke:run")


def test_an_import_past_the_package_is_a_finding(closure: Closure) -> None:
    [found] = unpredicted(closure, [seen("net.model", "net.layers", is_in_package=True)], [], frozenset())
    assert (found.code, found.severity, found.certainty) == ("TPK202", Severity.ERROR, Certainty.CONFIRMED)
    assert (found.path.name, found.span.line, found.evidence) == ("model.py", 3, "seen while running smoke:run")
    assert "`net.layers` is imported past package `net` here" in found.message


def test_an_import_that_no_pattern_settles_is_a_finding_with_the_pattern(closure: Closure) -> None:
    [found] = unpredicted(closure, [seen("net.model", "pandas.io")], [], frozenset())
    assert (found.severity, found.help) == (Severity.WARNING, 'extern "pandas.**", or save the module')


def test_what_is_the_hosts_or_known_is_no_finding(closure: Closure) -> None:
    leaving = [seen("net.model", "lib"), seen("net.model", "math"), seen("elsewhere", "pandas")]
    assert [*unpredicted(closure, leaving, [], frozenset({"math"}))] == []
    [found] = unpredicted(closure, [seen("net.model", "pandas")] * 2, [], frozenset())
    assert [*unpredicted(closure, [seen("net.model", "pandas")], [found], frozenset())] == []
