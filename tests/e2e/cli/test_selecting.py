"""Which rules run and what their findings weigh: words of every kind, on the command line and in files."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tpkg_analyzer.cli.main import main

PACKAGE = '[[package]]\nname = "net"\nmodules = ["net.model"]\nactions = [{ intern = "net.**" }]\n'
FILES = {
    "net/__init__.py": "",
    "net/model.py": "import helpers\n\nCACHE = {}\n\n\ndef put(key):\n    CACHE[key] = 1\n",
    "net/table.py": "from net import model\n\nSEEN = set()\n\n\ndef see(key):\n    SEEN.add(key)\n",
    "helpers.py": "",
}
ALL = {
    ("net/model.py", "TPK101", "error"),
    ("net/model.py", "TPK301", "warning"),
    ("net/table.py", "TPK301", "warning"),
}
CRASHING = '''
from tpkg_analyzer.model.diagnostic import Severity
from tpkg_analyzer.rule.rule import Rule


class Crashing(Rule):
    """A rule that fails."""

    code, name, severity, since = "TPK399", "crashing", Severity.WARNING, "0.1"

    def check_file(self, context):
        yield from [][0 if context.name == "net.model" else slice(0)]
'''
WITH_FURTHER_RULES = (
    "import sys, tpkg_analyzer.rules as rules; rules.__path__.append('further');"
    "from tpkg_analyzer.cli.main import main; sys.exit(main(sys.argv[1:]))"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    configure(tmp_path, "")
    return tmp_path


def configure(folder: Path, text: str) -> None:
    modules = PACKAGE.replace('"net.model"', '"net.model", "net.table"')
    (folder / "tpkg-lint.toml").write_text(f"{text}\n{modules}", encoding="utf-8")


@dataclass
class Done:
    """What a run printed and its exit status."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command in this process, which spares the start of one for each line of the tables."""
    monkeypatch.chdir(project)
    monkeypatch.setenv("TPKG_LINT_CACHE_DIR", str(project / ".cache"))

    def start(*words: str) -> Done:
        status = main(["check", "--python", sys.executable, *words])
        return Done(status, *capsys.readouterr())

    return start


def run_crashing(folder: Path, *words: str) -> Done:
    """The command in a process of its own, with a rule that fails: in the tests of rules a crash is raised."""
    variables = {**os.environ, "TPKG_LINT_CACHE_DIR": str(folder / ".cache")}
    del variables["PYTEST_CURRENT_TEST"]
    command = [sys.executable, "-c", WITH_FURTHER_RULES, "check", "--python", sys.executable, *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=variables, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def found(done: Done, folder: Path) -> set[tuple[str, str, str]]:
    assert not done.stderr
    document = json.loads(done.stdout)
    return {
        (Path(folder, item["path"]).relative_to(folder).as_posix(), item["code"], item["severity"])
        for item in document["diagnostics"]
    }


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ([], {"TPK101", "TPK301"}),
        (["--select", "ALL"], {"TPK101", "TPK301"}),
        (["--select", "all", "--ignore", "mutable-global"], {"TPK101"}),
        (["--select", "TPK3"], {"TPK301"}),
        (["--select", "tpk301"], {"TPK301"}),
        (["--select", "no-action,TPK2"], {"TPK101"}),
        (["--select", "TPK1", "--select", "TPK2,mutable-global"], {"TPK101", "TPK301"}),
        (["--ignore", "TPK1", "--ignore", "TPK2", "--extend-ignore", "TPK3"], set()),
        (["--select", "TPK2", "--extend-select", "mutable-global"], {"TPK301"}),
        (["--select", "TPK009"], set()),
        (["--ignore", "ALL"], set()),
    ],
)
def test_words_on_the_command_line(run: Run, project: Path, words: list[str], codes: set[str]) -> None:
    done = run("--output-format", "json", *words)
    assert found(done, project) == {item for item in ALL if item[1] in codes}
    assert done.returncode == (1 if codes else 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('select = ["ALL"]', ALL),
        ('select = ["ALL"]\nignore = ["TPK1", "mutable-global"]', set()),
        ('select = ["TPK2"]\nextend-select = ["TPK101"]', {item for item in ALL if item[1] == "TPK101"}),
        ('per-file-ignores = { "net/*.py" = ["ALL"] }', set()),
        ('per-file-ignores = { "table.py" = ["TPK3"] }', {item for item in ALL if item[0] != "net/table.py"}),
        (
            'per-file-ignores = { "*.py" = ["mutable-global"], "!net/table.py" = ["no-action"] }',
            {item for item in ALL if item[1] == "TPK101"},
        ),
        ('severity = { TPK1 = "off", TPK301 = "hint" }', {(p, c, "hint") for p, c, _ in ALL if c == "TPK301"}),
        ('severity = { ALL = "error" }', {(path, code, "error") for path, code, _ in ALL}),
    ],
)
def test_words_in_a_file(run: Run, project: Path, text: str, expected: set[tuple[str, str, str]]) -> None:
    configure(project, text)
    assert found(run("--output-format", "json"), project) == expected


