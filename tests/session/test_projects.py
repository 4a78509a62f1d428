"""Each file belongs to the nearest configuration above it."""

from pathlib import Path

import pytest

from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.session.projects import Asked, find_projects

PACKAGE = '[[package]]\nname = "{0}"\nmodules = ["{0}"]\n'


@pytest.fixture
def monorepo(tmp_path: Path) -> Path:
    texts = {
        "pyproject.toml": "[project]\nname = 'all'\n",
        "tool.py": "",
        "one/tpkg-lint.toml": PACKAGE.format("one"),
        "one/one.py": "",
        "one/inner/deep.py": "",
        "two/pyproject.toml": "[tool.tpkg-lint]\nexclude = ['gen']\n",
        "two/.tpkg-lint.toml": PACKAGE.format("two"),
        "two/two.py": "",
        "empty/tpkg-lint.toml": PACKAGE.format("empty"),
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def projects(base: Path, *paths: str, config: Path | None = None) -> dict[str, list[str]]:
    found = find_projects([base / path for path in paths], Asked(config))
    return {
        project.config.root.relative_to(base).as_posix(): [path.relative_to(base).as_posix() for path in project.files]
        for project in found
    }


def test_files_are_grouped_by_the_nearest_configuration(monorepo: Path) -> None:
    assert projects(monorepo, ".") == {
        ".": ["tool.py"],
        "empty": [],
        "one": ["one/inner/deep.py", "one/one.py"],
        "two": ["two/two.py"],
    }


@pytest.mark.parametrize(
    ("paths", "parts"),
    [
        (["one/one.py"], {"one": True}),
        (["one/one.py", "two/two.py", "tool.py"], {"one": True, "two": True, ".": True}),
        (["one/one.py", "two"], {"one": True, "two": False}),
        (["one/one.py", "one/inner"], {"one": False}),
        (["one/tpkg-lint.toml", "one/one.py"], {"one": False}),
        (["one/one.py", "."], {"one": False, "two": False, "empty": False, ".": False}),
    ],
)
def test_files_that_are_named_are_a_part_of_a_project(monorepo: Path, paths: list[str], parts: dict[str, bool]) -> None:
    found = find_projects([monorepo / path for path in paths])
    assert {item.config.root.relative_to(monorepo).as_posix(): item.is_part for item in found} == parts


def test_our_own_files_win_over_pyproject(monorepo: Path) -> None:
    [project] = find_projects([monorepo / "two"])
    assert [package.name for package in project.config.packages] == ["two"]


def test_a_folder_below_belongs_to_the_configuration_above(monorepo: Path) -> None:
    assert projects(monorepo, "one/inner") == {"one": ["one/inner/deep.py"]}


def test_a_given_configuration_is_the_only_one(monorepo: Path) -> None:
    found = projects(monorepo, "one/one.py", "two/two.py", config=monorepo / "one/tpkg-lint.toml")
    assert found == {"one": ["one/one.py", "two/two.py"]}


def test_a_path_that_is_not_there(monorepo: Path) -> None:
    with pytest.raises(ConfigError, match="there is no file or folder"):
        find_projects([monorepo / "three"])


def test_without_a_configuration_a_package_is_imported_from_around_it(tmp_path: Path) -> None:
    """And folders that have nothing to do with each other are projects of their own."""
    for name in ("app/__init__.py", "app/inner/__init__.py", "app/inner/a.py", "scripts/run.py", "tools/go.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    around = {".": ["app/inner/a.py"]}
    assert projects(tmp_path, "app/inner/a.py") == around
    assert list(projects(tmp_path, "app/inner")) == list(projects(tmp_path, "app")) == ["."]
    assert projects(tmp_path, "scripts", "tools/go.py") == {"scripts": ["scripts/run.py"], "tools": ["tools/go.py"]}
