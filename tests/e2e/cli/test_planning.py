"""`tpkg-lint plan` on little projects: what it prints and writes, and that the real export works with it."""

import subprocess
import sys
from pathlib import Path

import pytest

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")
_MODEL = """
import sys
from typing import TYPE_CHECKING

import numpy as np
from torch import nn

from net.parts import Head

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = Head()

    def forward(self, x, how: "MarkdownIt | None" = None):
        return np.asarray(self.head(x)) if sys.flags.dev_mode else x
"""
_PARTS = """
import msgspec
from torch import nn


class Head(nn.Module):
    def encode(self):
        return msgspec.json.encode({})
"""
_EXPORT = """
from torch.package import PackageExporter

from net.model import Net


def main():
    with PackageExporter("net.pt") as pe:
        pe.intern("net")
        pe.save_pickle("nets", "net.pkl", Net())


if __name__ == "__main__":
    main()
"""
_LOAD = """
import sys

from torch.package import PackageImporter

importer = PackageImporter("net.pt")
net = importer.load_pickle("nets", "net.pkl")
assert "net" not in sys.modules, "the host's code was used"
print(type(net).__module__, net(3))
"""
_ACTIONS = [
    '("sys")  # not extern by itself',
    '("msgspec.**")  # third-party, installed where the package is loaded',
    '("numpy.**")  # third-party, installed where the package is loaded',
    '("markdown_it.**")  # imported for type checkers only',
    '("net.**")  # first-party code',
]
_VERBS = ("extern", "extern", "extern", "mock", "intern")


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in {"net/__init__.py": "", "net/model.py": _MODEL, "net/parts.py": _PARTS, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip(), encoding="utf-8")


