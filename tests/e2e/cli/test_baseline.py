"""Findings that are accepted for now: created, updated, pruned, and gone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")
CACHE = "{name} = {{}}\n\n\ndef put_{name}(key):\n    {name}[key] = 1\n"
BASELINE = "known.jsonl"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tpkg-lint.toml").write_text(f'select = ["TPK301", "TPK0"]\nbaseline = "{BASELINE}"\n')
    (tmp_path / "one.py").write_text("import torch\n" + CACHE.format(name="A"))
    (tmp_path / "two.py").write_text("import torch\n" + CACHE.format(name="B"))
    return tmp_path


def check(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [TPKG_LINT, "check", "--python", sys.executable, "--output-format", "concise", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def known(folder: Path) -> list[str]:
    head, *rows = (folder / BASELINE).read_text("utf-8").splitlines()
    assert json.loads(head) == {"tpkg-lint-baseline": 1}
    return [json.loads(row)["symbol"] for row in rows]


def places(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line.split(":")[0] for line in done.stdout.splitlines()]


def test_known_findings_are_quiet_and_new_ones_are_not(project: Path) -> None:
    made = check(project, "--update-baseline")
    assert (made.returncode, made.stdout) == (0, "")
    assert known(project) == ["A", "B"]
    assert "2 known from the baseline" in check(project).stderr
    (project / "one.py").write_text("import torch\n\n# lines move\n" + CACHE.format(name="A") + CACHE.format(name="C"))
    done = check(project)
    assert (done.returncode, places(done)) == (1, ["one.py"])
    assert "`C`" in done.stdout


def test_what_is_gone_is_told_and_pruned(project: Path) -> None:
    check(project, "--update-baseline")
    (project / "two.py").write_text("import torch\n" + CACHE.format(name="C"))
    gone = check(project)
    assert "1 known finding is gone" in gone.stderr
    assert (check(project, "--exit-zero").returncode, check(project, "--exit-zero", "--fail-on-stale").returncode) == (
        0,
        1,
    )
    assert known(project) == ["A", "B"]
    pruned = check(project, "--prune-baseline")
    assert (pruned.returncode, known(project)) == (1, ["A"])
    (project / "one.py").unlink()
    check(project, "--prune-baseline", "two.py")
    assert known(project) == []


def test_a_run_over_one_file_leaves_the_others_alone(project: Path) -> None:
    check(project, "--update-baseline")
    (project / "one.py").write_text("import torch\n")
    assert "gone" not in check(project, "two.py").stderr
    check(project, "--update-baseline", "two.py")
    assert known(project) == ["A", "B"]
    check(project, "--select", "TPK0", "--prune-baseline")
    assert known(project) == ["A", "B"]


def test_what_does_not_parse_is_never_known(project: Path) -> None:
    (project / "one.py").write_text("def f(:\n")
    done = check(project, "--update-baseline")
    assert (done.returncode, places(done)) == (1, ["one.py"])
    assert known(project) == ["B"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n", f"{BASELINE}:1:1: this is no line of a baseline"),
        ('{"tpkg-lint-baseline": 9}\n', "this baseline has version 9"),
        ('{"tpkg-lint-baseline": 1}\n{"cod": "TPK301"}\n', f"{BASELINE}:2:1: this is no line"),
        ('{"tpkg-lint-baseline": 1}\n[1]\n', f"{BASELINE}:2:1: this is no line"),
    ],
)
def test_a_damaged_baseline_ends_the_run(project: Path, text: str, message: str) -> None:
    (project / BASELINE).write_text(text)
    done = check(project)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert (project / BASELINE).read_text() == text


def test_a_baseline_that_is_not_there(project: Path) -> None:
    done = check(project)
    assert (done.returncode, "there is no baseline" in done.stderr) == (2, True)
    (project / "tpkg-lint.toml").write_text("")
    done = check(project, "--prune-baseline")
    assert (done.returncode, "--baseline FILE names one" in done.stderr) == (2, True)


def paths(file: Path) -> list[str]:
    return [json.loads(row)["path"] for row in file.read_text("utf-8").splitlines()[1:]]


@pytest.mark.parametrize("given", ["../elsewhere/b.jsonl", "../b.jsonl", "ci/b.jsonl", "link.jsonl", "b.jsonl"])
def test_paths_are_those_in_the_project_wherever_the_baseline_is(project: Path, given: str) -> None:
    root = project / "shop"
    for folder in (root / "ci", root / "deep" / "er", project / "elsewhere"):
        folder.mkdir(parents=True)
    for name in ("tpkg-lint.toml", "one.py", "two.py"):
        (project / name).rename(root / ("deep/er/two.py" if name == "two.py" else name))
    (root / "link.jsonl").symlink_to("../elsewhere/linked.jsonl")
    made = check(root, "--baseline", given, "--update-baseline")
    assert (made.returncode, "wrote 2 findings" in made.stderr) == (0, True)
    assert paths(root / given) == ["deep/er/two.py", "one.py"]
    known = "2 known from the baseline"
    assert known in check(root, "--baseline", given, "--fail-on-stale").stderr
    assert known in check(root / "deep", "--baseline", f"../{given}", "..").stderr
    (project / "to").symlink_to(root, target_is_directory=True)
    assert known in check(project, "--baseline", f"shop/{given}", "to").stderr
    assert known in check(project / "elsewhere", "--baseline", str(root / given), "../to/../shop").stderr
    assert (root / "link.jsonl").is_symlink()
    (root / "one.py").write_text("import torch\n")
    assert check(root, "--baseline", given, "--prune-baseline").returncode == 0
    assert paths(root / given) == ["deep/er/two.py"]


def test_projects_that_share_a_baseline_are_told_apart(project: Path) -> None:
    for name in ("shop", "stock"):
        (project / name).mkdir()
        (project / name / "tpkg-lint.toml").write_text('select = ["TPK301"]\n')
        (project / name / "one.py").write_text("import torch\n" + CACHE.format(name="A"))
    (project / "tpkg-lint.toml").unlink()
    shared = ("--baseline", "all.jsonl")
    assert check(project, "shop", "stock", *shared, "--update-baseline").returncode == 0
    assert paths(project / "all.jsonl") == ["shop/one.py", "stock/one.py"]
    assert check(project, "shop", *shared, "--fail-on-stale").returncode == 0
    (project / "stock/one.py").write_text("import torch\n")
    assert check(project, "shop", "stock", *shared, "--prune-baseline").returncode == 0
    assert paths(project / "all.jsonl") == ["shop/one.py"]
    (project / "stock/one.py").write_text("import torch\n" + CACHE.format(name="A"))
    assert places(check(project, "shop", "stock", *shared)) == ["stock/one.py"]


def test_a_baseline_with_absolute_paths_is_understood(project: Path) -> None:
    check(project, "--update-baseline")
    text = (project / BASELINE).read_text()
    (project / BASELINE).write_text(text.replace("one.py", (project / "one.py").as_posix()))
    assert "2 known from the baseline" in check(project, "--fail-on-stale").stderr
