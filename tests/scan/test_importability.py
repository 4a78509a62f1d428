"""Which top levels can be imported, decided without importing them."""

import sys

import pytest

from tests.scan.trees import LIBRARY, RUNNING, environment
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.scan.closure import build_closure
from tpkg_analyzer.scan.importability import AbortedError
from tpkg_analyzer.scan.known import Known
from tpkg_runtime.spec.actions import TPKG, Action

WORKS = {
    "a guard for a missing module": "try:\n    import gone\nexcept ImportError:\n    gone = None\n",
    "a tuple of exceptions": "try:\n    import gone\nexcept (ValueError, ModuleNotFoundError):\n    pass\n",
    "suppressed": "from contextlib import suppress\nwith suppress(ImportError):\n    import gone\n",
    "only for types": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import gone\n",
    "another version": "import sys\nif sys.version_info < (3, 8):\n    import gone\n",
    "another platform": "import sys\nif sys.platform == 'win32':\n    import gone\n",
    "another system": "import platform\nif platform.system() == 'Windows':\n    import gone\n",
    "not called": "def f():\n    import gone\n",
    "find_spec": "import importlib.util\nif importlib.util.find_spec('gone') is not None:\n    import gone\n",
    "version test": (
        "from importlib.metadata import version\nfrom packaging.version import parse\n"
        "if parse(version('there')) < parse('1.9'):\n    import gone\n"
    ),
    "missing distribution": (
        "from importlib.metadata import PackageNotFoundError, version\n"
        "try:\n    v = version('gone')\nexcept PackageNotFoundError:\n    v = None\nif v:\n    import gone\n"
    ),
    "function behind the guard": (
        "import importlib.util\nfrom functools import lru_cache\n"
        "@lru_cache\ndef is_gone_available():\n    return importlib.util.find_spec('gone') is not None\n"
        "if is_gone_available():\n    import gone\n"
    ),
    "own decorator": (
        "def mark(f):\n    f.marked = True\n    return f\n@mark\ndef is_there():\n    return False\n"
        "if is_there():\n    import gone\n"
    ),
    "constant of another module": "from flags import HAS_GONE\nif HAS_GONE:\n    import gone\n",
    "unknown test": "import flags\nif flags.unknown():\n    raise ImportError('no')\n",
    "deferred annotations": "from __future__ import annotations\ndef f(x: gone.Thing): ...\n",
    "lambda": "f = lambda: gone\n",
    "alias in sys.modules": "import os.path\nfrom os.path import join\n",
    "globals": "globals()['x'] = 1\nx\n",
    "names in a loop": "for n in ('a', 'b'):\n    globals()[n] = n\na, b\n",
    "environment variable with default": "import os\nif os.environ.get('GONE', '0') == '1':\n    import gone\n",
    "module getattr": "from lazy import anything\n",
    "what a constructor found": (
        "from importlib.util import find_spec\n"
        "class Found:\n    def __init__(self, name):\n        self.has_it = find_spec(name) is not None\n"
        "if Found('gone').has_it:\n    import gone\n"
    ),
    "a method": (
        "class Answers:\n    def __init__(self):\n        self.known = {'a': True}\n"
        "    def of(self, name):\n        return name in self.known\n"
        "if Answers().of('gone'):\n    import gone\n"
    ),
    "an object that others may have changed": (
        "import flags\n"
        "class Box:\n    def __init__(self):\n        self.is_empty = True\n"
        "box = Box()\nflags.unknown(box)\nif box.is_empty:\n    raise ImportError\n"
    ),
    "a metaclass": (
        "import flags\nclass A(metaclass=flags.unknown()):\n    def __init__(self):\n        raise ImportError\nA()\n"
    ),
    "a base that is not known": (
        "import flags\nclass A(flags.unknown()):\n    def __init__(self):\n        raise ImportError\nA()\n"
    ),
    "defaults see the body of a class": (
        "class A:\n    LIMIT = 3\n    def __init__(self, limit=LIMIT):\n        self.limit = limit\nA()\n"
    ),
    "methods do not see the body of a class": (
        "def check():\n    return True\n"
        "class A:\n    def check(self):\n        return False\n"
        "    def __init__(self):\n        if not check():\n            raise ImportError\nA()\n"
    ),
    "a context manager that counts": (
        "class Once:\n    def __init__(self):\n        self.entered = False\n"
        "    def __enter__(self):\n        self.entered = True\n        return self\n"
        "    def __exit__(self, *args):\n"
        "        if not self.entered:\n            raise ValueError\n        return True\n"
        "with Once():\n    import gone\n"
    ),
    "an item that is set": (
        "names = [f'<{n}>' for n in range(3)]\ndef define(name, at):\n    names[at] = name\n"
        "define('NOP', 1)\nif names.index('NOP') != 1 or names[1] != 'NOP':\n    import gone\n"
    ),
    "an item that is perhaps set": (
        "import flags\nnames = ['a', 'b']\nif flags.unknown():\n    names[0] = 'c'\n"
        "if names[0] == 'a':\n    import gone\n"
    ),
    "items of which one is not known": (
        "import flags\nnames = ['a', 'b']\nnames[flags.unknown()] = 'c'\nnames[1] = 'd'\n"
        "if names[0] == 'a' or names[1] == 'b':\n    import gone\n"
    ),
    "an item that is deleted": "known = {'a': 1}\ndel known['a']\nif 'a' in known:\n    import gone\n",
    "an item that is taken out of what is not known": (
        "import flags\nnames = ['a', flags.unknown()]\nnames.remove('a')\nif names[0] == 'a':\n    import gone\n"
    ),
    "another one of the same name": (
        "import importlib, sys\nimport flags\nif hasattr(sys, 'LOADING'):\n    raise ImportError('again')\n"
        "sys.LOADING = True\nfor place in flags.unknown():\n    sys.path.insert(0, place)\n"
        "sys.modules.pop('m')\nimportlib.import_module('m')\n"
    ),
    "early return": "import flags\ndef f():\n    if flags.unknown():\n        return\n    raise ImportError\nf()\n",
}

