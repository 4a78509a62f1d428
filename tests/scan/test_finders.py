"""Modules are where the finders of the running Python find them."""

import json
import py_compile
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from importlib.machinery import EXTENSION_SUFFIXES

import msgspec
import pytest

from tests.scan.trees import INTERPRETER
from tpkg_analyzer.scan.resolver import Resolver
from tpkg_analyzer.sources.files import Disk

Place = tuple[str | None, list[str]] | None
"""The file of a module and the folders in which its submodules are looked for; None where there is no such module."""
_QUESTION = """
import importlib.util, json, sys
path, names = json.load(sys.stdin)
sys.path[:0] = path
answers = {}
for name in names:
    try:
        spec = importlib.util.find_spec(name)
    except ImportError:
        spec = None
    answers[name] = spec and [spec.origin, list(spec.submodule_search_locations or ())]
print(json.dumps(answers))
"""
EXTENSION = EXTENSION_SUFFIXES[0]
TREE = (
    "one/regular/__init__.py",
    "one/regular/inner.py",
    "one/regular/deeper/__init__.py",
    "one/regular/deeper/leaf.py",
    "one/regular/data/table.csv",
    "one/spread/left.py",
    "two/spread/right.py",
    "two/spread/both/__init__.py",
    "one/beaten/portion.py",
    "two/beaten/__init__.py",
    "two/beaten/inside.py",
    "one/outranked/portion.py",
    "two/outranked.py",
    "one/twice.py",
    "one/twice/__init__.py",
    "one/beside.py",
    "one/beside/file.txt",
    f"one/fast{EXTENSION}",
    "one/fast.py",
    f"one/compiled/__init__{EXTENSION}",
    "one/first.py",
    "two/first.py",
    "one/Cased.py",
    "one/Upper/__init__.py",
    "one/wrong.PY",
    "one/folder.py/file.txt",
    "one/hollow/__init__.py/file.txt",
    "one/with-dash.py",
    "one/plain.txt",
)
NAMES = (
    *("regular", "regular.inner", "regular.deeper", "regular.deeper.leaf", "regular.data", "regular.missing"),
    *("spread", "spread.left", "spread.right", "spread.both", "beaten", "beaten.inside", "beaten.portion"),
    *("outranked", "outranked.portion", "twice", "beside", "fast", "compiled", "first"),
    *("cased", "Cased", "upper", "Upper", "wrong", "folder", "hollow", "with-dash", "plain", "missing"),
    *("bare", "kept", "kept.part", "stale", "zipped", "zipped.inside", "zipped.lower", "zipped.lower.leaf", "zippedns"),
    *("zippedns.leaf", "zipmodule", "ziponlycode", "nothing.below"),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Make two folders and an archive of modules of all sorts."""
    root = tmp_path_factory.mktemp("finders")
    for name in TREE:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    for name in ("one/bare.pyc", "one/kept/__init__.pyc", "one/kept/part.pyc", "one/__pycache__/stale.cpython-311.pyc"):
        (root / name).parent.mkdir(exist_ok=True)
        py_compile.compile(str(root / "one/first.py"), cfile=str(root / name), doraise=True)
    with zipfile.ZipFile(root / "lib.zip", "w") as archive:
        for name in ("zipped/__init__.py", "zipped/inside.py", "zipped/lower/__init__.py", "zipped/lower/leaf.py"):
            archive.writestr(name, "")
        archive.writestr("zippedns/", "")
        archive.writestr("zippedns/leaf.py", "")
        archive.writestr("zipmodule.py", "")
        archive.write(root / "one/bare.pyc", "ziponlycode.pyc")
    return str(root / "one"), str(root / "two"), str(root / "lib.zip"), str(root / "is-not-there")


def really(names: Sequence[str], path: Sequence[str]) -> dict[str, Place]:
    """Ask a Python of its own with this path; it imports the parents, which are empty."""
    given = json.dumps([list(path), list(names)])
    answer = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _QUESTION], input=given, capture_output=True, text=True, check=True
    )
    return {name: tuple(found) if found else None for name, found in json.loads(answer.stdout).items()}


def predicted(names: Sequence[str], path: Sequence[str]) -> dict[str, Place]:
    """Say the same from the files."""
    interpreter = msgspec.structs.replace(INTERPRETER, search_path=(), extension_suffixes=tuple(EXTENSION_SUFFIXES))
    resolver = Resolver(Disk(), interpreter, path)
    found = {name: resolver.find(name) for name in names}
    return {name: (item.path, list(item.search)) if item is not None else None for name, item in found.items()}


def test_each_module_is_where_python_finds_it(path: tuple[str, ...]) -> None:
    assert predicted(NAMES, path) == really(NAMES, path)


def test_the_order_of_the_path_decides(path: tuple[str, ...]) -> None:
    assert predicted(NAMES, path[::-1]) == really(NAMES, path[::-1]) != really(NAMES, path)


def test_standard_library() -> None:
    names = ("json", "json.decoder", "xml.etree.ElementTree", "asyncio", "email.mime.text", "unittest.mock")
    path = [entry for entry in sys.path if entry and "site-packages" not in entry]
    assert predicted(names, path) == really(names, path)
