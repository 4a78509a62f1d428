"""The shapes of call sites, C1 to C17 of the survey of users, each as a repository that can be run."""

from dataclasses import dataclass
from pathlib import Path

_NET = """
from torch import nn

from net.parts import Head


class Net(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(width, width), nn.ReLU())
        self.head = Head(width)
"""
_PARTS = """
from torch import nn


class Head(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.out = nn.Linear(width, 2)
"""
PACKAGE = {"net/__init__.py": "", "net/model.py": _NET, "net/parts.py": _PARTS}
_IMPORTS = "from torch.package import PackageExporter\nfrom net.model import Net\n\n"


@dataclass(frozen=True)
class Site:
    """One shape. `unknown` are the expressions that make it open."""

    name: str
    files: dict[str, str]
    script: str = "export.py"
    unknown: tuple[str, ...] = ()

    def write(self, folder: Path) -> None:
        """Put the repository into a folder."""
        for name, text in {**PACKAGE, **self.files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.lstrip("\n"), encoding="utf-8")


C1 = {
    "tool/__init__.py": "",
    "tool/lists.py": """
_INTERNAL = {"net"}
_EXTERNAL = {"numpy"}
_MOCKED = ["plots"]


def register_external(names):
    _EXTERNAL.update(names)


register_external(["scipy"])
""",
    "export.py": """
import torch
from torch.package import PackageExporter, sys_importer

from net.model import Net
from tool import lists
from tool.lists import _EXTERNAL, _INTERNAL

importers = (sys_importer,)
models = {"eager": Net(), "small": Net(width=2)}
with torch.package.PackageExporter("net.pt", importer=importers, debug=True) as exp:
    exp.mock([f"{name}.**" for name in lists._MOCKED])
    exp.extern(sorted(f"{name}.**" for name in _EXTERNAL))
    exp.intern([f"{name}.**" for name in _INTERNAL])
    for mode, model in models.items():
        exp.save_pickle(package="nets", resource=f"{mode}_model.pkl", obj=model)
    exp.save_text("nets", "config.yaml", "width: 4")
""",
}
C2 = {
    "packager.py": """
from torch.package import PackageExporter, sys_importer

_TEMPLATE = "import %PACKAGE%.model\\n\\nNAME = '%PACKAGE%'\\n"


class Packager:
    @classmethod
    def set_extern_modules(cls, pe):
        raise NotImplementedError

    @classmethod
    def set_mocked_modules(cls, pe):
        pass

    @classmethod
    def save(cls, output, configs, package_importer=sys_importer):
        with PackageExporter(output, importer=package_importer) as pe:
            cls.set_extern_modules(pe)
            cls.set_mocked_modules(pe)
            pe.extern(["sys"])
            pe.intern("**")
            for name, config in configs.items():
                if isinstance(config, str):
                    pe.save_text("configs", name, config)
                elif isinstance(config, bytes):
                    pe.save_binary("configs", name, config)
                else:
                    raise ValueError(name)
            pe.save_source_string("loader", _TEMPLATE.replace("%PACKAGE%", "net"))
            pe.save_module(cls.__module__)
""",
    "concrete.py": """
from packager import Packager


class NetPackager(Packager):
    @classmethod
    def set_extern_modules(cls, pe):
        pe.extern(["io", "numpy.**"])

    @classmethod
    def set_mocked_modules(cls, pe):
        pe.mock(["plots._speedups"])
""",
    "export.py": """
from concrete import NetPackager

NetPackager.save("net.pt", {"a.json": "{}", "b.bin": b"x"})
""",
}
C4 = {
    "base.py": """
import shutil
import tempfile
from pathlib import Path

import torch
from torch import nn
from torch.package import PackageExporter


class BaseModel(nn.Module):
    EXTERN = ["numpy.**", "einops"]
    INTERN = []

    def save_to_package(self, path, intern=[], extern=[], mock=[], **kwargs):
        kwargs["importer"] = (torch.package.sys_importer,)
        with tempfile.NamedTemporaryFile(suffix=".pth") as file:
            with PackageExporter(file.name, **kwargs) as exp:
                exp.intern(self.INTERN + intern)
                exp.mock(mock)
                exp.extern(self.EXTERN + extern)
                exp.save_pickle(type(self).__name__, f"{type(self).__name__}.pth", self)
            shutil.copyfile(file.name, path)
""",
    "codec.py": """
from base import BaseModel
from net.parts import Head


class Codec(BaseModel):
    INTERN = ["base", "codec", "net.**"]

    def __init__(self):
        super().__init__()
        self.head = Head(3)
""",
    "export.py": 'from codec import Codec\n\nCodec().save_to_package("codec.pth", extern=["tqdm"])\n',
}
C7 = {
    "export.py": _IMPORTS
    + """
class Store:
    RULES = [("extern", ["numpy.**", "sys"]), ("intern", ["net.**"]), ("mock", ["plots.**"])]

    def save(self, path, policy):
        with PackageExporter(path) as exporter:
            self._apply_rules(exporter, policy.__class__.__module__)
            exporter.save_pickle("policy", "data.pkl", policy)

    def _apply_rules(self, exporter, policy_module):
        for action, patterns in self.RULES:
            for pattern in patterns:
                getattr(exporter, action)(pattern)
        if policy_module == "__main__":
            exporter.extern("__main__")


Store().save("policy.pt", Net())
""",
}
C8 = {
    "export.py": _IMPORTS
    + """
EXTERNS = ["numpy", "scipy"]


def save(path, importer=None):
    if importer:
        exp = PackageExporter(path, importer=importer)
    else:
        exp = PackageExporter(path)
    with exp:
        for name in EXTERNS:
            exp.extern(name + ".**")
        exp.intern("net.**")
        exp.save_pickle("nets", "net.pkl", Net())


save("net.pt")
""",
}
C9 = {
    "tool.py": """
import sys


def collect_loaded_modules():
    return [name for name in sys.modules if name.startswith("net")]
""",
    "export.py": _IMPORTS
    + """
import tool
from torch.package import sys_importer

try:
    import torch_package_importer as importer
    importers = (importer, sys_importer)
except ImportError:
    importers = (sys_importer,)


def save(path, model):
    interns = tool.collect_loaded_modules()
    with PackageExporter(path, importers) as pe:
        pe.extern("torchvision.**", exclude=["torchvision.ops.**"])
        pe.intern(interns)
        pe.save_pickle("model", "model.pkl", model)


save("net.pt", Net())
""",
}
C13 = {
    "vendor/a.py": "",
    "export.py": _IMPORTS
    + """
import os

to_mock = [f"{name}.**" for name in sorted(os.listdir("vendor"))]
to_mock += ["plots.**"]
with PackageExporter("net.pt") as bert_package_exp:
    bert_package_exp.extern(["numpy.**"])
    bert_package_exp.intern(["net.**"], exclude=to_mock)
    bert_package_exp.save_pickle("nets", "net.pkl", Net())
""",
}
C14 = {
    "export.py": _IMPORTS
    + """
class Exporter(PackageExporter):
    def __init__(self, path):
        super().__init__(path)
        self.intern("net.**")

    def save_module(self, name, dependencies=True):
        if name != "skipped":
            super().save_module(name, dependencies)


class SmallExporter(Exporter):
    pass


for name in ("Small", "Big"):
    kind = globals().get(f"{name}Exporter", Exporter)
    with kind(f"{name}.pt") as exporter:
        exporter.save_module("skipped")
        exporter.save_source_string(f"stub_{name}", "A = 1")
        exporter.save_pickle("nets", "net.pkl", Net())
""",
}
C15 = {
    "wrapper.py": """
from torch.package import PackageExporter


def save_package(obj, filepath, library, importer=None):
    arguments = {"importer": importer} if importer else {}
    with PackageExporter(filepath, **arguments) as exporter:
        for action in ("extern", "intern", "mock"):
            for pattern in library[action]:
                getattr(exporter, action)(pattern)
        exporter.save_pickle("nets", "net.pkl", obj)
""",
    "export.py": """
from net.model import Net
from wrapper import save_package

LIBRARY = {"extern": ["numpy.**"], "intern": ["net.**"], "mock": []}
save_package(Net(), "net.pt", LIBRARY | {"mock": ["plots.**"]})
""",
}
PLAIN = _IMPORTS + 'NAME = "net"\nwith PackageExporter(f"{NAME}.pt") as {e}:\n{body}'


