"""Which files are looked at below a folder."""

from pathlib import Path

import pytest

from tpkg_analyzer.sources.listing import Choice, python_files


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    names = [
        ".git/config.py",
        ".gitignore",
        "a.py",
        "b.txt",
        "gen/out.py",
        "pkg/.gitignore",
        "pkg/keep.py",
        "pkg/skipped.py",
        "pkg/deep/also.py",
        ".venv/lib/site.py",
        "node_modules/x.py",
    ]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / ".gitignore").write_text("/gen/\n*.tmp.py\n")
    (tmp_path / "pkg/.gitignore").write_text("skipped.py\n")
    return tmp_path


def listed(
    start: Path, base: Path, *exclude: str, respect_gitignore: bool = True, is_forced: bool = False
) -> list[str]:
    found = python_files(start, Choice(base, exclude, respects_gitignore=respect_gitignore, is_forced=is_forced))
    return [path.relative_to(base).as_posix() for path in found]


def test_what_git_ignores_and_environments_are_left_out(tree: Path) -> None:
    assert listed(tree, tree) == ["a.py", "pkg/deep/also.py", "pkg/keep.py"]


def test_gitignore_can_be_passed_over(tree: Path) -> None:
    assert listed(tree, tree, respect_gitignore=False) == [
        "a.py",
        "gen/out.py",
        "pkg/deep/also.py",
        "pkg/keep.py",
        "pkg/skipped.py",
    ]


def test_a_subfolder_obeys_the_files_above_it(tree: Path) -> None:
    (tree / "pkg/deep/x.tmp.py").touch()
    assert listed(tree / "pkg", tree) == ["pkg/deep/also.py", "pkg/keep.py"]


def test_own_patterns_are_those_of_gitignore(tree: Path) -> None:
    assert listed(tree, tree, "pkg/*", "!pkg/keep.py") == ["a.py", "pkg/keep.py"]


def test_a_file_that_is_named_is_in(tree: Path) -> None:
    assert listed(tree / "gen/out.py", tree) == ["gen/out.py"]


@pytest.mark.parametrize(
    ("path", "exclude"), [("gen/out.py", ()), ("pkg/keep.py", ("pkg/",)), (".venv/lib/site.py", ())]
)
def test_a_file_that_is_named_is_left_out_where_that_is_forced(tree: Path, path: str, exclude: tuple[str, ...]) -> None:
    assert listed(tree / path, tree, *exclude) == [path]
    assert listed(tree / path, tree, *exclude, is_forced=True) == []
    assert listed(tree / "a.py", tree, *exclude, is_forced=True) == ["a.py"]


def test_patterns_are_relative_to_the_project_also_below_it(tree: Path) -> None:
    assert listed(tree / "pkg", tree, "pkg/deep/") == ["pkg/keep.py"]


def test_links_in_circles_end(tree: Path) -> None:
    (tree / "pkg/deep/up").symlink_to(tree, target_is_directory=True)
    assert listed(tree, tree) == ["a.py", "pkg/deep/also.py", "pkg/keep.py"]