FAILS = {
    "missing": ("import gone\n", "gone is not installed (imported in line 1)"),
    "after a guard": ("try:\n    import gone\nexcept ImportError:\n    raise\n", "gone is not installed"),
    "wrong exception": ("try:\n    import gone\nexcept AttributeError:\n    pass\n", "gone is not installed"),
    "no such name": ("from there import nothing\n", "there has no name nothing"),
    "no such submodule": ("import there.sub\n", "there is no module there.sub"),
    "in a class body": ("class A:\n    import gone\n", "gone is not installed"),
    "in a called function": ("def f():\n    import gone\nf()\n", "gone is not installed"),
    "in a constructor": (
        "class A:\n    def __init__(self):\n        import gone\nA()\n",
        "gone is not installed",
    ),
    "in the constructor of a base": (
        "class A(object):\n    def __init__(self, name):\n        if name:\n            raise ImportError(name)\n"
        "class B(A):\n    pass\nB('no')\n",
        "no (imported in line 7)",
    ),
    "in a method": (
        "class A:\n    def load(self):\n        import gone\na = A()\na.load()\n",
        "gone is not installed",
    ),
    "by import_module": ("import importlib\nimportlib.import_module('gone')\n", "gone is not installed"),
    "by __import__": ("__import__('gone')\n", "gone is not installed"),
    "raise": ("raise ImportError('not here')\n", "not here"),
    "assert": ("import sys\nassert sys.version_info < (3,)\n", "AssertionError"),
    "unbound by a guard": (
        "try:\n    import gone\nexcept ImportError:\n    pass\ndef f(x: gone.Thing): ...\n",
        "name 'gone' is not defined",
    ),
    "None by a guard": (
        "try:\n    import gone\nexcept ImportError:\n    gone = None\nclass A(gone.Base): ...\n",
        "has no attribute 'Base'",
    ),
    "None as a base": ("Base = None\nclass A(Base): ...\n", "NoneType takes no arguments"),
    "undefined name": ("prnt('x')\n", "name 'prnt' is not defined"),
    "division": ("1 / 0\n", "division by zero"),
    "unset variable": ("import os\nos.environ['GONE_SETTING']\n", "GONE_SETTING"),
    "syntax": ("def (\n", "invalid syntax"),
    "null byte": ("x = 1\0\n", "null"),
    "relative beyond the top": ("from .. import x\n", "relative import"),
}


_LAZY = "def __getattr__(name):\n    return name\n"


