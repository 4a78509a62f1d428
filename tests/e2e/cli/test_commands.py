"""The installed command on little projects: output, streams and exit status."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")
PROJECT = {
    "tpkg-lint.toml": '[[package]]\nname = "net"\nmodules = ["net.model"]\n'
    'actions = [{ intern = "net.**" }, { mock = "extra" }]\n',
    "net/__init__.py": "",
    "net/model.py": "from net import layers\nfrom . import state\nimport helpers\n\ndef never():\n    import gone\n",
    "net/layers.py": "import torch\nfrom torch.nn import functional\n\ndef late():\n    import extra\n",
    "net/state.py": "CACHE = {}\n\ndef put(key):\n    CACHE[key] = 1\n",
    "helpers.py": "",
    "extra.py": "",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(folder: Path, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TPKG_LINT, *words], cwd=folder, capture_output=True, text=True, encoding="utf-8", input=stdin, check=False
    )


def check(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "check", "--python", sys.executable, "--select", "TPK101,TPK301", *words)


def closure(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "closure", "--python", sys.executable, *words)


def test_check_prints_findings_with_frames_and_counts_on_stderr(project: Path) -> None:
    done = check(project)
    assert done.returncode == 1
    assert "error[TPK101 no-action]: `helpers` is in the closure of package `net`" in done.stdout
    assert "  --> net/model.py:3:8\n  |\n3 | import helpers\n  |        ^^^^^^^" in done.stdout
    assert "warning[TPK301 mutable-global]" in done.stdout
    assert done.stderr.startswith("1 error, 1 warning")


def test_check_is_the_default_command(project: Path) -> None:
    named = run(project, "check", "--python", sys.executable)
    assert "TPK101" in named.stdout
    assert run(project, "--python", sys.executable).stdout == named.stdout


def test_concise_output_is_one_line_a_finding(project: Path) -> None:
    lines = check(project, "--output-format", "concise").stdout.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["net/model.py:3:8:", "TPK101", "no-action"],
        ["net/state.py:1:1:", "TPK301", "mutable-global"],
    ]


def test_json_output_has_the_documented_fields(project: Path) -> None:
    document = json.loads(check(project, "--output-format", "json").stdout)
    assert document["version"] == 1
    assert document["files"] == {"checked": 6, "skipped": 0}
    first = document["diagnostics"][0]
    expected = {
        "code": "TPK101",
        "name": "no-action",
        "severity": "error",
        "path": "net/model.py",
        "start": {"line": 3, "column": 8},
        "end": {"line": 3, "column": 15},
        "package": "net",
        "certainty": "predicted",
        "evidence": None,
    }
    assert {key: first[key] for key in expected} == expected
    assert first["fix"]["safety"] == "safe"
    assert {"message", "related", "url"} <= set(first)


def test_exit_zero_and_selection(project: Path) -> None:
    assert check(project, "--exit-zero").returncode == 0
    assert "TPK101" not in check(project, "--ignore", "TPK1").stdout
    clean = check(project, "--ignore", "no-action,TPK301")
    assert (clean.returncode, clean.stdout) == (0, "")


def test_a_subfolder_belongs_to_the_project_above_it(project: Path) -> None:
    assert "TPK301" in check(project, "net").stdout


def test_closure_json_says_what_the_exporter_would_hold(project: Path) -> None:
    done = closure(project, "--format", "json")
    assert done.returncode == 1
    [package] = json.loads(done.stdout)["packages"]
    assert package["name"] == "net"
    assert package["declared"] == {"path": "tpkg-lint.toml", "line": 1}
    assert package["interned"] == ["net.layers", "net.model", "net.state"]
    assert package["externed"] == ["torch", "torch.nn.functional"]
    assert package["mocked"] == ["extra"]
    assert package["broken"] == {"helpers": "NO_ACTION"}
    assert package["dropped"] == [{"module": "gone", "by": "net.model", "line": 6, "reason": "gone is not installed"}]
    assert package["outcome"] == "PackagingError"
    assert package["modules"]["net.model"]["rule"] == "root"
    assert package["modules"]["net.layers"] == {
        "action": "intern",
        "rule": "pattern",
        "pattern": 0,
        "path": "net/layers.py",
        "bytes": len(PROJECT["net/layers.py"]),
        "depends_on": ["torch", "torch.nn.functional", "extra"],
    }


def test_closure_of_an_ad_hoc_package_asks_patterns_in_their_order(project: Path) -> None:
    words = ["--module", "net.model", "--mock", "net.s*", "--intern", "**", "--exclude", "helpers", "--format", "list"]
    done = closure(project, *words)
    assert done.returncode == 1
    assert "mock net.state\n" in done.stdout
    assert "intern extra\n" in done.stdout
    assert "broken helpers  NO_ACTION\n" in done.stdout
    assert "outcome: PackagingError" in done.stdout
    allowed = closure(project, *words, "--extern", "helpers")
    assert allowed.returncode == 0
    assert "extern helpers\n" in allowed.stdout
    empty = closure(project, *words, "--extern", "helpers", "--intern", "nothing", "--no-allow-empty")
    assert "outcome: EmptyMatchError" in empty.stdout


def test_closure_says_what_is_not_known(project: Path) -> None:
    (project / "tpkg-lint.toml").unlink()
    (project / "export.py").write_text(
        "import json\nfrom torch.package import PackageExporter\n\nwith PackageExporter('n.pt') as e:\n"
        "    e.intern('net.**')\n    e.save_module('net')\n    e.save_pickle('p', 'p.pkl', json.loads(input()))\n",
        encoding="utf-8",
    )
    for layout in ("tree", "list"):
        said = closure(project, "--format", layout).stdout
        assert "\nopen: not known before the program runs\n" in said
        assert "\n  input()  in export.py:7, which decides what is saved\n" in said
        assert said.endswith("\noutcome: ok, as far as it is known\n")


def test_closure_tree_shows_each_module_once_unfolded(project: Path) -> None:
    tree = closure(project, "--format", "tree").stdout
    assert "└── net.model  intern (saved)" in tree
    assert "    │   └── extra  mock" in tree
    assert "helpers  NO_ACTION" in tree


def test_rule_explains_and_lists() -> None:
    listed = run(Path.cwd(), "rule").stdout
    assert "TPK101  error    no-action" in listed
    assert "## Why is this bad?" in run(Path.cwd(), "rule", "TPK401").stdout
    assert run(Path.cwd(), "explain", "TPK401").stdout == run(Path.cwd(), "rule", "TPK401").stdout
    document = json.loads(run(Path.cwd(), "rule", "host-import", "--output-format", "json").stdout)
    assert [item["code"] for item in document] == ["TPK202"]


def test_what_is_assumed_settles_what_the_sources_cannot_tell(project: Path) -> None:
    assumed = 'assume = { importable = ["gone"], missing = ["extra"] }\n'
    (project / "tpkg-lint.toml").write_text(assumed + PROJECT["tpkg-lint.toml"], encoding="utf-8")
    [package] = json.loads(closure(project, "--format", "json").stdout)["packages"]
    assert package["broken"] == {"gone": "NO_ACTION", "helpers": "NO_ACTION"}
    assert [(item["module"], item["reason"]) for item in package["dropped"]] == [
        ("extra", "extra is assumed to be missing")
    ]


def test_the_package_can_be_run_as_a_module_where_a_project_has_modules_of_our_libraries(project: Path) -> None:
    (project / "msgspec.py").write_text("raise SystemExit(9)\n")
    (project / "argparse.py").write_text("raise SystemExit(9)\n")
    command = [sys.executable, "-m", "tpkg_analyzer", "--version"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, run(project, "--version").stdout)
    command = [sys.executable, "-m", "tpkg_analyzer", "check", "--python", sys.executable, "--select", "TPK101,TPK301"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (1, check(project).stdout)


def test_an_interrupt_ends_with_the_status_of_shells() -> None:
    lines = ("import sys", "from tpkg_analyzer.cli.guard import guarded", "def run(): raise KeyboardInterrupt")
    code = "\n".join((*lines, "sys.exit(guarded(run))"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_numbers_have_their_nouns(project: Path) -> None:
    (project / "net" / "state.py").write_text("A = {}\nB = {}\n\n\ndef put(key):\n    A[key] = 1\n    B[key] = 1\n")
    assert check(project).stderr.startswith("1 error, 2 warnings; 6 files checked")
