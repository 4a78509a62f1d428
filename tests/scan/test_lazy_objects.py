"""A package that has put an object of a module's class in its place gives names as the `__getattr__` of that does."""

from collections.abc import Mapping

import pytest

from tests.scan.trees import LIBRARY, environment

_LAZY = """
import importlib, os
from types import ModuleType

class Lazy(ModuleType):
    def __init__(self, name, file, structure, extra=None):
        super().__init__(name)
        self._modules = set(structure.keys())
        self._home = {}
        for key, values in structure.items():
            for value in values:
                self._home[value] = key
        self.__path__ = [os.path.dirname(file)]
        self._objects = {} if extra is None else extra

    def __getattr__(self, name):
        if name in self._objects:
            return self._objects[name]
        if name in self._modules:
            value = self._load(name)
        elif name in self._home.keys():
            value = getattr(self._load(self._home[name]), name)
        else:
            raise AttributeError(f"module {self.__name__} has no attribute {name}")
        setattr(self, name, value)
        return value

    def _load(self, name):
        try:
            return importlib.import_module("." + name, self.__name__)
        except Exception as error:
            raise RuntimeError(f"Failed to import {self.__name__}.{name}") from error
"""
_INIT = """
import sys
from support import Lazy
structure = {"good": ["Good"], "bad": ["Bad"]}
structure["good"].extend(["Better"])
sys.modules[__name__] = Lazy(__name__, globals()["__file__"], structure, {"version": "1.0"})
"""
_TREE = {
    f"{LIBRARY}/types.py": "import sys\nModuleType = type(sys)\n",
    "support.py": _LAZY,
    "p/__init__.py": _INIT,
    "p/good.py": "class Good: ...\nclass Better: ...\n",
    "p/bad.py": "import gone\nclass Bad: ...\n",
    "p/unlisted.py": "",
}


def _error(source: str, tree: Mapping[str, str] = _TREE) -> str | None:
    return environment({**tree, "m.py": source}).verdict("m").error


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("from p import Good, Better, version, good, unlisted\n", None),
        ("from p import Bad\n", "RuntimeError"),
        ("from p import bad\n", "RuntimeError"),
        ("from p import Nothing\n", "ImportError"),
        ("try:\n    from p import Nothing\nexcept ImportError:\n    pass\n", None),
        ("from p import _load, __doc__\n", None),
        ("import p\np.extra = 1\nfrom p import extra\n", None),
        ("import p.bad\n", "ModuleNotFoundError"),
        ("import p.unlisted\np.unlisted\n", None),
        ("import p\np.unlisted\n", "AttributeError"),
        ("import p\nclass A(p.Bad): ...\n", "RuntimeError"),
        ("try:\n    from p import Bad\nexcept ImportError:\n    pass\n", "RuntimeError"),
        ("try:\n    from p import Bad\nexcept RuntimeError:\n    pass\n", None),
        ("from p import Good\nimport sys\nif 'p.good' not in sys.modules:\n    import gone\n", None),
        ("import p, importlib.util\np.__spec__ = None\nimportlib.util.find_spec('p')\n", "ValueError"),
        (
            "import p, importlib.util\np.__spec__ = 1\nif importlib.util.find_spec('p'):\n    import gone\n",
            "ModuleNotFoundError",
        ),
    ],
)
def test_what_it_gives(source: str, error: str | None) -> None:
    """It imports the module of a name, and fails with what it makes of that module's failure."""
    assert _error(source) == error


def test_what_cannot_be_seen_is_there() -> None:
    """Where what it was made with is not known, neither is what it gives."""
    unknown = _INIT.replace("{", "__import__('flags').unknown() or {", 1)
    tree = {**_TREE, "p/__init__.py": unknown, f"{LIBRARY}/flags.so": ""}
    assert _error("from p import Bad\n", tree) is None


_DEFERRED = """
import importlib, types

class Deferred(types.ModuleType):
    def __init__(self, name):
        super().__init__(name)
        self._name = name

    def _load(self):
        module = importlib.import_module(self._name)
        self.__dict__.update(module.__dict__)
        return module

    def __getattr__(self, item):
        return getattr(self._load(), item)

class Replacing(types.ModuleType):
    def __init__(self, local, globals_, name):
        self._local, self._globals = local, globals_
        super().__init__(name)

    def __getattr__(self, item):
        module = importlib.import_module(self.__name__)
        self._globals[self._local] = module
        return getattr(module, item)

class Plain:
    def __init__(self, name):
        self._name, self._module = name, None

    def __getattr__(self, item):
        if self._module is None:
            self._module = importlib.import_module(self._name)
        return getattr(self._module, item)
"""


@pytest.mark.parametrize("made", ["Deferred({})", "Replacing('lazy', globals(), {})", "Plain({})"])
@pytest.mark.parametrize(
    ("name", "error"), [("there", None), ("gone", "ModuleNotFoundError"), ("bad", "ModuleNotFoundError")]
)
def test_a_module_that_is_imported_when_it_is_asked(made: str, name: str, error: str | None) -> None:
    """An import that an object puts off until somebody asks it for a name is made where a class needs one."""
    tree = {
        f"{LIBRARY}/types.py": _TREE[f"{LIBRARY}/types.py"],
        "deferred.py": _DEFERRED,
        "there.py": "class Base: ...\n",
        "bad.py": "import gone\n",
    }
    source = f"import deferred\nlazy = deferred.{made.format(repr(name))}\n"
    assert _error(source, tree) is None
    assert _error(f"{source}def f():\n    return lazy.Base\n", tree) is None
    assert _error(f"{source}class A(lazy.Base): ...\n", tree) == error
