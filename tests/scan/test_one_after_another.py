"""Exports that follow each other in one environment find it as if each were the first."""

import sys
from pathlib import Path

import pytest

from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter

# What the exporter has imported, and the next export shares, is changed in the left module. The right one fails where
# that is still there.
PAIRS = {
    "a submodule that was imported": (
        "import json.tool\n",
        "import json\nif hasattr(json, 'tool'):\n    raise RuntimeError\n",
    ),
    "an attribute that was set": (
        "import json\njson.own = 1\n",
        "import json\nif getattr(json, 'own', None):\n    raise RuntimeError\n",
    ),
    "an attribute that was deleted": ("import json\ndel json.dumps\n", "from json import dumps\n"),
    "a list that has grown": (
        "import keyword\nkeyword.kwlist.append('own')\n",
        "import keyword\nif 'own' in keyword.kwlist:\n    raise RuntimeError\n",
    ),
    "an attribute that was set on a class": (
        "import json\njson.JSONDecoder.own = 1\n",
        "import json\nif getattr(json.JSONDecoder, 'own', None):\n    raise RuntimeError\n",
    ),
    "a name that was given to a function": (
        "import json\njson.dumps.__name__ = 'own'\n",
        "import json\nif json.dumps.__name__ != 'dumps':\n    raise RuntimeError\n",
    ),
    "a function that told nothing, often": (
        "import os\nfor _ in range(200):\n    os.path.expandvars('$HOME')\n",
        "import os\nif os.path.join('a', 'b') != 'a/b':\n    raise RuntimeError\n",
    ),
}


def verdicts(root: Path, *modules: str) -> list[str | None]:
    """Return why each module cannot be imported, None where it can, each in an export of its own."""
    environment = StaticEnvironment(Disk(), ask_interpreter(sys.executable), [str(root)])
    found = []
    for module in modules:
        environment.begin()
        found.append(environment.verdict(module).reason)
    environment.end()
    return found


@pytest.mark.parametrize(("before", "after"), PAIRS.values(), ids=PAIRS)
def test_what_one_did_is_gone(before: str, after: str, tmp_path: Path) -> None:
    (tmp_path / "before.py").write_text(before)
    (tmp_path / "after.py").write_text(after)
    assert verdicts(tmp_path, *("before", "after") * 2) == [None] * 4


def test_another_project_sees_nothing_of_an_export_that_goes_on(tmp_path: Path) -> None:
    before, after = PAIRS["an attribute that was set"]
    environments = []
    for name, source in (("before", before), ("after", after)):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.py").write_text(source)
        environments.append(StaticEnvironment(Disk(), ask_interpreter(sys.executable), [str(tmp_path / name)]))
        environments[-1].begin()
        assert environments[-1].verdict(name).reason is None
    for environment in reversed(environments):
        environment.end()


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_in_one_export_it_is_there(pair: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "before.py").write_text(pair[0])
    (tmp_path / "after.py").write_text(f"import before\n{pair[1]}")
    is_harmless = "expandvars" in pair[0]
    assert (verdicts(tmp_path, "after") == [None]) is is_harmless
