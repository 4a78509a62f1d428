"""`why`, `graph` and the pictures of `closure`: output, files and exit status of the installed command."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.cli.test_commands import PROJECT, run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def ask(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return run(folder, *words, "--python", sys.executable)


def test_why_shows_the_chain_with_places_and_kinds(project: Path) -> None:
    done = ask(project, "why", "extra")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        'extra  in package net: mock by "extra"',
        "  net.model -> net.layers  net/model.py:1",
        "  net.layers -> extra (function)  net/layers.py:5",
        "imported by 1 module",
    ]


def test_why_says_who_imports_and_what_it_costs(project: Path) -> None:
    rows = ask(project, "why", "net.layers", "--reverse", "--cost", "--all").stdout.splitlines()
    assert rows == [
        'net.layers  in package net: intern by "net.**"',
        "  net.model -> net.layers  net/model.py:1",
        "imported by 1 module:",
        "  net.model -> net.layers  net/model.py:1",
        "imported by 1 module; without it the package loses it and 3 modules that only it brings, 75 bytes of source",
        "  extra",
        "  torch",
        "  torch.nn.functional",
    ]
    assert len(PROJECT["net/layers.py"]) == 75


def test_why_takes_a_file_for_its_module(project: Path) -> None:
    assert ask(project, "why", "net/state.py").stdout.startswith("net.state  in package net: intern")
    wrong = ask(project, "why", "net/nothing.py")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("tpkg-lint: no module of a package is the file net/nothing.py\n  help: ")


def test_why_asks_for_no_more_than_it_needs(project: Path) -> None:
    done = ask(project, "why")
    assert done.returncode == 2
    assert done.stderr.endswith("the following arguments are required: MODULE\n")


def test_why_not_says_what_keeps_a_module_out(project: Path) -> None:
    dropped = ask(project, "why", "gone")
    assert dropped.returncode == 1
    assert dropped.stdout.splitlines() == [
        "gone  not in package net: dropped, gone is not installed",
        "  net.model -> gone (function)  net/model.py:6",
    ]
    near = ask(project, "why", "helper")
    assert near.returncode == 1
    assert near.stdout.splitlines() == [
        "helper  not in package net: not found, helper is not installed",
        "  help: did you mean `helpers`?",
    ]
    behind = ask(project, "why", "torch.nn.functional.relu")
    assert "behind, it is part of torch.nn.functional, which is extern and not looked into" in behind.stdout


def test_why_in_json(project: Path) -> None:
    document = json.loads(ask(project, "why", "extra", "--output-format", "json").stdout)
    [package] = document["packages"]
    assert (document["version"], document["module"], document["suggestion"]) == (1, "extra", None)
    assert package["chains"] == [
        [
            {"importer": "net.model", "target": "net.layers", "kind": "static", "path": "net/model.py", "line": 1},
            {"importer": "net.layers", "target": "extra", "kind": "function", "path": "net/layers.py", "line": 5},
        ]
    ]
    assert package["importers"] == package["chains"][0][1:]
    assert package["cost"] == {"modules": ["extra"], "bytes": 0}
    assert (package["is_in"], package["action"], package["pattern"]) == (True, "mock", 1)
    absent = ask(project, "why", "gone", "--output-format", "json")
    assert absent.returncode == 1
    [package] = json.loads(absent.stdout)["packages"]
    assert (package["is_in"], package["kind"], package["reason"]) == (False, "dropped", "gone is not installed")
    assert package["dropped"][0]["line"] == 6
    missing = json.loads(ask(project, "why", "helper", "--output-format", "json").stdout)
    assert missing["suggestion"] == "did you mean `helpers`?"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["why", "foo-bar"], "`foo-bar` is not the name of a module\n  help: write it as in an import: a.b.c"),
        (["why", "net-state"], "`net-state` is not the name of a module\n  help: did you mean `net.state`?"),
        (["why", "a..b"], "`a..b` is not the name of a module"),
        (["graph", "--to", "net.layer"], "net.layer is not in package net\n  help: did you mean `net.layers`?"),
        (["graph", "--group", "0"], "--group takes a number from 1 on"),
        (["graph", "--format", "html", "--depth", "1"], "--depth does not go with --output-format html"),
        (["graph", "nett"], "there is no package `nett`\n  help: known here: net"),
        (["graph", "--output", "nowhere/x.dot"], "cannot write nowhere/x.dot: No such file or directory"),
    ],
)
def test_what_cannot_be_answered_says_so(project: Path, words: list[str], message: str) -> None:
    done = ask(project, *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert message in done.stderr


@pytest.mark.parametrize(
    "words",
    [["check", "json"], ["why", "helpers", "json"], ["closure", "json"], ["graph", "json"], ["plan", "python"]],
)
def test_both_spellings_of_the_format(project: Path, words: list[str]) -> None:
    *asked, name = words
    done = ask(project, *asked, "--output-format", name)
    assert done.stdout
    assert ask(project, *asked, "--format", name).stdout == done.stdout != ask(project, *asked).stdout
    told = ask(project, asked[0], "--help").stdout
    assert "--output-format" in told
    assert " --format" not in told


def test_graph_draws_the_package_in_each_language(project: Path) -> None:
    dot = ask(project, "graph")
    assert dot.returncode == 1  # helpers has no action
    assert '"net.layers" -> "extra" [style=dashed, label="function"];' in dot.stdout
    if shutil.which("dot"):
        subprocess.run(["dot", "-Tsvg"], input=dot.stdout, text=True, capture_output=True, check=True)
    assert ask(project, "closure", "--format", "dot").stdout == dot.stdout
    assert ask(project, "graph", "net", "--format", "mermaid").stdout.startswith("flowchart LR\n")
    document = json.loads(ask(project, "graph", "--format", "json", "--to", "extra").stdout)
    assert [node["name"] for node in document["nodes"]] == ["net.model", "net.layers", "extra"]
    small = ask(project, "graph", "--group", "1", "--format", "json").stdout
    assert [node["name"] for node in json.loads(small)["nodes"]] == ["net", "torch", "extra", "helpers"]


def test_graph_writes_a_whole_file_or_none(project: Path) -> None:
    page = project / "net.html"
    done = ask(project, "graph", "--format", "html", "--output", "net.html")
    assert (done.returncode, done.stdout) == (1, "")
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert page.read_text("utf-8") == ask(project, "closure", "--format", "html").stdout
    assert [path.name for path in project.iterdir() if path.name.startswith(".net")] == []


def test_graph_wants_one_package(project: Path) -> None:
    config = PROJECT["tpkg-lint.toml"]
    (project / "tpkg-lint.toml").write_text(config + config.replace('"net"', '"other"', 1), encoding="utf-8")
    done = ask(project, "graph")
    assert done.returncode == 2
    assert "a picture shows one package, and here are several\n  help: --package NAME: net, other" in done.stderr
    assert 'digraph "other"' in ask(project, "graph", "other").stdout
    both = ask(project, "why", "extra").stdout
    assert "in package net" in both
    assert "in package other" in both


@pytest.mark.torch
@pytest.mark.parametrize(
    ("made", "saved"),
    [
        ("'x.pt'", "exporter.save_pickle('data', 'x', Fine())"),
        ("'x.pt', verbose=True", "exporter.save_pickle('data', 'x', Fine())"),
        ("'x.pt'", "exporter.save_pickle('data', 'x', Fine(), pickle_protocol=5)"),
        ("'x.pt'", "exporter.save_pickle('data', 'x', Odd())"),
        ("'x.pt'", "exporter.intern('kinds', 'other')"),
        ("'x.pt'", "exporter.intern('kinds.***')"),
    ],
)
def test_the_outcome_of_calls_that_raise_by_themselves(made: str, saved: str, tmp_path: Path) -> None:
    """What the real export raises, and its status, whatever else the package is."""
    (tmp_path / "kinds.py").write_text(
        "class Fine: ...\nclass Odd:\n    def __init__(self):\n        self.function = lambda: 0\n"
    )
    (tmp_path / "export.py").write_text(
        "from torch.package import PackageExporter\nfrom kinds import Fine, Odd\n"
        f"with PackageExporter({made}) as exporter:\n    exporter.intern('kinds')\n    {saved}\n"
    )
    real = subprocess.run([sys.executable, "export.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    raised = real.stderr.strip().splitlines()[-1].partition(":")[0] if real.returncode else "ok"
    done = ask(tmp_path, "closure", "--format", "json")
    assert [item["outcome"] for item in json.loads(done.stdout)["packages"]] == [raised.rpartition(".")[2]]
    assert done.returncode == (0 if raised == "ok" else 1)
