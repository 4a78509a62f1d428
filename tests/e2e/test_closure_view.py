"""The picture of a closure in a real browser, and that its script is the one that its sources give."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scan.shop import INTERN, MAIN, TREE, predicted
from tests.scan.trees import environment
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.render.graph_html import render_html
from tpkg_analyzer.scan.closure import build_closure
from tpkg_runtime.spec.actions import TPKG, Action

ROOT = Path(__file__).parents[2]
VIEW = ROOT / "editors" / "closure-view"
ASSETS = ROOT / "analyzer" / "tpkg_analyzer" / "render" / "assets"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("closure-view")]


@pytest.fixture(scope="module")
def view() -> Iterator[Path]:
    """The sources of the view with what they are built with; where npm cannot bring it, there is nothing to test."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm")
    if not (VIEW / "node_modules" / "playwright-core").is_dir():
        done = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund"], cwd=VIEW, capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.skip(f"npm cannot install what the view is built with: {done.stderr.strip()[-200:]}")
    return VIEW


def large() -> str:
    """Return the page of a package of three thousand modules with about twenty thousand imports."""
    tree = {"big/__init__.py": ""}
    for group in range(30):
        tree[f"big/p{group}/__init__.py"] = ""
        for number in range(100):
            near = [f"from big.p{group} import m{number + step}\n" for step in (1, 2, 3) if number + step < 100]
            far = [f"import big.p{(group + step) % 30}.m{number * step % 100}\n" for step in (1, 7, 11, 13)]
            tree[f"big/p{group}/m{number}.py"] = "def late():\n" + "".join(f"    {line}" for line in near + far)
    root = Root(RootKind.MODULE, "big.p0.m0")
    package = Package("big", Place(None), (ActionCall(Action.INTERN, ("big.**",)), root))
    closure = build_closure(package, environment(tree), TPKG)  # too long a chain for the original
    return render_html(closure, Path("/project"))


def test_the_bundle_is_what_its_sources_give(view: Path, tmp_path: Path) -> None:
    subprocess.run(["node", "build.mjs", str(tmp_path)], cwd=view, check=True)
    for made in tmp_path.iterdir():
        assert made.read_text("utf-8") == (ASSETS / made.name).read_text("utf-8"), f"run `npm run build` in {view}"
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in ASSETS.iterdir()}


def test_the_sources_have_no_wrong_types(view: Path) -> None:
    done = subprocess.run(["npm", "run", "--silent", "check"], cwd=view, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_page_works_in_a_browser(view: Path, tmp_path: Path) -> None:
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip("there is no Chromium")
    small = tmp_path / "small.html"
    package = Package("shop", Place(None), (INTERN, MAIN))
    small.write_text(render_html(predicted(TREE, package)[0], Path("/project")), encoding="utf-8")
    (tmp_path / "large.html").write_text(large(), encoding="utf-8")
    pages = {"SMALL": str(small), "LARGE": str(tmp_path / "large.html"), "CHROMIUM": browser}
    command = ["node", "--test", "test/page.test.mjs"]
    done = subprocess.run(command, cwd=view, env={**os.environ, **pages}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
