"""What functions do where nobody follows them keeps nothing certain: each case really works.

Python decides: every case is imported for real in a process of its own.
"""

from pathlib import Path

import pytest

from tests.scan.imported import raised, told

_SWITCH = (
    "class Switch:\n    def __init__(self):\n        self.on = False\n    def __bool__(self):\n        return self.on\n"
)
WORKS = {
    "a decorator that registers": (
        "MADE = {}\ndef register(name):\n    def keep(function):\n        MADE[name] = function\n"
        "        return function\n"
        "    return keep\n@register('a')\ndef first(): ...\nMADE['a']\n"
    ),
    "a decorator of a class": (
        "MADE = {}\ndef register(made):\n    MADE[made.__name__] = made\n    return made\n"
        "@register\nclass First: ...\nMADE['First']\n"
    ),
    "a decorator of a class with arguments": (
        "MADE = []\ndef register(name):\n    def keep(made):\n        MADE.append(name)\n        return made\n"
        "    return keep\n@register('a')\nclass First: ...\nMADE[0]\n"
    ),
    "a method that decorates": (
        "class Registry:\n    def __init__(self):\n        self.made = {}\n    def register(self, function):\n"
        "        self.made[function.__name__] = function\n        return function\n"
        "registry = Registry()\n@registry.register\ndef first(): ...\n"
        "if 'first' not in registry.made:\n    raise RuntimeError\n"
    ),
    "an object that decorates": (
        "class Registry:\n    def __init__(self):\n        self.made = []\n    def __call__(self, function):\n"
        "        self.made.append(function)\n        return function\n"
        "registry = Registry()\n@registry\ndef first(): ...\nif not registry.made:\n    raise RuntimeError\n"
    ),
    "a decorator that counts": (
        "N = 0\ndef count(function):\n    global N\n    N += 1\n    return function\n"
        "@count\ndef first(): ...\nif N == 0:\n    raise RuntimeError\n"
    ),
    "a decorator that calls what registers": (
        "MADE = set()\ndef keep(name):\n    MADE.add(name)\ndef register(function):\n    keep(function.__name__)\n"
        "    return function\n@register\ndef first(): ...\nif not MADE:\n    raise RuntimeError\n"
    ),
    "the end of a block": (
        "LOG = []\nclass Logged:\n    def __enter__(self):\n        LOG.append(1)\n    def __exit__(self, *_):\n"
        "        LOG.append(2)\nwith Logged():\n    pass\nLOG[1]\n"
    ),
    "a context manager of a generator": (
        "from contextlib import contextmanager\nLOG = []\n@contextmanager\ndef logged():\n    LOG.append(1)\n"
        "    yield\n    LOG.append(2)\nwith logged():\n    pass\nif len(LOG) != 2:\n    raise RuntimeError\n"
    ),
    "a generator": ("LOG = []\ndef steps():\n    LOG.append(1)\n    yield 1\nfor _ in steps():\n    pass\nLOG[0]\n"),
    "a key for sorting": (
        "LOG = []\ndef key(value):\n    LOG.append(value)\n    return value\nsorted([2, 1], key=key)\nLOG[0]\n"
    ),
    "a lambda that is handed on": "SEEN = {}\nlist(map(lambda name: SEEN.update({name: 1}), ['a']))\nSEEN['a']\n",
    "a method of a list that is handed on": (
        "import threading\nLOG = []\nthread = threading.Thread(target=LOG.append, args=(1,))\n"
        "thread.start()\nthread.join()\nif not LOG:\n    raise RuntimeError\n"
    ),
    "a partial call": (
        "from functools import partial\nLOG = []\ndef add(a, b):\n    LOG.append(a + b)\npartial(add, 1)(2)\nLOG[0]\n"
    ),
    "a constructor of a base": (
        "LOG = []\nclass Base:\n    def __init__(self):\n        LOG.append(1)\nclass Own(Base):\n"
        "    def __init__(self):\n        super().__init__()\nOwn()\nif not LOG:\n    raise RuntimeError\n"
    ),
    "an item of an object": (
        "class Table:\n    def __init__(self):\n        self.rows = {}\n    def __setitem__(self, key, value):\n"
        "        self.rows[key] = value\ntable = Table()\ntable['a'] = 1\n"
        "if 'a' not in table.rows:\n    raise RuntimeError\n"
    ),
    "an attribute that is deleted": (
        "class Own: ...\nown = Own()\nown.name = 1\ndel own.name\nif hasattr(own, 'name'):\n    raise RuntimeError\n"
    ),
    "a list in a tuple that is handed on": (
        "LOG = []\ndef run(given):\n    exec('given[0].append(1)')\nrun((LOG,))\nif not LOG:\n    raise RuntimeError\n"
    ),
    "an item that is asked for": (
        "LOG = []\nclass Asked:\n    def __getitem__(self, key):\n        LOG.append(key)\nAsked()['a']\nLOG[0]\n"
    ),
    "an object that a loop goes over": (
        "LOG = []\nclass Asked:\n    def __iter__(self):\n        LOG.append(1)\n        return iter(())\n"
        "for _ in Asked():\n    pass\nLOG[0]\n"
    ),
    "a set of what is not known": (
        "import time\nSEEN = set()\nSEEN.add(time.time())\nif not SEEN:\n    raise RuntimeError\n"
    ),
    "a set that may have been changed": (
        "import time\nSEEN = {1}\nif time.time() < 0:\n    SEEN.add(2)\nif 2 in SEEN:\n    raise RuntimeError\n"
    ),
    "a set that is updated with what is not known": (
        "import sys\nSEEN = set()\nSEEN.update(sys.path_hooks)\nif not SEEN:\n    raise RuntimeError\n"
    ),
    "a switch that a callback turns": (
        f"{_SWITCH}switch = Switch()\ndef turn(_):\n    switch.on = True\nlist(map(turn, [1]))\n"
        "if not switch:\n    raise RuntimeError\n"
    ),
    "a switch that a decorated method turns": (
        "import functools\nclass Switch:\n    def __init__(self):\n        self.on = False\n"
        "    @functools.lru_cache(None)\n    def turn(self):\n        self.on = True\n"
        "    def __bool__(self):\n        return self.on\n"
        "switch = Switch()\nswitch.turn()\nif not switch:\n    raise RuntimeError\n"
    ),
}
FAILS = {
    "a decorator that only reads": (
        "HAVE = {'a': False}\ndef when(name):\n    def same(function):\n"
        "        return function if HAVE.get(name) else None\n    return same\n"
        "@when('a')\ndef first(): ...\nif not HAVE['a']:\n    import not_there\n"
    ),
    "a decorator that changes something else": (
        "HAVE, MADE = {'a': 1}, []\ndef register(function):\n    MADE.append(function)\n    return function\n"
        "@register\ndef first(): ...\nif 'a' in HAVE:\n    import not_there\n"
    ),
    "a decorator with a name of its own": (
        "NAMES = ['a']\ndef register(function):\n    NAMES = []\n    NAMES.append(function)\n    return function\n"
        "@register\ndef first(): ...\nif NAMES == ['a']:\n    import not_there\n"
    ),
}


def outcome(source: str, folder: Path) -> tuple[str, str]:
    """Return the class of what importing a module is told to raise, and of what it does raise; "" where it works."""
    return told(source, folder).error or "", raised(folder)


@pytest.mark.parametrize("source", WORKS.values(), ids=WORKS)
def test_what_works(source: str, tmp_path: Path) -> None:
    assert outcome(source, tmp_path) == ("", "")


@pytest.mark.parametrize("source", FAILS.values(), ids=FAILS)
def test_what_still_fails(source: str, tmp_path: Path) -> None:
    assert outcome(source, tmp_path) == ("ModuleNotFoundError", "ModuleNotFoundError")