def plan(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [str(TPKG_LINT), "plan", "--python", sys.executable, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)


def python(folder: Path, script: str) -> str:
    done = subprocess.run(
        [sys.executable, script], cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.torch
def test_calls_are_written_where_the_exporter_is_told_and_the_export_then_works(tmp_path: Path) -> None:
    write(tmp_path, {"export.py": _EXPORT, "load.py": _LOAD})
    done = plan(tmp_path, "--format", "python", "--write", "--confirm")
    calls = [f"pe.{verb}{rest}" for verb, rest in zip(_VERBS, _ACTIONS, strict=True)]
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["# package net", *calls]
    assert "without an error" in done.stderr
    written = _EXPORT.lstrip().replace('        pe.intern("net")\n', "".join(f"        {call}\n" for call in calls))
    assert (tmp_path / "export.py").read_text(encoding="utf-8") == written
    python(tmp_path, "export.py")
    (tmp_path / "net" / "model.py").unlink()  # what is loaded is in the package
    assert python(tmp_path, "load.py").split() == ["<torch_package_0>.net.model", "3"]


@pytest.mark.torch
@pytest.mark.parametrize("name", ["pyproject.toml", "tpkg-lint.toml"])
def test_actions_are_written_into_the_table(tmp_path: Path, name: str) -> None:
    header = "[[tool.tpkg-lint.package]]" if name == "pyproject.toml" else "[[package]]"
    table = f'{header}\nname = "net"\nmodules = ["net.model"]\nactions = [{{ intern = "net" }}]\n# the end\n'
    write(tmp_path, {name: table})
    printed = plan(tmp_path, "net", "--format", "toml")
    done = plan(tmp_path, "--write")
    assert (printed.returncode, done.returncode) == (0, 0), done.stderr
    rows = [f'{{ {verb} = "{rest.split(chr(34))[1]}" }},' for verb, rest in zip(_VERBS, _ACTIONS, strict=True)]
    assert [line.partition("  #")[0].strip() for line in printed.stdout.splitlines()[2:-1]] == rows
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert printed.stdout.partition("\n")[2] in text
    assert text.startswith(f'{header}\nname = "net"\nmodules = ["net.model"]\nactions = [\n')
    assert text.endswith("]\n# the end\n")
    again = plan(tmp_path)
    assert again.stdout == printed.stdout


@pytest.mark.torch
def test_what_cannot_be_planned_is_said(tmp_path: Path) -> None:
    hidden = _EXPORT.replace("Net())", "open(sys.argv[1]).read())").replace(
        "from net.model", "import sys\nfrom net.model"
    )
    write(tmp_path, {"export.py": hidden})
    done = plan(tmp_path)
    assert done.returncode == 1
    assert "not all that package net saves is known: `open(sys.argv[1])" in done.stderr
    assert not done.stdout


def test_an_extension_of_the_project_and_a_folder_without_source_get_actions_of_their_own(tmp_path: Path) -> None:
    import sysconfig

    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    files = {
        f"net/_fast{suffix}": "",
        "plain.py": "import net._fast\nimport spaces.part\nimport spaces\n",
        "spaces/part.py": "",
        "tpkg-lint.toml": '[[package]]\nname = "p"\nmodules = ["plain"]\n',
    }
    write(tmp_path, files)
    done = plan(tmp_path)
    assert '{ extern = "net._fast" },  # a C extension, which cannot be interned' in done.stdout
    assert '{ mock = "spaces" },  # a namespace package, which has no source' in done.stdout
    assert '{ intern = "spaces.**" },  # first-party code' in done.stdout


def test_the_script_that_is_run_is_another_one_where_the_package_is_loaded(tmp_path: Path) -> None:
    files = {
        "plain.py": "import __main__\n",
        "tpkg-lint.toml": '[[package]]\nname = "p"\nmodules = ["plain"]\n',
    }
    write(tmp_path, files)
    assert '{ extern = "__main__" },  # the script that loads the package' in plan(tmp_path).stdout.splitlines()[2]


def test_no_action_helps_what_the_script_itself_defines(tmp_path: Path) -> None:
    own = _EXPORT.replace("from net.model import Net", "class Net:\n    pass").replace('pe.intern("net")', "pass")
    write(tmp_path, {"export.py": own})
    done = plan(tmp_path)
    assert "__main__" not in done.stdout
    assert "no action helps `__main__`: NO_ACTION" in done.stderr


_LAYERS = """
from einops.layers.torch import Rearrange
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(Rearrange("b c h w -> b (c h w)"), nn.Linear(12, 2))

    def forward(self, x):
        return x
"""


@pytest.mark.slow
@pytest.mark.torch
def test_a_library_is_kept_out_and_the_export_loads_beside_it(tmp_path: Path) -> None:
    pytest.importorskip("einops")
    write(tmp_path, {"net/model.py": _LAYERS, "export.py": _EXPORT, "load.py": _LOAD})
    done = plan(tmp_path, "--format", "python", "--write", "--confirm")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1:] == [
        'pe.extern("einops.**")  # third-party, installed where the package is loaded',
        'pe.intern("net.**")  # first-party code',
    ]
    python(tmp_path, "export.py")
    assert python(tmp_path, "load.py").split() == ["<torch_package_0>.net.model", "3"]


@pytest.mark.torch
def test_an_export_that_a_table_repeats_is_written_in_both(tmp_path: Path) -> None:
    table = '[[package]]\nname = "net"\nmodules = ["net.model"]\nactions = [{ intern = "net" }]\n'
    export = "".join(
        [
            "import sys\nfrom torch.package import PackageExporter\n\n\ndef export(path):\n",
            '    with PackageExporter(path) as pe:\n        pe.intern("net")\n        pe.save_module("net.model")\n',
            "\n\nexport(sys.argv[1])\n",
        ]
    )
    write(tmp_path, {"tpkg-lint.toml": table, "export.py": export})
    done = plan(tmp_path, "--write")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("# package") == 1
    again = plan(tmp_path)
    assert again.stdout == done.stdout  # still one package
    rows = [f'{{ {verb} = "{rest.split(chr(34))[1]}" }}' for verb, rest in zip(_VERBS, _ACTIONS, strict=True)]
    written = (tmp_path / "tpkg-lint.toml").read_text(encoding="utf-8")
    assert [row for row in rows if row not in written] == []
    calls = [f"pe.{verb}{rest}" for verb, rest in zip(_VERBS, _ACTIONS, strict=True)]
    code = (tmp_path / "export.py").read_text(encoding="utf-8")
    assert [call for call in calls if call not in code] == []
