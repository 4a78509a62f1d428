"""Code that is nested deeper than most: Python compiles it, so it is no error, and rules say what they can."""

import sys
from pathlib import Path

import pytest

from tpkg_analyzer.config.load import Config
from tpkg_analyzer.config.schema import Settings
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.session.session import Session
from tpkg_analyzer.sources.files import Memory
from tpkg_analyzer.sources.interpreter import ask_interpreter
from tpkg_runtime.spec.actions import Action

DEEP = {
    "branches": lambda n: (
        "def f(x):\n    if x == 0:\n        return 0\n"
        + "".join(f"    elif x == {number}:\n        return {number}\n" for number in range(1, n))
    ),
    "a sum": lambda n: "X = " + " + ".join(['"a"'] * n) + "\n",
    "a sum in a function": lambda n: "def f(y):\n    return " + " + ".join("y" * n) + "\n",
    "attributes": lambda n: "X = lambda y: y" + ".a" * n + "\n",
    "calls": lambda n: "X = lambda y: y" + ".a()" * (n // 2) + "\n",
}
AROUND = "import torch\n\n{}\n\nhere = __file__\nCACHE = {{}}\n\n\ndef put(key):\n    CACHE[key] = 1\n"


def session(source: str, *steps: ActionCall | Root) -> Session:
    packages = (Package("p", Place(None), steps),) if steps else ()
    files = Memory({"/project/m.py": source})
    return Session(Config(Path("/project"), Settings()), files, ask_interpreter(sys.executable), packages)


def found(source: str) -> list[str]:
    return [item.code for item in session(source).check(Path("/project/m.py"))]


@pytest.mark.parametrize("shape", DEEP)
def test_code_that_python_compiles_is_no_error(shape: str) -> None:
    for depth in (300, 600, 900):
        source = AROUND.format(DEEP[shape](depth))
        compile(source, "m.py", "exec")
        assert "TPK301" in found(source), depth
        assert "TPK001" not in found(source), depth


def test_rules_that_parse_closely_look_as_well() -> None:
    assert "TPK601" in found(AROUND.format(DEEP["branches"](600)))


def test_what_takes_too_long_to_be_parsed_closely_is_not() -> None:
    assert found(AROUND.format(DEEP["a sum"](1400))) == []


def test_a_rule_that_cannot_follow_is_silent_and_so_is_who_counts_its_comments() -> None:
    deep = "here = (__file__ + " + " + ".join(['"a"'] * 600) + ")  # tpkg: ignore[TPK601]\n"
    assert found("import torch\n\n" + deep) == []


def test_in_a_package_it_cannot_be_scanned() -> None:
    source = DEEP["branches"](600)
    one = session(source, ActionCall(Action.INTERN, ("m",)), Root(RootKind.MODULE, "m"))
    assert [item.code for item in one.check_packages()] == ["TPK105"]
