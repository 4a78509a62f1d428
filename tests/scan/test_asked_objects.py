"""What objects say of themselves where a module asks them: as importing it for real shows."""

from pathlib import Path

import pytest

from tests.scan.imported import raised, told

_CACHED = """
from importlib.metadata import PackageNotFoundError, version
from packaging.requirements import Requirement
from packaging.version import Version
class Cached:
    def __init__(self, wanted):
        self.wanted = wanted
    def _ask(self):
        if hasattr(self, "found"):
            return
        try:
            wanted = Requirement(self.wanted)
            there = Version(version(wanted.name))
            self.found = wanted.specifier.contains(there, prereleases=True) and not wanted.extras
        except PackageNotFoundError:
            self.found = False
    def __bool__(self):
        self._ask()
        return self.found
"""
_SAYS = "class Says:\n    def __init__(self, n):\n        self.n = n\n"
DECIDED = {
    "asked by getattr: annotation only": (
        "class A:\n    b: int\n    def __getattr__(self, n):\n        raise AttributeError(n)\nA().b\n"
    ),
    "asked by getattr: default": (
        "class A:\n"
        "    def __getattr__(self, n):\n"
        "        if n.startswith('x'):\n"
        "            return 1\n"
        "        raise AttributeError(n)\n"
        "a=A()\n"
        "a.xy\n"
        "a.ab\n"
    ),
    "asked by getattr: del": (
        "class A:\n"
        "    def __init__(self): self.b=1\n"
        "    def __getattr__(self, n):\n"
        "        raise AttributeError(n)\n"
        "a=A()\n"
        "del a.b\n"
        "a.b\n"
    ),
    "asked by getattr: delegates": (
        "import json\n"
        "class A:\n"
        "    def __init__(self, m): self.m=m\n"
        "    def __getattr__(self, n):\n"
        "        return getattr(self.m, n)\n"
        "A(json).loads\n"
        "A(json).nope\n"
    ),
    "asked by getattr: getattr default": (
        "class A:\n"
        "    def __getattr__(self, n):\n"
        "        raise AttributeError(n)\n"
        "if getattr(A(),'b',None) is None:\n"
        "    import not_there\n"
    ),
    "asked by getattr: hasattr": (
        "class A:\n"
        "    def __getattr__(self, n):\n"
        "        raise AttributeError(n)\n"
        "if not hasattr(A(),'b'):\n"
        "    import not_there\n"
    ),
    "asked by getattr: no super: init": (
        "class B:\n"
        "    def __init__(self): self.b=1\n"
        "class A(B):\n"
        "    def __init__(self):\n"
        "        self.c=1\n"
        "    def __getattr__(self, n):\n"
        "        raise AttributeError(n)\n"
        "A().b\n"
    ),
    "asked by getattr: none": ("class A:\n    def __getattr__(self, n):\n        return None\na=A()\na.b.c\n"),
    "asked by getattr: super: two": (
        "class B:\n"
        "    def __init__(self, v): self.b=v\n"
        "class A(B):\n"
        "    def __init__(self):\n"
        "        super(A, self).__init__(None)\n"
        "    def __getattr__(self, n):\n"
        "        raise AttributeError(n)\n"
        "A().b.c\n"
    ),
    "an object as a module: nosuper": (
        "import types\n"
        "class L(types.ModuleType):\n"
        "    def __getattr__(self, n):\n"
        "        if n=='b': return 1\n"
        "        raise AttributeError(n)\n"
        "l=L('a')\n"
        "l.__name__\n"
        "l.b\n"
        "l.__spec__\n"
        "l.__path__\n"
    ),
    "super: override called": (
        "class B:\n"
        "    def __init__(self): self.setup()\n"
        "    def setup(self): self.b=1\n"
        "class A(B):\n"
        "    def setup(self):\n"
        "        super().setup()\n"
        "        self.c=None\n"
        "a=A()\n"
        "if a.c is None and a.b == 1:\n"
        "    import not_there\n"
    ),
    "super: raises": (
        "class B:\n"
        "    def __init__(self):\n"
        "        import not_there\n"
        "class A(B):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "A()\n"
    ),
    "super: three": (
        "class C:\n"
        "    def __init__(self): self.c=None\n"
        "class B(C):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.b=None\n"
        "class A(B):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.a=None\n"
        "a=A()\n"
        "if a.c is None and a.b is None and a.a is None:\n"
        "    import not_there\n"
    ),
    "a requirement that is met": f"{_CACHED}if Cached('packaging>=1.0'):\n    import not_there\n",
    "a requirement that is not met": f"{_CACHED}if not Cached('packaging<1.0'):\n    import not_there\n",
    "a requirement of what is not installed": f"{_CACHED}if not Cached('not-there'):\n    import not_there\n",
    "a set of specifiers": (
        "from packaging.specifiers import SpecifierSet\nfrom packaging.version import Version\n"
        "wanted = SpecifierSet('>=2,<3')\n"
        "if wanted and Version('2.1') in wanted and '3.1' not in wanted and len(wanted) == 2:\n    import not_there\n"
    ),
    "a requirement that cannot be read": (
        "from packaging.requirements import InvalidRequirement, Requirement\n"
        "try:\n    Requirement('???')\nexcept InvalidRequirement:\n    import not_there\n"
    ),
    "specifiers that cannot be read": (
        "from packaging.specifiers import InvalidSpecifier, SpecifierSet\n"
        "try:\n    SpecifierSet('about 3')\nexcept InvalidSpecifier:\n    import not_there\n"
    ),
    "the parts of a requirement": (
        "from packaging.requirements import Requirement\nr = Requirement('a[b]>=1')\n"
        "if r.name == 'a' and r.extras == {'b'} and r.marker is None and r.url is None:\n    import not_there\n"
    ),
    "a length": (
        f"{_SAYS}    def __len__(self):\n        return self.n\nif Says(1) and not Says(0):\n    import not_there\n"
    ),
    "an object that says nothing": f"{_SAYS}if Says(0):\n    import not_there\n",
    "what decides of two": (
        f"import time\n{_SAYS}    def __bool__(self):\n        return self.n > 1\n"
        "if Says(2) or time.time() < 0:\n    import not_there\n"
    ),
    "all of several": (
        f"{_SAYS}    def __bool__(self):\n        return True\nif all([Says(1), Says(2)]):\n    import not_there\n"
    ),
    "an attribute that nobody has set": f"{_SAYS}if getattr(Says(1), 'm', None) is None:\n    import not_there\n",
    "the package in a spec": "if __spec__.parent == '' and __spec__.name == __name__:\n    import not_there\n",
    "the place in a spec": "if __spec__.origin == __file__ and __spec__ is not None:\n    import not_there\n",
}
UNDECIDED = {
    "an attribute that a property sets": (
        f"{_SAYS}    @property\n    def p(self):\n        self.m = 1\n"
        "s = Says(1)\ns.p\nif not hasattr(s, 'm'):\n    import not_there\n"
    ),
    "an attribute that a callback sets": (
        f"{_SAYS}    def f(self, _):\n        self.m = 1\n"
        "s = Says(1)\nlist(map(s.f, [1]))\nif not hasattr(s, 'm'):\n    import not_there\n"
    ),
    "an attribute that a base sets": (
        "class Base:\n    def prepare(self):\n        self.m = 1\n"
        "class Says(Base):\n    def __init__(self):\n        super().prepare()\n"
        "if not hasattr(Says(), 'm'):\n    import not_there\n"
    ),
    "attributes that are set together": (
        "class Says:\n    def __init__(self, **given):\n        self.__dict__.update(given)\n"
        "if not hasattr(Says(m=1), 'm'):\n    import not_there\n"
    ),
    "attributes that are set through a mapping": (
        f"{_SAYS}s = Says(1)\nvars(s)['m'] = 1\nif not hasattr(s, 'm'):\n    import not_there\n"
    ),
    "an attribute of a name that is not known": (
        f"import time\n{_SAYS}s = Says(1)\nsetattr(s, 'm' if time.time() else 'n', 1)\n"
        "if not hasattr(s, 'm'):\n    import not_there\n"
    ),
    "an attribute of the class": f"{_SAYS}Says.m = 1\nif not hasattr(Says(1), 'm'):\n    import not_there\n",
    "an attribute that is made when it is asked for": (
        f"{_SAYS}    def __getattr__(self, name):\n        return 1\n"
        "if not hasattr(Says(1), 'm'):\n    import not_there\n"
    ),
    "an attribute that every object has": f"{_SAYS}if not hasattr(Says(1), '__class__'):\n    import not_there\n",
    "the truth of what a decorator makes": (
        "def one(cls):\n    return 0\n@one\nclass Says:\n    pass\nif Says:\n    import not_there\n"
    ),
}


