"""Shapes in which exporters are made, told and filled, each as a repository that can be run."""

from tests.scan.exports.sites import Site

_HEAD = "from torch.package import PackageExporter\nfrom net.model import Net\n\n"


def _shape(name: str, text: str, *unknown: str, **files: str) -> Site:
    others = {f"{key}.py": value for key, value in files.items()}
    return Site(name, {"export.py": _HEAD + text.lstrip("\n"), **others}, unknown=unknown)


_STACK = """
from contextlib import ExitStack, contextmanager


@contextmanager
def exporting(path):
    with PackageExporter(path) as exporter:
        exporter.extern("numpy.**")
        yield exporter
        exporter.save_text("notes", "end.txt", "done")


with ExitStack() as stack:
    first = stack.enter_context(PackageExporter("a.pt"))
    first.intern("net.**")
    first.save_module("net")
with PackageExporter("b.pt") as b, PackageExporter("c.pt") as c:
    for exporter in (b, c):
        exporter.intern("net.**")
    c.save_module("net.parts")
    b.save_module("net")
with exporting("d.pt") as d:
    d.intern("net.**")
"""
_KEPT = """
import functools


class Job:
    PATTERNS = {"intern": ["net.**"], "extern": ["numpy.**", "scipy.**"]}

    def __init__(self, path):
        self.exporter = PackageExporter(path)

    def run(self):
        for action, patterns in self.PATTERNS.items():
            getattr(self.exporter, action)(patterns)
        self.exporter.save_module("net")
        self.exporter.close()


Job("a.pt").run()
make = functools.partial(PackageExporter, debug=False)
with make("b.pt") as exporter:
    mock = functools.partial(exporter.mock, allow_empty=True)
    mock("plots.**", exclude=["plots.core"])
    exporter.save_module("net")
"""
_SUBCLASS = """
class Base(PackageExporter):
    OUTSIDE = ("numpy", "scipy")

    def __init__(self, path, *inside, **options):
        super().__init__(path, **options)
        self.declare(inside)

    def declare(self, inside):
        self.extern([f"{name}.**" for name in self.OUTSIDE])
        self.intern([*inside])

    def intern(self, include, **options):
        super().intern([item.rstrip(".") for item in include], **options)


class Small(Base):
    OUTSIDE = ("numpy",)

    def declare(self, inside):
        super().declare(inside)
        self.deny("boto3.**")


with Small("a.pt", "net.**", "plots.**.") as exporter:
    exporter.save_module("net")
"""
_FOLDED = """
from dataclasses import dataclass, field


@dataclass
class Plan:
    inside: list = field(default_factory=lambda: ["net.**"])
    outside: str = "numpy scipy"


plan = Plan(outside="numpy pandas")
WIDE = sum([["a"], ["b"]], [])
with PackageExporter("a.pt") as exporter:
    exporter.intern(plan.inside)
    exporter.extern(list(map(lambda name: name + ".**", plan.outside.split())))
    exporter.mock([name for name in filter(None, ["", "plots"])])
    for name, deep in zip(WIDE, (True, False)):
        exporter.extern(f"{name}.**" if deep else name)
    for number in range(3):
        if number == 1:
            continue
        exporter.deny("{}{}.**".format("d", number))
    while WIDE:
        exporter.mock(WIDE.pop())
    exporter.add_dependency("json")
    exporter.save_module("net")
"""
_HELPERS = """
def tell(exporter, patterns, *, action="extern"):
    def one(pattern):
        getattr(exporter, action)(pattern)

    for pattern in patterns:
        one(pattern)


def deeper(exporter):
    tell(exporter, ("net.**",), action="intern")
    tell(exporter, ["numpy.**"])


with PackageExporter("a.pt") as exporter:
    deeper(exporter)
    exporter.save_pickle("nets", "net.pkl", Net())
"""
_PICKLED = """
import enum
from dataclasses import dataclass

from torch import nn


class Mode(enum.Enum):
    FAST = "fast"


@dataclass
class Options:
    mode: Mode = Mode.FAST
    sizes: tuple = (1, 2)


class Table(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleDict({"a": nn.Linear(2, 2)})
        self.parts["b"] = nn.ReLU()
        self.options = Options()
        self.scale = 3
        self.first_hook = self.parts["b"].register_forward_hook(print)
        self.register_load_state_dict_pre_hook(print)

    @property
    def scale(self):
        return self.__dict__["_scale"]

    @scale.setter
    def scale(self, value):
        self.__dict__["_scale"] = {value}


class Quiet:
    def __init__(self):
        self.net = Net()
        self.log = open("export.py")

    def __getstate__(self):
        state = self.__dict__.copy()
        del state["log"]
        return state


class Chosen:
    def __new__(cls, kind):
        return Quiet() if kind == "quiet" else super().__new__(cls)


with PackageExporter("a.pt") as exporter:
    exporter.intern(["net.**", "__main__"])
    exporter.save_pickle("p", "table.pkl", Table())
    exporter.save_pickle("p", "quiet.pkl", Quiet())
    exporter.save_pickle("p", "chosen.pkl", [Chosen("quiet"), Chosen("other")])
    exporter.save_pickle("p", "options.pkl", {"o": Options(), "f": Quiet})
"""
_BRANCH = """
import os

with PackageExporter("a.pt") as exporter:
    exporter.intern("net.**")
    if os.environ.get("WIDE"):
        exporter.extern("**")
    exporter.save_module("net")
"""
_ARGUMENT = """
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--extern", default="numpy.**")
options = parser.parse_args([])
with PackageExporter("a.pt") as exporter:
    exporter.intern("net.**")
    exporter.extern(options.extern)
    exporter.save_module("net")
"""
_HOOKS = """
def note(exporter, module):
    print(module)


with PackageExporter("a.pt") as exporter:
    exporter.register_intern_hook(note)
    exporter.register_extern_hook(lambda exporter, module: print(module))
    handle = exporter.register_mock_hook(hook=note)
    handle.remove()
    exporter.intern("net.**")
    exporter.save_module("net")
"""
_TELLING_HOOK = """
def tell(exporter, module):
    if module != "net":
        exporter.extern(f"{module}.**")


with PackageExporter("a.pt") as exporter:
    exporter.intern("net.**")
    exporter.register_intern_hook(tell)
    exporter.save_module("net")
"""
_ITEMS = """
import contextlib
import tempfile


class Timer:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


@contextlib.contextmanager
def logged(exporter, name):
    exporter.extern(f"{name}.**")
    yield name


with PackageExporter("a.pt") as a, open("log.txt", "w") as log, contextlib.suppress(KeyError), Timer() as timer:
    a.intern("net.**")
    log.write("interned")
    a.save_module("net")
with (
    tempfile.TemporaryDirectory() as folder,
    PackageExporter("b.pt") as b,
    logged(b, "numpy") as name,
    contextlib.nullcontext(b) as same,
):
    same.intern("net.**")
    same.save_text("notes", "name.txt", name)
    b.save_module("net.parts")
"""
_PAIRS = """
import os

WORDS = ["net", "plots", os.environ.get("TPKG_NO_SUCH_WORD", "numpy")]
DEPTHS = (True, False, True)
with PackageExporter("a.pt") as exporter:
    for index, (word, deep) in enumerate(zip(WORDS, DEPTHS), 1):
        action = exporter.intern if index == 1 else exporter.extern
        action(f"{word}.**" if deep else word)
    exporter.save_module("net")
"""
_UNKNOWN_BESIDE = """
import os

SIZES = [os.getpid(), os.cpu_count(), 3]
with PackageExporter("a.pt") as exporter:
    for number, (word, size) in enumerate(zip(["net", "plots"], SIZES)):
        exporter.mock(f"{word}{number}.**")
        exporter.intern(f"{word}.**")
    for key, (word, size) in zip("ab", enumerate(SIZES)):
        exporter.deny(f"{key}{word}")
    exporter.save_module("net")
"""
_KINDS = """
import collections.abc
import functools
import types
from itertools import repeat


class Plain:
    pass


def times(count):
    def parse(value):
        if isinstance(value, collections.abc.Iterable) and not isinstance(value, str):
            return tuple(value)
        return tuple(repeat(value, count))

    return parse


def kinds(value):
    wanted = (type, str, types.FunctionType, types.ModuleType, functools.partial, collections.abc.Callable, object)
    return [str(int(isinstance(value, kind))) for kind in wanted]


with PackageExporter("a.pt") as exporter:
    for value in (Plain, times, types, functools.partial(times, 2), "text"):
        exporter.mock("kinds" + "".join(kinds(value)))
    for number, (cls, deep) in enumerate(zip(times(3)(Plain), [None, True, 1.0])):
        exporter.intern(f"{cls.__name__}{number}")
    exporter.intern([f"n{len(times(2)(text))}" for text in ("word", ("a", "b", "c"))])
    exporter.intern("net.**")
    exporter.save_module("net")
"""
_UNBOUND = """
import parts

with PackageExporter("a.pt") as exporter:
    exporter.intern("**")
    for cls in (parts.Old, parts.Older, parts.Pairs, parts.Listed):
        exporter.save_pickle("parts", f"{cls.__name__}.pkl", cls())
"""
_UNBOUND_PARTS = """
import torch
from torch import nn


class Old(torch.nn.Module):
    def __init__(self):
        torch.nn.Module.__init__(self)
        self.layer = nn.Linear(2, 2)
        nn.Module.register_buffer(self, "sizes", torch.zeros(3))
        nn.Module.add_module(self, "noise", nn.Dropout())


class Older(Old):
    def __init__(self):
        Old.__init__(self)
        nn.Module.eval(self)
        self.items = Pairs()


class Pairs(dict):
    def __init__(self):
        dict.__init__(self, first=frozenset())
        self.size = range(3)


class Listed(list):
    def __init__(self):
        list.__init__(self, [Pairs()])
"""
_DOUBTFUL = """
import doubtful

with PackageExporter("a.pt") as exporter:
    exporter.intern("**")
    exporter.save_pickle("net", "net.pkl", doubtful.Doubtful())
"""
_DOUBTFUL_PARTS = """
import os
import random

from torch import nn


class Layer:
    pass


class Other:
    pass


class Doubtful(nn.Module):
    def __init__(self):
        super().__init__()
        self.weights = random.choices([1, Other()], weights=[1, 0])
        self.layer = Layer()
        self.maybe = [frozenset()]
        if os.environ.get("TPKG_NO_SUCH_WORD"):
            self.maybe.append(Other())
"""
_SCALARS = """
import scalars

with PackageExporter("a.pt") as exporter:
    exporter.intern("**")
    exporter.save_pickle("scalars", "scalars.pkl", scalars.Scalars())
"""
_SCALARS_PARTS = """
import math
import os
import random
import time

import torch


class Scalars(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.started = time.time()
        self.host = os.environ.get("TPKG_NO_SUCH_WORD", "none")
        self.name = f"run-{os.getpid()}-{time.strftime('%Y')}".upper().replace("RUN", self.host)
        self.seed = random.randint(2, 10) + 1 - -os.getpid() % 3
        self.is_late = self.started > 3 and not os.path.exists("no such file")
        self.flags = [bool(torch.randn(1) > 0), self.name in os.environ, len(os.listdir(".")), min(self.seed, 3)]
        self.device = torch.get_default_device()
        self.type = torch.get_default_dtype()
        self.where = torch.zeros(1).device
        self.size = torch.zeros(1).ndim
        self.kind = self.where.type
        if self.where.index or self.where.type == "cuda" or torch.device("cpu").index:
            self.kind += "!"
        self.linear = torch.nn.Linear(3, 2)
        weight = self.linear.weight
        self.sizes = [weight.numel(), weight.size(0), weight.shape[1], weight.dim(), weight.sum().item()]
        self.shapes = [weight.shape, weight.size(), weight.shape[1:], weight.shape[:-1][0], len(weight.shape)]
        self.dtype = weight.dtype
        self.trained = sum(p.numel() for p in self.parameters() if p.requires_grad) / 2
        self.total = max(p.nelement() for p in self.parameters()) + math.ceil(weight.numel() / self.seed)
"""
_TYPED = """
import argparse

import typed

parser = argparse.ArgumentParser()
parser.add_argument("name")
parser.add_argument("--hidden-size", "-s", type=int, default=3)
parser.add_argument("-v", action="count", default=0)
group = parser.add_argument_group("more").add_mutually_exclusive_group()
group.add_argument("--fast", dest="is_fast", action="store_true")
group.add_argument("--config", choices=sorted(typed.CONFIGS), default="small")
parser.add_argument("--cache", action=argparse.BooleanOptionalAction)
parser.add_argument("--mode", type=typed.mode, nargs="?", const=3)
parser.set_defaults(kind="plain")
options, _ = parser.parse_known_args(["net"])
with PackageExporter("a.pt") as exporter:
    exporter.intern("**")
    exporter.save_pickle("net", "net.pkl", typed.Net(options))
    exporter.save_pickle("net", "options.pkl", [vars(options)["hidden_size"], options.v, options.mode])
    exporter.extern(options.name)
"""
_TYPED_PARTS = """
import dataclasses


@dataclasses.dataclass
class Config:
    size: int


CONFIGS = {"small": Config(1), "large": Config(2)}


def mode(text):
    return 1 if text == "one" else 2


class Net:
    def __init__(self, options):
        self.size = options.hidden_size * 2
        self.is_fast = options.is_fast and options.cache
        self.kind = options.kind
"""
_REPLACED = """
import argparse
import os
import random

TABLE = {"a": 1}
TABLE.setdefault(os.environ.get("TPKG_NO_SUCH_WORD", "b"), Net())
parser = argparse.ArgumentParser()
parser.add_argument("--size", type=int, default=1)
parser.set_defaults(net=2)
parser.add_argument("--net", type=int)
options = parser.parse_args([])
with PackageExporter("a.pt") as exporter:
    exporter.intern("net.**")
    exporter.save_pickle("p", "sizes.pkl", [options.size, options.net])
    vars(options).update({word: Net() for word in os.environ})
    exporter.save_pickle("p", "a.pkl", options.size)
    exporter.save_pickle("p", "b.pkl", TABLE[random.choice(["a"])])
    exporter.save_pickle("p", "c.pkl", max((number for number in [1] if os.getpid()), default=Net()))
"""
_HOOKED = """
import hooked

wrapped = hooked.Wrapped()
with PackageExporter("a.pt") as exporter:
    exporter.intern("**")
    exporter.save_pickle("deep", "deep.pkl", wrapped.deep)
    exporter.mock(wrapped.words)
    if hasattr(wrapped, "own") and hasattr(wrapped, "words"):
        exporter.save_pickle("own", "own.pkl", getattr(wrapped, "own"))
"""
_HOOKED_PARTS = """
class Inner:
    def __init__(self):
        self.deep = frozenset()
        self.words = ["plots", "tables"]


class Wrapped:
    def __init__(self):
        self.inner = Inner()
        self.own = range(3)

    def __getattr__(self, name):
        if name == "gone":
            raise AttributeError(name)
        return getattr(self.inner, name)
"""
_MAYBE_HOOKED = """
import hooked

with PackageExporter("a.pt") as exporter:
    exporter.intern("net.**")
    if hasattr(hooked.Wrapped(), "gone"):
        exporter.mock("plots")
    exporter.save_module("net")
"""
_LOADED = """
import saver

saver.save()
"""
_SAVER = """
import sys

from torch.package import PackageExporter

import net.parts

OWN = ["net.parts"]


def save():
    with PackageExporter("a.pt") as exporter:
        exporter.extern("**")
        for name in [__name__, *OWN, "net", "torch"]:
            if name in sys.modules:
                exporter.save_text(name, "loaded.txt", "")
            else:
                exporter.mock(name)
        exporter.save_module("net.parts")
"""