@pytest.mark.parametrize("source", WORKS.values(), ids=WORKS.keys())
def test_importable(source: str) -> None:
    tree = {
        "m.py": source,
        "flags.py": "HAS_GONE = False\nfrom made import unknown\n",
        "made.so": b"",
        "lazy.py": _LAZY,
    }
    assert environment(tree).verdict("m").reason is None


@pytest.mark.parametrize(("source", "reason"), FAILS.values(), ids=FAILS.keys())
def test_not_importable(source: str, reason: str) -> None:
    verdict = environment({"m.py": source}).verdict("m")
    assert not verdict.is_importable
    assert reason in (verdict.reason or "")


def test_parents_come_first() -> None:
    verdict = environment({"p/__init__.py": "import gone\n", "p/m.py": ""}).verdict("p.m")
    assert verdict.reason == "gone is not installed (line 1 of p)"


def test_a_cycle_works_in_one_order_only() -> None:
    tree = {"a.py": "import b\nx = 1\n", "b.py": "from a import x\n"}
    assert not environment(tree).verdict("a").is_importable
    backwards = environment(tree)
    assert backwards.verdict("b").is_importable
    assert backwards.verdict("a").is_importable


def test_a_failed_package_leaves_its_children() -> None:
    one = environment({"p/__init__.py": "import p.child\nimport gone\n", "p/child.py": ""})
    assert not one.verdict("p").is_importable
    assert one.verdict("p.child").is_importable


def test_sys_exit_ends_the_export() -> None:
    with pytest.raises(AbortedError, match="SystemExit"):
        environment({"m.py": "import sys\nsys.exit(1)\n"}).verdict("m")


HOOKS = {
    "AttributeError": ("raise AttributeError(name)", None),
    "ImportError": ("raise ImportError(name)", "ImportError"),
    "some names": ("if name == 'old':\n        raise ImportError(name)\n    raise AttributeError(name)", None),
}


@pytest.mark.parametrize(("body", "error"), HOOKS.values(), ids=HOOKS.keys())
def test_the_exporter_asks_each_module_for_its_path(body: str, error: str | None) -> None:
    one = environment({"m.py": "import n\n", "n.py": f"def __getattr__(name):\n    {body}\n"})
    steps = (ActionCall(Action.INTERN, ("**",)), Root(RootKind.MODULE, "m"))
    closure = build_closure(Package("p", Place(None), steps), one)
    assert (closure.failed.error if closure.failed else None) == error
    assert one.verdict("n").is_importable


def test_an_undecided_failure_is_assumed_not_to_happen() -> None:
    tree = {"m.py": "from made import unknown\nif unknown():\n    import gone\n", "made.so": b""}
    verdict = environment(tree).verdict("m")
    assert (verdict.is_importable, verdict.assumed) == (True, "ModuleNotFoundError: gone is not installed")


def test_finders_that_a_module_installs() -> None:
    finder = """
import sys, importlib, importlib.util
MOVED = {"p.old": "p.new"}
class Loader:
    def __init__(self, module): ...
class Finder:
    def find_spec(self, name, path=None, target=None):
        new = MOVED.get(name)
        if new is None:
            return None
        return importlib.util.spec_from_loader(name, Loader(importlib.import_module(new)))
sys.meta_path.append(Finder())
"""
    one = environment({"p/__init__.py": finder, "p/new.py": ""})
    assert one.verdict("p.old").is_importable
    assert not one.verdict("p.other").is_importable
    assert one.module("p.old").path == "/project/p/new.py"


def test_a_finder_with_a_table() -> None:
    finder = """
import sys
from importlib.util import spec_from_loader
class Finder(object):
    def __init__(self, name):
        self.name = name
        self.served = {}
    def add(self, module, *names):
        for name in names:
            self.served[self.name + "." + name] = module
    def find_spec(self, name, path, target=None):
        if name in self.served:
            return spec_from_loader(name, self)
        return None
finder = Finder(__name__)
finder.add(object(), "made", "made.parse")
sys.meta_path.append(finder)
"""
    one = environment({"p/__init__.py": finder})
    for name in ("p.gone", "p.made.gone"):
        one.importability.want(name)
    answers = {name: one.verdict(name).is_importable for name in ("p.made", "p.made.parse", "p.gone", "p.made.gone")}
    assert answers == {"p.made": True, "p.made.parse": True, "p.gone": False, "p.made.gone": False}


