"""What may have happened keeps nothing certain: each case really works, or really fails, and is told so.

Python decides: every case is imported for real in a process of its own.
"""

from pathlib import Path

import pytest

from tests.scan.imported import raised, told

UNCLEAR = "import sys, time\nUNCLEAR = time.time() < 0\n"
"""Whether a test holds that nobody can tell from the source."""

WORKS = {
    "a package that may give what its submodule is called": "from lending import lent\n",
    "a key that is not known is set by default": (
        "KEYS = {}\nfor name, value in vars(sys).items():\n    KEYS.setdefault(getattr(value, 'nothing', None), name)\n"
        "if None not in KEYS:\n    raise RuntimeError\n"
    ),
    "a key that is not known is taken out": (
        "KEYS = {'a': 1}\nKEYS.pop(min(['a', time.time() and 'a']), None)\nif 'a' in KEYS:\n    raise RuntimeError\n"
    ),
    "a list that may have got an item": (
        "MISSING = []\nif UNCLEAR:\n    MISSING.append('x')\nif MISSING:\n    raise RuntimeError\n"
    ),
    "an item that may be in a list": (
        "SEEN = []\nif UNCLEAR:\n    SEEN += ['x']\nif 'x' in SEEN:\n    raise RuntimeError\n"
    ),
    "how many items a list may have": (
        "SEEN = []\nif UNCLEAR:\n    SEEN.insert(0, 'x')\nif len(SEEN) > 0:\n    raise RuntimeError\n"
    ),
    "a dictionary that may have been changed": (
        "FLAGS = {'x': 1}\nif not UNCLEAR:\n    FLAGS['x'] = 0\nif FLAGS['x']:\n    raise RuntimeError\n"
    ),
    "a dictionary that may have been updated": (
        "FLAGS = {}\nif UNCLEAR:\n    FLAGS.update({'x': 1})\nif 'x' in FLAGS:\n    raise RuntimeError\n"
    ),
    "a dictionary that may hold what is looked for": (
        "FOUND = {}\nif not UNCLEAR:\n    FOUND.setdefault('x', 1)\nif FOUND.get('x') is None or FOUND.pop('x') != 1:\n"
        "    raise RuntimeError\n"
    ),
    "an item that may have been taken out": (
        "LEFT = {'x': 1}\nif not UNCLEAR:\n    LEFT.pop('x')\nif 'x' in LEFT:\n    raise RuntimeError\n"
    ),
    "a name that is bound by what it begins with": (
        "import math\nfor name in dir(math):\n    if name.startswith('__'):\n        continue\n"
        "    globals()[name] = getattr(math, name)\nsqrt\n"
    ),
    "globals that are updated with what is not known": (
        "HAVE = False\nclass U(dict):\n    pass\nglobals().update(U(HAVE=True))\nif not HAVE:\n    raise ImportError\n"
    ),
    "a global that may have been set": (
        "HAVE = False\nif UNCLEAR:\n    globals()['HAVE'] = True\nif HAVE:\n    import not_there\n"
    ),
    "a module that may have been replaced": "if UNCLEAR:\n    sys.modules['json'] = None\nimport json\n",
    "a name of the function around": (
        "def outer():\n    found = False\n    def inner():\n        nonlocal found\n"
        "        found = True\n    inner()\n    return found\n"
        "if not outer():\n    raise RuntimeError\n"
    ),
    "what follows a loop that is not left": "while not True:\n    pass\nelse:\n    NAME = 1\nNAME\n",
    "a number that grows in a mapping": "D = {'n': 0}\nD['n'] += 1\nif D['n'] == 0:\n    raise RuntimeError\n",
    "a variable of the environment": (
        "import os\nos.environ['TPKG_A'] = '1'\nif os.environ['TPKG_A'] != '1':\n    raise RuntimeError\n"
    ),
    "a list of what is not known": "WORDS = [*sys.argv[5:]]\nif WORDS:\n    raise RuntimeError\n",
    "a module with a class of its own": (
        "import types\nclass M(types.ModuleType):\n    made = 1\n"
        "sys.modules[__name__].__class__ = M\nimport imported_module\nimported_module.made\n"
    ),
    "a name that no builtin has": "import builtins\nif hasattr(builtins, '__FOO'):\n    raise RuntimeError\n",
    "what the interpreter has imported": (
        "import site, os\nFOLDER = os.path.join(os.path.dirname(__file__), 'more')\n"
        "sys.path.extend((FOLDER not in sys.path) * [FOLDER])\nimport vended\n"
    ),
}
FAILS = {
    "a name that no builtin has": (
        "import builtins\nif not hasattr(builtins, '__FOO'):\n    import not_there\n",
        "ModuleNotFoundError",
    ),
    "a version that a module does not have": ("import plain\nplain.__version__\n", "AttributeError"),
    "a member that an enumeration has": (
        "import enum\nclass Key(enum.IntEnum):\n    A = 1\nif hasattr(Key, 'A'):\n    import not_there\n",
        "ModuleNotFoundError",
    ),
    "a name that was bound for certain in the end": (
        "if UNCLEAR:\n    def f(): ...\ndef f(): ...\nif 'f' in globals():\n    import not_there\n",
        "ModuleNotFoundError",
    ),
    "a block that is not there": ("def f():\npass\n", "IndentationError"),
    "a tab among blanks": ("if UNCLEAR:\n\tx = 1\n        y = 2\n", "TabError"),
    "a name that is deleted and was never bound": ("del nothing_of_this_name\n", "NameError"),
    "a name that is only listed": ("from listing import *\n", "AttributeError"),
}
LENDING = """
import sys, time, types
NAME = min(["lent", time.time() and "lent"])
setattr(sys.modules[__name__], NAME, types.ModuleType(NAME))
"""
BESIDE = {
    "more/vended.py": "",
    "plain.py": "",
    "listing.py": "__all__ = ['nope']\n",
    "lending/__init__.py": LENDING,
    "lending/lent.py": "import not_there\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in BESIDE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("source", WORKS.values(), ids=WORKS)
def test_what_works(source: str, folder: Path) -> None:
    verdict = told(UNCLEAR + source, folder)
    assert raised(folder) == ""
    assert verdict.is_importable, verdict.reason


@pytest.mark.parametrize(("source", "error"), FAILS.values(), ids=FAILS)
def test_what_fails(source: str, error: str, folder: Path) -> None:
    assert told(UNCLEAR + source, folder).error == error
    assert raised(folder) == error