_OWN_WORK = """
class Own(PackageExporter):
    def add_dependency(self, module_name, dependencies=True):
        if module_name.startswith("net"):
            self.intern(module_name)
        super().add_dependency(module_name, dependencies)


with Own("a.pt") as exporter:
    exporter.extern("numpy")
    exporter.save_pickle("p", "a.pkl", Net())
"""
_OTHER_NAMES = """
import functools

make = functools.partial(PackageExporter, debug=False)
KINDS = {"torch": PackageExporter}
opened = lambda path: PackageExporter(path)


def by_partial(path):
    with make(path) as exporter:
        exporter.mock("partial")
        exporter.save_module("net")


def by_table(path):
    with KINDS["torch"](path) as exporter:
        exporter.mock("table")
        exporter.save_module("net")


def by_lambda(path):
    with opened(path) as exporter:
        exporter.mock("lambda")
        exporter.save_module("net")


def by_default(path, cls=PackageExporter):
    with cls(path) as exporter:
        exporter.mock("default")
        exporter.save_module("net")


class Saver:
    def __init__(self, path):
        self.path = path

    @functools.cached_property
    def exporter(self):
        return PackageExporter(self.path)

    def run(self):
        self.exporter.mock("property")
        self.exporter.save_module("net")
        self.exporter.close()


def main():
    by_partial("a.pt")
    by_table("b.pt")
    by_lambda("c.pt")
    list(map(by_default, ["d.pt"]))
    Saver("e.pt").run()


main()
"""
_OWN_MODULE = """
class Own:
    def name(self):
        return self.__module__


def told():
    pass


with PackageExporter("a.pt") as exporter:
    exporter.mock([__name__, Own.__module__, Own().__module__, Own().name(), told.__module__, type(Own()).__module__])
    exporter.mock([Net.__module__, Net().__module__, Net().__class__.__module__])
    exporter.save_module("net")
"""
_LISTED = """
from types import SimpleNamespace

EXTERN = ["numpy"]
BASE = ["a"]
ALIAS = BASE
ALIAS.append("b")
GIVEN = ["g"]
REG = {}
SETTINGS = SimpleNamespace(deny=["d"])
SETTINGS.deny += [str(len(GIVEN))]
SETTINGS.late = ["late"]
GIVEN.append("h")
GIVEN.append("i")
TABLE = {"a": {"b": ["c"]}}
TABLE["a"]["b"].append("d")
del TABLE["a"]["b"][0]


def register(name):
    def wrap(cls):
        REG[name] = cls
        return cls

    return wrap


def add(name):
    EXTERN.append(name)
"""
_PLUGIN = """
from listed import BASE, add, register

add("scipy")
BASE.append("c")


@register("small")
class Small:
    pass
"""
_OTHER = """
import listed

listed.EXTERN += ["pandas"]
listed.GIVEN = [*listed.GIVEN, "new"]
"""
_NEVER = """
import listed

listed.EXTERN.append("never")
"""
_PLUGINS = """
from typing import TYPE_CHECKING

import plugin
from listed import BASE, EXTERN, REG, SETTINGS, TABLE

if TYPE_CHECKING:
    import never


def save(path):
    import listed
    import other

    with PackageExporter(path) as exporter:
        exporter.intern(["net.**", "plugin", "listed"])
        exporter.extern(listed.EXTERN)
        exporter.mock(BASE)
        exporter.mock(listed.GIVEN)
        exporter.deny(SETTINGS.deny + SETTINGS.late)
        exporter.deny(TABLE["a"]["b"])
        for name, cls in REG.items():
            exporter.save_pickle(name, "a.pkl", cls())


save("a.pt")
"""
_DECORATED = """
import functools


def exporting(fn):
    @functools.wraps(fn)
    def wrapper(path, *args, **kwargs):
        with PackageExporter(path) as exporter:
            exporter.intern("net.**")
            fn(exporter, *args, **kwargs)

    return wrapper


class Tags:
    def __init__(self):
        self.known = []

    def tagged(self, name):
        def wrap(fn):
            self.known.append(name)

            @functools.wraps(fn)
            def inner(exporter, *args, **kwargs):
                exporter.mock(self.known)
                return fn(exporter, *args, **kwargs)

            return inner

        return wrap


TAGS = Tags()


@exporting
@TAGS.tagged("first")
@TAGS.tagged("second")
def save(exporter, model, *, resource="model.pkl"):
    exporter.save_pickle("model", resource, model)


save("a.pt", Net())
save("b.pt", Net(), resource="other.pkl")
"""
SHAPES = [
    _shape("decorators that export and register", _DECORATED),
    _shape("what imports do to lists and tables", _PLUGINS, listed=_LISTED, plugin=_PLUGIN, other=_OTHER, never=_NEVER),
    _shape("the name of the script's own module", _OWN_MODULE),
    _shape("exporters behind other names", _OTHER_NAMES),
    _shape("an exporter that asks for modules in its own way", _OWN_WORK, "Own.add_dependency"),
    _shape("stacks, several items, a factory of contexts", _STACK),
    _shape("an attribute, partial calls", _KEPT),
    _shape("a subclass with own patterns and methods", _SUBCLASS),
    _shape("folded values, loops over constants, dependencies", _FOLDED),
    _shape("helpers that take the exporter", _HELPERS),
    _shape("what is pickled", _PICKLED),
    _shape("an unknown condition", _BRANCH, "os.environ.get('WIDE')"),
    _shape("an argument with a default", _ARGUMENT, "parser.add_argument('--extern', default='numpy.**')"),
    _shape("what a class or function is an instance of", _KINDS),
    _shape("hooks that tell nothing", _HOOKS),
    _shape("a hook that tells the exporter something", _TELLING_HOOK, "exporter.register_intern_hook(tell)"),
    _shape("items before and after the exporter in one with", _ITEMS),
    _shape("pairs with an item that is not known", _PAIRS, "os.environ.get('TPKG_NO_SUCH_WORD', 'numpy')"),
    _shape("pairs with items that do not matter", _UNKNOWN_BESIDE),
    _shape("methods of bases called by their names", _UNBOUND, parts=_UNBOUND_PARTS),
    _shape("modules that are loaded", _LOADED, saver=_SAVER),
    _shape("scalars that are not known", _SCALARS, scalars=_SCALARS_PARTS),
    _shape("arguments of the command line", _TYPED, "parser.add_argument('name')", typed=_TYPED_PARTS),
    _shape(
        "what may be something else",
        _REPLACED,
        "os.environ",
        "TABLE.setdefault(os.environ.get('TPKG_NO_SUCH_WORD', 'b'), Net())",
        "max((number for number in [1] if os.getpid()), default=Net())",
    ),
    _shape("attributes that are computed", _HOOKED, hooked=_HOOKED_PARTS),
    _shape(
        "an attribute that may be computed",
        _MAYBE_HOOKED,
        "hasattr(hooked.Wrapped(), 'gone')",
        hooked=_HOOKED_PARTS,
    ),
    _shape(
        "an object of which something is not known",
        _DOUBTFUL,
        "random.choices([1, Other()], weights=[1, 0])",
        doubtful=_DOUBTFUL_PARTS,
    ),
]