@pytest.mark.parametrize("source", DECIDED.values(), ids=DECIDED)
def test_what_is_decided(source: str, tmp_path: Path) -> None:
    found = told(source, tmp_path)
    assert (found.error, found.is_importable) == (raised(tmp_path), False)


@pytest.mark.parametrize("source", UNDECIDED.values(), ids=UNDECIDED)
def test_what_may_be_there_is_not_missing(source: str, tmp_path: Path) -> None:
    assert told(source, tmp_path).is_importable
    assert raised(tmp_path) == ""


HOOK = (
    "_PLACES = {'First': 'first', 'Second': 'second'}\n"
    "def __getattr__(name):\n"
    "    import importlib\n"
    "    if name not in _PLACES:\n        raise AttributeError(name)\n"
    "    value = getattr(importlib.import_module(f'.{_PLACES[name]}', __spec__.parent), name)\n"
    "    globals()[name] = value\n    return value\n"
)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("from lazy_package import First\nFirst\n", ""),
        ("from lazy_package import Second\n", "ModuleNotFoundError"),
        ("import lazy_package\nlazy_package.Second\n", "ModuleNotFoundError"),
        ("import lazy_package\nlazy_package.Third\n", "AttributeError"),
        ("from lazy_package import Third\n", "ImportError"),
    ],
)
def test_a_hook_that_keeps_what_it_gives(source: str, error: str, tmp_path: Path) -> None:
    package = tmp_path / "lazy_package"
    package.mkdir()
    (package / "__init__.py").write_text(HOOK)
    (package / "first.py").write_text("class First: ...\n")
    (package / "second.py").write_text("import not_there\nclass Second: ...\n")
    found = told(source, tmp_path)
    assert (found.error or "", raised(tmp_path)) == (error, error)