def test_extended_paths() -> None:
    tree = {
        "p/__init__.py": "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n",
        f"{LIBRARY}/p/__init__.py": "",
        f"{LIBRARY}/p/far.py": "",
        "q/__init__.py": "import os\n__path__.append(os.path.join(os.path.dirname(__file__), 'inner'))\n",
        "q/inner/deep.py": "",
    }
    one = environment(tree)
    assert one.verdict("p.far").is_importable
    assert one.verdict("q.deep").is_importable


def test_what_a_person_assumes() -> None:
    known = Known(importable=frozenset({"made.by.hand"}), missing=frozenset({"there"}))
    one = environment({"made/__init__.py": "", "made/by.py": ""}, known)
    assert one.verdict("made.by.hand").is_importable
    assert one.verdict("there").reason == "there is assumed to be missing"


def test_recursion_through_imports() -> None:
    chain = {f"p/m{n}.py": f"from . import m{n + 1}\n" for n in range(150)}
    verdict = environment({"p/__init__.py": "", "p/m150.py": "", **chain}).verdict("p.m0")
    assert verdict.error == "RecursionError"


@pytest.mark.parametrize(
    "start",
    [
        "for i in range(320, -1, -1):\n    __import__(f'link{i}')\nimport link0\n",
        "from importlib import import_module\n"
        "def load():\n for i in range(320, -1, -1):\n  for _ in range(9):\n   import_module(f'link{i}')\n"
        "load()\nimport link0\n",
        "import loader\nimport link0\n",
    ],
    ids=["a loop", "a function that takes too long", "another module"],
)
def test_a_long_chain_of_which_a_loop_may_have_imported_the_end(start: str) -> None:
    """Nothing is certain of the recursion any more: each import of the loop nests one level deep."""
    chain = {f"link{n}.py": f"import link{n + 1}\n" for n in range(320)}
    loader = "import importlib\nfor i in range(320, -1, -1):\n    importlib.import_module(f'link{i}')\n"
    tree = {**chain, "link320.py": "", "loader.py": loader, "start.py": start}
    assert environment(tree).verdict("link0").error == "RecursionError"
    assert environment(tree).verdict("start").is_importable


def test_a_package_that_imports_its_submodules_one_by_one() -> None:
    tree = {
        "plain/__init__.py": "import importlib, pkgutil\n"
        "for _, name, _ in pkgutil.iter_modules(__path__):\n    importlib.import_module(f'{__name__}.{name}')\n",
        "plain/fine.py": "",
        "broken/__init__.py": "from importlib import import_module\nfrom pkgutil import walk_packages\n"
        "for info in walk_packages(__path__, prefix='broken.'):\n    import_module(info.name)\n",
        "broken/inner/__init__.py": "",
        "broken/inner/deep.py": "import gone\n",
        "chosen/__init__.py": "import re, sys\nfrom pkgutil import walk_packages\n"
        "for _, name, _ in walk_packages(__path__, 'chosen.'):\n"
        "    if re.match('chosen.good', name):\n        __import__(name)\n",
        "chosen/bad.py": "import gone\n",
        "chosen/good.py": "",
        "listed/__init__.py": "import glob, os\n"
        "for path in glob.glob(os.path.join(os.path.dirname(__file__), '*.py')):\n"
        "    if not path.endswith('__init__.py'):\n"
        "        __import__('listed.' + os.path.basename(path)[:-3])\n",
        "listed/bad.py": "import gone\n",
        f"{LIBRARY}/glob.py": "",
        f"{LIBRARY}/re.py": "",
    }
    assert environment(tree).verdict("plain").is_importable
    assert environment(tree).verdict("broken").reason == "gone is not installed (line 1 of broken.inner.deep)"
    assert environment(tree).verdict("chosen").is_importable
    assert not environment(tree).verdict("listed").is_importable


