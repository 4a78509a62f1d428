"""The summary of what a module holds and changes, read without a tree."""

import pytest

from tpkg_analyzer.rule.homes import home_of
from tpkg_analyzer.rule.state import ModuleState
from tpkg_analyzer.rule.state_reader import read_state
from tpkg_runtime.spec.source import Span


def read(source: str, name: str = "model", *, is_package: bool = False) -> ModuleState:
    return read_state(source, name, is_package, "linux")


def test_columns_count_code_points() -> None:
    state = read('NAME = "ü"; TABLE = {"ß": 1}\n')
    assert [holder.span for holder in state.holders] == [Span(1, 1, 1, 5), Span(1, 13, 1, 18)]


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ("TABLE[1] = 2", "model.TABLE"),
        ("table = TABLE\n    table[1] = 2", "model.TABLE"),
        ("other.TABLE.update({})", "package.other.TABLE"),
        ("import deep.er\n    deep.er.TABLE.clear()", "deep.er.TABLE"),
        ("globals()['TABLE'] = 1", "model.TABLE"),
        ("global TABLE\n    TABLE = 1", "model.TABLE"),
        ("setattr(other, 'size', 1)", "package.other.size"),
    ],
)
def test_a_change_names_what_it_changes(body: str, target: str) -> None:
    state = read(f"from package import other\nTABLE = {{}}\ndef change():\n    {body}\n")
    assert [change.target for change in state.changes] == [target]


@pytest.mark.parametrize(
    "body",
    [
        "TABLE = {}\n    TABLE[1] = 2",
        "for TABLE in []:\n        TABLE.append(1)",
        "return [x.append(1) for x in TABLE]",
    ],
)
def test_a_name_of_the_function_is_not_that_of_the_module(body: str) -> None:
    assert read(f"TABLE = {{}}\ndef change():\n    {body}\n").changes == ()


def test_what_only_the_top_level_calls_happens_at_import() -> None:
    state = read("TABLE = {}\ndef _fill():\n    TABLE[1] = 2\ndef put():\n    TABLE[2] = 3\n_fill()\n")
    assert [(change.function, change.is_exposed) for change in state.changes] == [("_fill", False), ("put", True)]


def test_text_that_does_not_parse_holds_nothing() -> None:
    assert read("def (:\n") == ModuleState("model")


def test_a_name_is_found_through_reexports_and_stars() -> None:
    states = {
        "lib": read("from .inner import *\nfrom lib.registry import register as add\n", "lib", is_package=True),
        "lib.inner": read("from lib.registry import TABLE\n", "lib.inner"),
        "lib.registry": read("TABLE = {}\ndef register(item):\n    TABLE[item] = 1\n", "lib.registry"),
    }
    for name, expected in (("lib.TABLE", "TABLE"), ("lib.add", "register"), ("lib.inner.TABLE", "TABLE")):
        home = home_of(states.get, name)
        assert home is not None
        assert (home[0].module, home[1]) == ("lib.registry", expected)
    assert home_of(states.get, "lib.nothing") is None


def test_names_that_import_each_other_have_no_home() -> None:
    states = {"a": read("from b import x\n", "a"), "b": read("from a import x\n", "b")}
    assert home_of(states.get, "a.x") is None