def test_a_lower_severity_does_not_fail_the_run(run: Run, project: Path) -> None:
    configure(project, 'severity = { ALL = "info" }')
    assert run().returncode == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('select = ["TPK9"]', "there is no rule `TPK9`"),
        ('ignore = ["mutable-globl"]', "there is no rule `mutable-globl`\n  help: did you mean `mutable-global`?"),
        ('severity = { TPK301 = "fatal" }', "tpkg-lint.toml:1:12: `severity`: `fatal` is none of `error`, `warning`, "),
        ('ignore = ["TPK002"]', "`ignore` names `TPK002`: a configuration that cannot be used ends the run"),
        ('severity = { invalid-configuration = "off" }', "`severity` names `invalid-configuration`: "),
        ('per-file-ignores = { "a.py" = ["tpk002"] }', "`per-file-ignores` names `tpk002`: "),
    ],
)
def test_words_that_cannot_be_meant(run: Run, project: Path, text: str, message: str) -> None:
    configure(project, text)
    done = run()
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--config", "severity.TPK009 = 'error'"], ALL | {("net/model.py", "TPK009", "error")}),
        (["--select", "crashing"], {("net/model.py", "TPK009", "warning")}),
        (["--ignore", "rule-crashed"], ALL),
        (["--config", "per-file-ignores = { 'net/model.py' = ['TPK009'] }"], ALL),
    ],
)
def test_a_rule_that_crashes_is_told_unless_it_is_asked_not_to(
    project: Path, words: list[str], expected: set[tuple[str, str, str]]
) -> None:
    (project / "further").mkdir()
    (project / "further" / "crashing.py").write_text(CRASHING)
    done = run_crashing(project, "--output-format", "json", "net", *words)
    assert found(done, project) == expected
    if any(code == "TPK009" for _, code, _ in expected):
        [crash] = [item for item in json.loads(done.stdout)["diagnostics"] if item["code"] == "TPK009"]
        assert crash["message"] == "TPK399 crashing failed on this file: IndexError: list index out of range"
        assert crash["help"] == "a fault of tpkg-lint, at crashing.py:12; please report it with the file"


def test_ignores_are_added_with_a_reason_and_are_enough(run: Run, project: Path) -> None:
    done = run("--add-ignore=known since June")
    assert (done.returncode, done.stderr) == (0, "3 findings kept quiet in 2 files\n")
    assert (project / "net/model.py").read_text().split("\n")[0] == (
        "import helpers  # tpkg: ignore[TPK101] -- known since June"
    )
    assert run("--select", "ALL").returncode == 0
    assert run("--add-ignore=again").stderr == "0 findings kept quiet in 0 files\n"


EXPORT = """\
from torch.package import PackageExporter

with PackageExporter("late.pt") as exporter:
    exporter.intern("net.**")
    exporter.save_module("net.table")
"""


@pytest.mark.parametrize(
    ("paths", "places"),
    [
        (["net/model.py"], {"net/model.py", "tpkg-lint.toml"}),
        (["net/table.py"], {"net/table.py", "tpkg-lint.toml"}),
        (["helpers.py"], {"tpkg-lint.toml"}),
        (["net/../net/table.py"], {"net/table.py", "tpkg-lint.toml"}),
        (["export.py"], {"net/model.py", "tpkg-lint.toml"}),
        (["tpkg-lint.toml"], {"net/model.py", "tpkg-lint.toml"}),
        (["helpers.py", "net"], {"net/model.py", "net/table.py", "tpkg-lint.toml"}),
        ([], {"net/model.py", "net/table.py", "tpkg-lint.toml"}),
    ],
)
def test_what_is_found_elsewhere_is_not_about_files_that_are_named(
    run: Run, project: Path, paths: list[str], places: set[str]
) -> None:
    """An export in a named file is looked at as a whole, and a configuration is wrong for each of its files."""
    (project / "export.py").write_text(EXPORT, encoding="utf-8")
    text = (project / "tpkg-lint.toml").read_text("utf-8").replace("actions = [", 'actions = [{ mock = "a**b" }, ')
    (project / "tpkg-lint.toml").write_text(text, encoding="utf-8")
    done = run("--output-format", "json", *paths)
    shown = {
        Path(os.path.normpath(project / path)).relative_to(project).as_posix() for path, _, _ in found(done, project)
    }
    assert shown == places