def _plain(*calls: str, e: str = "e") -> dict[str, str]:
    return {"export.py": PLAIN.replace("{e}", e).replace("{body}", "".join(f"    {e}.{call}\n" for call in calls))}


SITES = [
    Site("C1 sets of another module, comprehension, f-strings", C1),
    Site("C2 template methods of a concrete subclass, template text", C2),
    Site(
        "C3 literal lists", _plain('extern(["io", "_imp", "numpy.**"])', 'mock(["m._s"])', 'intern("net.**")', e="pe")
    ),
    Site("C4 class attributes of the concrete class, kwargs", C4),
    Site(
        "C5 wide extern with exclude", _plain("extern('**', exclude=['net.**'])", "intern('net.**', allow_empty=True)")
    ),
    Site("C6 only extern", _plain("extern('**')", "save_pickle('nets', NAME, Net())")),
    Site("C7 a table of rules through getattr", C7),
    Site("C8 two ways to the exporter, sums", C8),
    Site("C9 what is loaded at run time", C9, unknown=("sys.modules",)),
    Site("C10 one pattern and a pickle", _plain("extern('net.**')", "extern('_op')", "save_pickle('n', 'm', Net())")),
    Site("C11 the template that is copied most", _plain('mock("iopath.**")', 'intern("**")', 'extern("sys")')),
    Site(
        "C12 a small script", _plain('intern("net.**")', 'extern("numpy.**")', 'mock("pandas")', 'save_module("net")')
    ),
    Site("C13 a listing of a folder", C13, unknown=("os.listdir('vendor')",)),
    Site("C14 a subclass with methods of its own", C14),
    Site("C15 a wrapper over a table", C15),
    Site("C16 constants", _plain('extern([NAME + ".**"] * 1)', 'save_pickle("n", "m.pkl", Net())')),
    Site("C17 corners", _plain('deny(("a", "b"))', 'add_dependency("json")', 'save_text("r", "t", "x")', e="exporter")),
]
