"""All rules over files that nobody wrote for them: none crashes, and every fix settles its finding there as well."""

import random
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from tpkg_analyzer.analyze.edits import apply_edits
from tpkg_analyzer.session.fixing import findings_of, with_texts
from tpkg_analyzer.session.projects import find_projects, open_project
from tpkg_analyzer.session.session import Session
from tpkg_analyzer.sources.files import Disk, exact_text
from tpkg_analyzer.sources.interpreter import ask_interpreter

LIBRARIES = ("libcst", "networkx", "sympy", "torch")
MOST_FILES = 40
MOST_FIXES = 5
PACKAGE = """
[[package]]
name = "sample"
modules = [{modules}]
actions = [{{ intern = ["sample.**"] }}, {{ extern = ["**"] }}]
"""


def sampled_from(library: str, seed: int) -> list[Path]:
    """Return files of an installed library, drawn at random; none where it is not installed."""
    search_path = ask_interpreter(sys.executable).search_path
    folder = next((Path(root, library) for root in search_path if Path(root, library).is_dir()), None)
    files = sorted(folder.rglob("*.py")) if folder else []
    return random.Random(seed).sample(files, min(MOST_FILES, len(files)))


@pytest.fixture(params=LIBRARIES)
def session(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Session, list[Path]]:
    """A project whose package interns copies of files of a library."""
    sources = sampled_from(request.param, seed=7)
    if not sources:
        pytest.skip(f"{request.param} is not installed")
    folder = tmp_path / "sample"
    folder.mkdir()
    names = [f"part{number}" for number in range(len(sources))]
    for name, source in zip(names, sources, strict=True):
        shutil.copyfile(source, folder / f"{name}.py")
    (folder / "__init__.py").write_text("\n".join(f"def use_{name}():\n    from . import {name}\n" for name in names))
    (tmp_path / "tpkg-lint.toml").write_text(PACKAGE.format(modules='"sample"'))
    [project] = find_projects([tmp_path])
    return open_project(project, sys.executable, use_cache=False), project.files


@pytest.mark.slow
def test_no_rule_crashes(session: tuple[Session, list[Path]]) -> None:
    """A crash is raised here; there are findings, so that the rules did look."""
    assert findings_of(*session)


@pytest.mark.slow
def test_fixes_settle_their_findings(session: tuple[Session, list[Path]]) -> None:
    """Each by itself: what it is for is gone, the files parse, and nothing but what it uncovers is new."""
    opened, files = session
    found = findings_of(opened, files)
    before = Counter(item.identity for item in found)
    fixable = [item for item in found if item.fix is not None]
    for finding in random.Random(7).sample(fixable, min(MOST_FIXES, len(fixable))):
        assert finding.fix is not None
        texts = {}
        for path in {edit.path for edit in finding.fix.edits}:
            edits = [edit for edit in finding.fix.edits if edit.path == path]
            texts[path] = apply_edits(exact_text(Disk(), path) or "", edits)
        left = Counter(item.identity for item in findings_of(with_texts(opened, texts), files))
        assert left[finding.identity] < before[finding.identity], finding
        new = left - before
        assert not any(code == "TPK001" or code == finding.code for code, *_ in new), (finding, new)