def test_a_stub_alone_stands_for_a_module_of_compiled_code() -> None:
    tree = {
        "fast/__init__.py": "from .core import *\n",
        "fast/core.so": b"",
        "fast/made.pyi": "",
        "plain/__init__.py": "",
        "plain/typed.pyi": "",
        "bound/__init__.py": "from bound._core import inner\n",
        "bound/_core.so": b"",
        "bound/_core/inner.pyi": "",
        "rusty/__init__.py": "from rusty._core import *\nfrom rusty._core import inner\n",
        "rusty/_core.so": b"\x7fELF pyo3_runtime.PanicException",
        "rusty/_core/inner.pyi": "",
        "rusty/public.pyi": "",
    }
    one = environment(tree)
    assert one.verdict("fast.made").assumed == "a compiled module is believed to make it"
    assert one.verdict("bound._core.inner").assumed == "a compiled module is believed to make it"
    assert not one.verdict("plain.typed").is_importable
    assert not one.verdict("rusty._core.inner").is_importable  # nothing of PyO3's is in `sys.modules` by itself
    assert one.verdict("rusty.public").is_importable


def test_what_was_missing_is_looked_for_again_where_that_may_have_changed() -> None:
    tree = {
        "fast.so": b"",
        "plain.py": "class Thing: ...\n",
        "opens.py": "import plain\nplain.__path__ = ['/project/hidden']\n",
        "hidden/Thing.py": "",
        "other.py": "",
    }
    one = environment(tree)
    asked = ("fast.inner", "plain.Thing")
    assert [one.verdict(name).is_importable for name in asked] == [False, False]
    assert one.verdict("other").is_importable
    assert [one.verdict(name).is_importable for name in asked] == [False, False]
    one.importability.want("fast.inner")
    assert one.verdict("opens").is_importable
    assert [one.verdict(name).is_importable for name in asked] == [True, True]


def test_a_constructor_may_fail_for_what_was_imported_before() -> None:
    """A class below an abstract one of the standard library is made as any other."""
    tree = {
        f"{LIBRARY}/collections/__init__.py": "",
        f"{LIBRARY}/collections/abc.py": "from _collections_abc import *\n",
        f"{LIBRARY}/_collections_abc.py": "from abc import ABCMeta\n__all__ = ['Mapping']\n"
        "class Sized(metaclass=ABCMeta):\n    __slots__ = ()\nclass Mapping(Sized):\n    __slots__ = ()\n",
        f"{LIBRARY}/abc.py": "class ABCMeta(type):\n    pass\n",
        "docs.py": "import sys\nfrom collections.abc import Mapping\nclass Text(Mapping):\n    pass\n"
        "class Doc(Text):\n    def __init__(self, of):\n        if of is None:\n            raise ValueError('none')\n"
        "        if 'stray' in sys.modules:\n            from stray.inner import ALL\n        self.of = of\n",
        "uses.py": "from docs import Doc\nname = Doc(str).of\n",
        "stray/other.txt": "",
    }
    assert environment(tree).verdict("uses").is_importable
    later = environment(tree)
    later.verdict("stray")
    verdict = later.verdict("uses")
    assert verdict.reason == "there is no module stray.inner (imported in line 2)"
    assert verdict.unstable == "line 9 of docs asks what was imported before"


def test_a_module_that_a_failed_import_left_is_found_when_asked_again() -> None:
    """Its package is not imported for it a second time."""
    tree = {"half/__init__.py": "from half import done\nimport gone\n", "half/done.py": ""}
    one = environment(tree)
    assert not one.verdict("half.done").is_importable
    assert one.verdict("half.done").is_importable
    assert not one.verdict("half").is_importable


def test_names_that_only_compiled_code_can_bind() -> None:
    """They are in `__all__`, and nowhere else in the source; not what the source binds under a condition."""
    listing = "import sys\n__all__ = ['Tensor', \"Other\", 'wild']\nif sys.platform == 'none':\n    wild = 1\n"
    tree = {
        "fast/__init__.py": "import fast._c\n",
        "fast/_c.so": b"",
        "fast/bound.py": listing,
        "plain.py": listing,
        "one.py": "from fast.bound import Tensor, Other\n",
        "two.py": "from fast.bound import wild\n",
        "three.py": "from fast.bound import Unlisted\n",
        "four.py": "from plain import Tensor\n",
    }
    one = environment(tree)
    assert one.verdict("one").is_importable
    assert one.verdict("two").reason == "fast.bound has no name wild (imported in line 1)"
    assert one.verdict("three").reason == "fast.bound has no name Unlisted (imported in line 1)"
    assert one.verdict("four").reason == "plain has no name Tensor (imported in line 1)"


