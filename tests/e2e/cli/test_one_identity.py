"""A package of the configuration and an export in code are one, and the configuration settles what the code hides."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.scenarios import findings_in
from tests.scan.exports.shapes import SHAPES
from tests.scan.exports.sites import SITES, Site
from tpkg_analyzer.session.projects import find_projects, open_project

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")
OPEN = [site for site in (*SITES, *SHAPES) if site.unknown]
_HEAD = "import os\nimport sys\n\nfrom torch.package import PackageExporter\n\nfrom net.model import Net\n\n"
_EXPORT = f"""{_HEAD}
def main():
    with PackageExporter("dist/nets.pt") as exporter:
        exporter.extern(os.listdir("vendor"))
        exporter.intern("net.model")
        exporter.save_pickle("nets", "net.pkl", Net())


main()
"""
_ROOTS = {
    "an argument": f"{_HEAD}def save(net):\n"
    '    with PackageExporter("a.pt") as exporter:\n'
    '        exporter.intern("net.**")\n        exporter.save_pickle("n", "n.pkl", net)\n',
    "a name from outside": f"{_HEAD}with PackageExporter('a.pt') as exporter:\n"
    '    exporter.intern("net.**")\n    exporter.save_module(sys.argv[1])\n',
    "a pattern and a checkpoint": f"{_HEAD}import torch\n\nwith PackageExporter('a.pt') as exporter:\n"
    '    exporter.intern(sys.argv[1:])\n    exporter.save_pickle("n", "n.pkl", torch.load(sys.argv[1]))\n',
    "two exporters of one function": f"{_HEAD}with PackageExporter('a.pt') as a, PackageExporter('b.pt') as b:\n"
    "    for exporter in (a, b):\n        exporter.intern(sys.argv[1:])\n        exporter.save_module('net.model')\n",
    "no hint in the code": "import sys\n\nimport torch.package\n\n"
    "with torch.package.PackageExporter(sys.argv[1]) as exporter:\n    exporter.extern(sys.argv[2])\n"
    "    exporter.save_module(sys.argv[3])\n",
}


def run(folder: Path, command: str, *words: str) -> "subprocess.CompletedProcess[str]":
    line = [str(TPKG_LINT), command, "--python", sys.executable, *words]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False, timeout=300)


def codes(folder: Path) -> set[str]:
    return {item.code for item in findings_in(folder)}


def packages(folder: Path) -> list[tuple[str, bool]]:
    """Return the name of each package, and whether it is open."""
    projects = find_projects([folder])
    return [(item.name, item.is_open) for it in projects for item in open_project(it, sys.executable).packages]


def write(folder: Path, files: dict[str, str]) -> None:
    Site("", files).write(folder)


def settle(folder: Path, name: str) -> None:
    """Paste the tables that the findings show, each once."""
    helps = [item.help or "" for item in findings_in(folder) if item.code == "TPK004"]
    assert helps
    tables = dict.fromkeys(text.partition("\n")[2] for text in helps)
    (folder / name).write_text("\n\n".join(tables) + "\n", encoding="utf-8")


@pytest.mark.parametrize("site", OPEN, ids=lambda site: site.name)
def test_the_table_that_is_shown_settles_each_open_shape(site: Site, tmp_path: Path) -> None:
    site.write(tmp_path)
    ((name, is_open),) = packages(tmp_path)
    assert is_open
    settle(tmp_path, "pyproject.toml")
    assert "TPK004" not in codes(tmp_path)
    assert packages(tmp_path) == [(name, False)]


@pytest.mark.parametrize("name", _ROOTS)
def test_the_table_that_is_shown_settles_what_is_saved(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"export.py": _ROOTS[name]})
    (tmp_path / "tpkg-lint.toml").touch()
    before = packages(tmp_path)
    assert all(is_open for _, is_open in before)
    settle(tmp_path, "tpkg-lint.toml")
    assert "TPK004" not in codes(tmp_path)
    assert packages(tmp_path) == [(name, False) for name, _ in before]


def test_the_table_names_what_is_pickled_and_what_is_certain_stays(tmp_path: Path) -> None:
    model = "import torch\n\n\nclass Model(torch.nn.Module):\n    def __init__(self, make):\n"
    model += "        super().__init__()\n        self.linear = torch.nn.Linear(2, 2)\n        self.part = make(3)\n"
    export = "import sys\nfrom torch.package import PackageExporter\nfrom other import Other\nfrom model import Model\n"
    export += "with PackageExporter('a.pt') as exporter:\n    exporter.intern('**')\n"
    export += "    exporter.save_pickle('a', 'a.pkl', Model(Other.by_name[sys.argv[1]]))\n"
    other = "class Other:\n    by_name = dict(line.split() for line in open('names.txt'))\n"
    write(tmp_path, {"model.py": model, "other.py": other, "export.py": export, "tpkg-lint.toml": ""})
    settle(tmp_path, "tpkg-lint.toml")
    table = (tmp_path / "tpkg-lint.toml").read_text(encoding="utf-8")
    assert 'objects = ["model:Model"]  # and the classes that ' in table
    (closure,) = json.loads(run(tmp_path, "closure", "--format", "json").stdout)["packages"]
    assert (closure["open"], closure["interned"]) == (False, ["model"])
    assert {"torch.nn.modules.linear", "torch._utils", "collections"} <= set(closure["externed"])


@pytest.mark.parametrize("key", ['at = "export.py:main"', 'at = "export.py"', 'archive = "dist/nets.pt"'])
def test_a_table_completes_an_open_export_by_its_place_and_by_its_archive(key: str, tmp_path: Path) -> None:
    table = f'[[package]]\nname = "mine"\n{key}\nactions = [{{ extern = "gone.**" }}]\n# the end\n'
    write(tmp_path, {"export.py": _EXPORT, "tpkg-lint.toml": table})
    assert packages(tmp_path) == [("mine", False)]
    checked = json.loads(run(tmp_path, "check", "--output-format", "json").stdout)["diagnostics"]
    assert {item["package"] for item in checked if item["code"] == "TPK101"} == {"mine"}
    assert "TPK004" not in {item["code"] for item in checked}
    (closure,) = json.loads(run(tmp_path, "closure", "--format", "json").stdout)["packages"]
    assert (closure["name"], closure["open"], closure["interned"]) == ("mine", False, [])
    done = run(tmp_path, "plan", "--write")
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "tpkg-lint.toml").read_text(encoding="utf-8")
    assert '  { intern = "net.**" },  # first-party code\n]\n# the end\n' in written
    assert written.startswith(f'[[package]]\nname = "mine"\n{key}\nactions = [\n')
    assert (tmp_path / "export.py").read_text(encoding="utf-8") == _EXPORT.lstrip()
    assert codes(tmp_path).isdisjoint({"TPK101", "TPK004"})


def test_a_plan_is_not_written_beside_what_is_not_understood(tmp_path: Path) -> None:
    write(tmp_path, {"export.py": _EXPORT})
    done = run(tmp_path, "plan", "--write")
    assert done.returncode == 2
    assert 'table with at = "export.py:main"' in done.stderr
    assert (tmp_path / "export.py").read_text(encoding="utf-8") == _EXPORT.lstrip()


def test_a_table_of_another_place_is_another_package(tmp_path: Path) -> None:
    table = '[[package]]\nname = "mine"\nat = "export.py:other"\nmodules = ["net.model"]\n'
    write(tmp_path, {"export.py": _EXPORT, "tpkg-lint.toml": table})
    assert packages(tmp_path) == [("mine", False), ("nets", True)]
