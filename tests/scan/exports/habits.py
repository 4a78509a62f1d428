"""Habits of people who write exports, each as a repository that can be run."""

from tests.scan.exports.sites import Site

_HEAD = "from torch.package import PackageExporter\nfrom net.model import Net\n\n"


def _habit(name: str, text: str, *unknown: str, **files: str) -> Site:
    others = {f"{key}.py": value for key, value in files.items()}
    return Site(name, {"export.py": _HEAD + text.lstrip("\n"), **others}, unknown=unknown)


_HANDLED = """
def save(path, patterns):
    try:
        with PackageExporter(path) as exporter:
            exporter.intern(patterns)
            exporter.save_module("net.model")
    except Exception as error:
        print("failed", error)
        return False
    else:
        return True


if not save("narrow.pt", ["net"]):
    save("wide.pt", ["net.**"])
"""
_TABLES = """
import enum
from collections import namedtuple
from dataclasses import asdict, dataclass, field, fields, replace
from typing import NamedTuple


class Action(str, enum.Enum):
    DENY = "deny"
    INTERN = "intern"


class Outside(enum.Enum):
    numpy = enum.auto()
    scipy = enum.auto()
    SECOND = scipy


class Rule(NamedTuple):
    action: str
    patterns: list
    exclude: tuple = ()


@dataclass
class Plan:
    mock: list = field(default_factory=lambda: ["plots.**"])
    deny: tuple = ()


Saved = namedtuple("Saved", "package resource obj")
BASE = {"intern": ["net.**"], "extern": ["numpy"]}
MERGED = {**BASE, "mock": ["m"], "extern": ["scipy"]}
BASE |= {"deny": "boto3.**"}


def tell(exporter, word):
    match word:
        case "a" | "b" if word != "b":
            exporter.mock("first")
        case str() as text if text in ("b", "c"):
            exporter.mock(f"{text}:>3".partition(":")[0] + f"{text:>3}".strip())
        case [first, "z"]:
            exporter.mock(first)
        case _:
            exporter.mock("rest")


with PackageExporter("a.pt") as exporter:
    exporter.extern([f"{item.name}.**" for item in Outside])
    exporter.mock(f"{Outside['SECOND'].name}{len(list(Outside))}{Outside(1).name}")
    for action, patterns in {Action.DENY: ["x"], Action.INTERN: ["net.y"]}.items():
        getattr(exporter, action.value)(patterns)
        getattr(exporter, action)(Action.DENY)
    for action, patterns, exclude in [Rule("mock", ["p"], ("q",)), Rule(action="extern", patterns=["r"])]:
        getattr(exporter, action)(patterns, exclude=list(exclude))
    for table in (MERGED, BASE):
        for action in sorted(table, reverse=True):
            getattr(exporter, action)(table[action])
    plan = replace(Plan(), deny=("s", "t"))
    for item in fields(plan):
        getattr(exporter, item.name)(list(getattr(plan, item.name)))
    for word in ("a", "b", ["c", "z"], 3):
        tell(exporter, word)
    saved = Saved("nets", resource="plan.pkl", obj=asdict(plan))
    exporter.save_pickle(*saved)
    words = ["b", "aa", "c"]
    words[1:] = ["ddd", "cc"]
    del words[0]
    words.sort(key=len, reverse=True)
    exporter.mock(words)
    exporter.save_module("net")
"""
_LEAVING = """
class Session:
    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.exporter = PackageExporter(self.path).__enter__()
        self.exporter.intern("net.**")
        return self

    def __exit__(self, *error):
        self.exporter.save_text("notes", "end.txt", "done")
        self.exporter.__exit__(*error)


class Noting(PackageExporter):
    def __enter__(self):
        self.mock("entered")
        return super().__enter__()

    def close(self):
        self.save_text("notes", "closed.txt", "done")
        super().close()


with Session("a.pt") as session:
    session.exporter.save_module("net")
for name in ("b", "c"):
    with Noting(f"{name}.pt") as exporter:
        PackageExporter.intern(exporter, "net.**")
        exporter.save_module("net.parts")
"""
_NATIVE = """
import argparse
import json
import operator
import types

import torch
import torch.nn.functional as F
from torch import nn

tensor = torch.zeros(3)
with PackageExporter("a.pt") as exporter:
    exporter.intern("net.**")
    exporter.save_pickle("p", "a.pkl", [torch.relu, F.gelu, F.silu, torch.optim.AdamW, torch.float16, json.dumps])
    exporter.save_pickle("p", "b.pkl", [Net().state_dict(), list(Net().parameters())])
    exporter.save_pickle("p", "c.pkl", [nn.Linear(1, 1).weight.clone().data, tensor.view(1, 3), tensor.T])
    exporter.save_pickle("p", "d.pkl", [types.SimpleNamespace(net=Net()), argparse.Namespace(a=1)])
    exporter.save_pickle("p", "e.pkl", [tensor.tolist(), tensor.topk(1), operator.add])
"""
_TEXTS = """
import itertools
import json
from pathlib import Path
from textwrap import dedent

HERE = Path(__file__).parent
RULES = json.loads('{"mock": ["plots.**"]}')
with PackageExporter("a.pt") as exporter:
    exporter.intern("net.**")
    exporter.mock(RULES["mock"] + [".".join(pair) for pair in itertools.product("ab", "cd")])
    exporter.mock(["%(name)s.**" % {"name": "e"}, "{name}.**".format_map({"name": "f"})])
    exporter.save_source_string("given", dedent('''
        import json
        import net.parts
    '''))
    exporter.save_source_file("renamed", str(HERE / "extra.py"))
    exporter.save_source_file("again", "extra.py")
"""
_MAYBE = """
import os

with PackageExporter("a.pt") as exporter:
    exporter.intern("net.**")
    for name in ("numpy", "scipy"):
        if os.environ.get("TPKG_STOP"):
            break
        exporter.extern(f"{name}.**")
    exporter.save_module("net")
"""

HABITS = [
    _habit("a failed export that is handled", _HANDLED),
    _habit("tables, records and enumerations", _TABLES),
    _habit("contexts and exporters that leave in their own way", _LEAVING),
    _habit(
        "what torch and the standard library define",
        _NATIVE,
        "tensor.tolist()",
    ),
    _habit("texts and files", _TEXTS, extra="from net import parts\n"),
    _habit("a loop that may end early", _MAYBE, "os.environ.get('TPKG_STOP')"),
]