def test_what_depends_on_the_history_of_the_process_is_unstable() -> None:
    tree = {
        "round/__init__.py": "",
        "round/one.py": "from round.two import b\na = 1\n",
        "round/two.py": "from round.one import a\nb = 1\n",
        "adds.py": "import os, sys\nsys.path.append(os.path.join(os.path.dirname(__file__), 'inside'))\n",
        "inside/later.py": "",
        "flips.py": "import sys\nif 'json5' not in sys.modules:\n    raise ImportError('not yet')\n",
        "json5.py": "",
    }
    one = environment(tree)
    assert one.verdict("round.one").unstable
    assert one.verdict("later").reason == "later is not installed"
    one.verdict("adds")
    assert "sys.path" in (one.verdict("later").unstable or "")
    assert not one.verdict("flips").is_importable
    one.verdict("json5")
    assert one.verdict("flips").unstable == "failed when it was asked for first: not yet (imported in line 3)"


def test_the_exporter_recurses_along_chains_of_imports() -> None:
    chain = {f"p/m{n}.py": f"def later():\n    import p.m{n + 1}\n" for n in range(520)}
    one = environment({"p/__init__.py": "", "p/m520.py": "", **chain})
    steps = (ActionCall(Action.INTERN, ("**",)), Root(RootKind.MODULE, "p.m0"))
    assert len(build_closure(Package("long", Place(None), steps), one).with_action(Action.INTERN)) == 491
    assert len(build_closure(Package("long", Place(None), steps), one, TPKG).with_action(Action.INTERN)) == 521


def test_an_export_leaves_what_it_began_with() -> None:
    """What a module gives another name to is there for the next export, and an end may come twice."""
    project = environment({"a.py": "import os, sys\nsys.modules['vendored'] = os\n", "b.py": "from os import path\n"})
    assert project.verdict("a").is_importable
    project.begin()
    assert project.verdict("b").is_importable
    project.end()
    project.end()
    assert project.verdict("b").is_importable


@pytest.mark.skipif(sys.version_info < (3, 12), reason="that is no Python before 3.12")
def test_type_parameters_are_there() -> None:
    """A definition may look its own type parameters up (PEP 695), also in methods and in what is asked later."""
    text = "def f[T](x: T) -> T: ...\nclass A[U, *V](list[U]):\n    def g(self, y: U): ...\n    z: tuple[*V]\n"
    assert environment({"a.py": text}, interpreter=RUNNING).verdict("a").is_importable
    assert not environment({"a.py": f"{text}T"}, interpreter=RUNNING).verdict("a").is_importable
    for outside in ("def f[T](x=T): ...\n", "@T\ndef f[T](): ...\n", "@T\nclass A[T]: ...\n"):
        assert environment({"a.py": outside}, interpreter=RUNNING).verdict("a").error == "NameError"


@pytest.mark.parametrize("source", ["return 1\n", "def f():\n    from os import *\n", "x = 1\nbreak\n"])
def test_what_is_interned_has_to_compile(source: str) -> None:
    with pytest.raises(SyntaxError):
        compile(source, "own.py", "exec")
    assert _error_of_root("own", {"own.py": source}) == "SyntaxError"


def test_a_root_fails_with_what_its_package_raises() -> None:
    files = {"own/__init__.py": "from .inner import missing\n", "own/inner.py": ""}
    assert _error_of_root("own.inner", files) == "ImportError"


def _error_of_root(module: str, files: dict[str, str]) -> str | None:
    top = module.partition(".")[0]
    package = Package(top, Place(None), (ActionCall(Action.INTERN, (f"{top}.**",)), Root(RootKind.MODULE, module)))
    failed = build_closure(package, environment(files)).failed
    return failed.error if failed is not None else None


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import p.tool as t\nt.of_class\n", None),
        ("import p.other as t\nt.of_module\n", None),
        ("import p.other as t\nt.of_class\n", "AttributeError: module p.other has no attribute of_class"),
    ],
)
def test_an_import_under_another_name_binds_an_attribute(source: str, reason: str | None) -> None:
    """`import a.b as c` binds what `a` has as `b`, which its package may have bound to something else."""
    tree = {
        "p/__init__.py": "import p.tool, p.other\nfrom p.tool import Tool as tool\n",
        "p/tool.py": "class Tool:\n    of_class = 1\n",
        "p/other.py": "of_module = 1\n",
        "m.py": source,
    }
    found = environment(tree).verdict("m").reason
    assert (found or "").partition(" (")[0] == (reason or "")
