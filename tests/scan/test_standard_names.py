"""No name that a module of the standard library has is told to be missing there, and most of what is not there is."""

import json
import subprocess
import sys
from collections.abc import Sequence

import pytest

from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter

_NAMES_OF = """
import importlib, json, sys
names = dir(importlib.import_module(sys.argv[1]))
print()
print(json.dumps(names))
"""
_WITH_EFFECTS = frozenset({"this", "antigravity", "idlelib", "turtledemo", "test", "__main__"})
MODULES = tuple(sorted(name for name in sys.stdlib_module_names if name not in _WITH_EFFECTS))


def _names_of(module: str) -> list[str] | None:
    """Return what a module really has in a process of its own, None where it cannot be imported here."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _NAMES_OF, module],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return json.loads(done.stdout.splitlines()[-1]) if not done.returncode else None


def _compare(modules: Sequence[str]) -> None:
    wrong: list[str] = []
    n_told = n_read = 0
    for module in modules:
        names = _names_of(module)
        if names is not None:
            environment = StaticEnvironment(Disk(), ask_interpreter(sys.executable), [])
            assert environment.verdict(module).reason is None, module
            wrong += [f"{module}.{name}" for name in names if environment.lacks(module, name)]
            n_told += environment.lacks(module, "not_there")
            n_read += 1
    assert wrong == []
    assert n_told > 0.6 * n_read > 0


def test_the_modules_that_convert_constants() -> None:
    _compare(("signal", "socket", "ssl"))


def test_some_modules() -> None:
    _compare(MODULES[3::9])


@pytest.mark.slow
def test_all_modules() -> None:
    _compare(MODULES)
