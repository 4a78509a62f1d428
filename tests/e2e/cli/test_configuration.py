"""Where settings come from, and how they are shown."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import tomllib

ROOT = Path(__file__).parents[3]
TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")
PROJECT = {
    "shared/base.toml": 'ignore = ["TPK301"]\nseverity = { TPK101 = "warning" }\nsrc = ["lib"]\n\n'
    '[[package]]\nname = "net"\nmodules = ["net.model"]\nactions = [{ intern = "net.**" }]\n',
    "shared/lib/helpers.py": "",
    "app/tpkg-lint.toml": 'extend = "../shared/base.toml"\nsrc = [".", "../shared/lib"]\nextend-exclude = ["gen"]\n',
    "app/net/__init__.py": "",
    "app/net/model.py": "import helpers\n\nCACHE = {}\n\n\ndef put(key):\n    CACHE[key] = 1\n",
    "app/gen/x.py": "",
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "app"


def run(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [TPKG_LINT, *words]
    variables = {**os.environ, **variables}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=variables, check=False)


def found(folder: Path, *words: str) -> dict[str, str]:
    done = run(folder, "check", "--python", sys.executable, "--output-format", "json", *words)
    assert not done.stderr
    return {item["code"]: item["severity"] for item in json.loads(done.stdout)["diagnostics"]}


def test_a_file_extends_another_one(app: Path) -> None:
    assert found(app, "--select", "TPK101,TPK301") == {"TPK101": "warning"}


def test_the_command_line_sets_keys(app: Path) -> None:
    select = ("--select", "TPK101,TPK301")
    assert found(app, *select, "--config", "ignore = []") == {"TPK101": "warning", "TPK301": "warning"}
    assert found(app, *select, "--config", "severity.TPK101 = 'info'") == {"TPK101": "info"}
    assert found(app, *select, "--isolated") == {}
    assert found(app, *select, "--config", str(app.parent / "shared/base.toml")) == {}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--config", "selct = []"], "--config `selct = []`: unknown key `selct`\n  help: did you mean `select`?"),
        (["--config", "src = 3"], "`src`: expected `array`, got `int`"),
        (["--config", "src = ["], "this is not TOML"),
        (["--config", "package = []"], "`package` belongs in a file"),
        (["--config", "a.toml", "--config", "b.toml"], "--config names one file at most"),
        (["--isolated", "--config", "tpkg-lint.toml"], "--isolated reads no file"),
    ],
)
def test_what_cannot_be_set_is_said(app: Path, words: list[str], message: str) -> None:
    done = run(app, "check", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extend = "tpkg-lint.toml"\n', "tpkg-lint.toml:1:10: `extend` leads back to "),
        ('extend = "nope.toml"\n', "nope.toml, which "),
        ('extend = "pyproject.toml"\n', "has no table [tool.tpkg-lint]"),
        ('required-version = ">=99"\n', "this project requires tpkg-lint >=99, and this is "),
        ('required-version = "new"\n', "`new` is no version specifier"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "tpkg-lint.toml").write_text(text)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    done = run(tmp_path, "check")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_shown_settings_are_a_configuration(app: Path) -> None:
    shown = run(app, "check", "--show-settings", "--config", "ignore = ['TPK2']").stdout
    settings = tomllib.loads(shown)
    assert shown.startswith(f"# {app / 'tpkg-lint.toml'}\n")
    assert settings["ignore"] == ["TPK2"]
    assert settings["extend-exclude"] == ["gen"]
    assert settings["package"][0]["actions"][0]["intern"] == "net.**"
    (app / "tpkg-lint.toml").write_text(shown.replace('["TPK2"]', '["TPK301"]'))
    assert found(app, "--select", "TPK101,TPK301") == {"TPK101": "warning"}


def test_shown_files_are_those_that_are_checked(app: Path) -> None:
    assert run(app, "check", "--show-files").stdout.splitlines() == ["net/__init__.py", "net/model.py"]
    assert run(app, "check", "--show-files", "gen/x.py").stdout == "gen/x.py\n"
    assert run(app, "check", "--show-files", "--force-exclude", "gen/x.py").stdout == ""


def test_variables_set_format_and_cache(app: Path) -> None:
    done = run(app, "check", "--python", sys.executable, TPKG_LINT_OUTPUT_FORMAT="pylint", TPKG_LINT_CACHE_DIR="cache")
    assert done.stdout.startswith("net/model.py:1: [TPK101(no-action)]")
    assert list((app / "cache").iterdir())
    wrong = run(app, "check", TPKG_LINT_OUTPUT_FORMAT="jsn")
    assert (wrong.returncode, "did you mean `json`?" in wrong.stderr) == (2, True)
    cleaned = run(app, "clean", TPKG_LINT_CACHE_DIR="cache")
    assert f" MB from {app / 'cache'}" in cleaned.stdout
    assert not list((app / "cache").glob("v*/*.sqlite"))


def test_the_number_of_processes_is_a_number(app: Path) -> None:
    alone = run(app, "check", "--python", sys.executable, "--jobs", "1")
    assert (alone.returncode, alone.stderr.startswith("0 error")) == (1, False)
    assert run(app, "check", "--jobs", "none").returncode == 2
    wrong = run(app, "check", TPKG_LINT_JOBS="0")
    assert (wrong.returncode, "TPKG_LINT_JOBS: `0` is no number of processes" in wrong.stderr) == (2, True)


def test_without_the_cache_nothing_is_left(app: Path) -> None:
    run(app, "check", "--python", sys.executable, "--no-cache", TPKG_LINT_CACHE_DIR="cache")
    assert not (app / "cache").exists()


def test_keys_are_explained(tmp_path: Path) -> None:
    assert "folders that first-party modules are imported from" in run(tmp_path, "config", "src").stdout
    assert "package.actions.allow-empty\n" in run(tmp_path, "config", "package.actions").stdout
    assert json.loads(run(tmp_path, "config", "fail-on", "--output-format", "json").stdout)[0]["default"] == '"warning"'
    wrong = run(tmp_path, "config", "exclud-files")
    assert (wrong.returncode, "there is no key" in wrong.stderr) == (2, True)


def test_the_schema_admits_what_the_command_admits(tmp_path: Path) -> None:
    schema = json.loads(run(tmp_path, "config", "--schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for example in (ROOT / "examples").glob("*/pyproject.toml"):
        table = tomllib.loads(example.read_text("utf-8"))["tool"].get("tpkg-lint", {})
        assert not list(validator.iter_errors(table)), example
    for wrong in ("selct = []", "runtime = 'jax'", "src = 3", "[[package]]\nmodules = []"):
        assert list(validator.iter_errors(tomllib.loads(wrong))), wrong


def test_every_command_and_option_can_be_completed(tmp_path: Path) -> None:
    script = run(tmp_path, "completion", "bash").stdout
    asked = 'COMP_WORDS=(tpkg-lint check --extend-); COMP_CWORD=2; COMP_LINE="${COMP_WORDS[*]}"; '
    asked += "_shtab_tpkg_lint; echo ${COMPREPLY[@]}"
    done = subprocess.run(["bash", "-c", f"{script}\n{asked}"], capture_output=True, text=True, check=False)
    assert set(done.stdout.split()) == {"--extend-select", "--extend-ignore"}


def test_help_fits_a_screen(tmp_path: Path) -> None:
    lines = run(tmp_path, "check", "--help", COLUMNS="110").stdout.splitlines()
    assert len(lines) <= 75
    assert max(map(len, lines)) <= 110


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'select = ["TPK301", "TPK999"]',
            "2:21: there is no rule `TPK999`\n  help: `tpkg-lint rule` lists all rules\n",
        ),
        (
            'per-file-ignores = {"a.py" = ["TPK3o1"]}',
            "2:31: there is no rule `TPK3o1`\n  help: did you mean `TPK301`?\n",
        ),
        ("[tool.tpkg-lint.severity]\nTPK999 = 'off'", "3:10: there is no rule `TPK999`\n"),
        ('ignore = ["TPK002"]', "2:11: `ignore` names `TPK002`"),
        ('python = "nope"', "2:10: there is no interpreter at "),
        ('required-version = ">9"', "2:20: this project requires tpkg-lint >9"),
        ('required-version = "new"', "2:20: `required-version`: `new` is no version specifier"),
    ],
)
def test_what_is_wrong_with_a_value_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    table = "[tool.tpkg-lint]\n"
    (tmp_path / "pyproject.toml").write_text(f"{table}{text}\n")
    for words in ((), ("--ignore", "TPK111")):
        done = run(tmp_path, "check", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"tpkg-lint: {tmp_path / 'pyproject.toml'}:{said}")
    (tmp_path / "pyproject.toml").rename(tmp_path / "other.toml")
    (tmp_path / "other.toml").write_text(f"{text.replace('tool.tpkg-lint.', '')}\n")
    (tmp_path / "pyproject.toml").write_text(f'{table}extend = "other.toml"\n')
    line, column = said.split(":")[:2]
    place = f"{tmp_path / 'other.toml'}:{int(line) - 1}:{column}: "
    assert run(tmp_path, "check").stderr.startswith(f"tpkg-lint: {place}")
    (tmp_path / "pyproject.toml").write_text(table)
    assert run(tmp_path, "check", "--select", "TPK999").stderr.startswith("tpkg-lint: there is no rule `TPK999`\n")


def test_a_table_that_is_nearly_ours_is_told(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "a.py").write_text("X = 1\n")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n[[tool.tpkg_lint.package]]\nname = 'x'\n")
    place = f"{tmp_path / 'pyproject.toml'}:3:8"
    said = f"tpkg-lint: {place}: the table [tool.tpkg_lint] is read by nobody; is it meant for [tool.tpkg-lint]?\n"
    assert run(tmp_path, "check", "shop").stderr == f"{said}no findings; 1 file checked\n"
    assert run(tmp_path, "check", "--isolated").stderr == "no findings; 1 file checked\n"


def test_a_file_in_place_of_a_module(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "main.py").touch()
    table = '[[package]]\nname = "p"\nmodules = ["./shop/main.py"]\nactions = [{ intern = "**" }]\n'
    (tmp_path / "tpkg-lint.toml").write_text(table)
    assert "help: name the module and not its file: `shop.main`" in run(tmp_path, "check").stdout
