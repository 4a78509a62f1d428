"""Editable installs: what their finders map is found where the interpreter finds it, and in its order."""

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tpkg_analyzer.scan.resolver import Resolver
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter

NAMES = ("mapped", "mapped.inner", "single", "both", "both.own", "bare", "gone", "onpath")
_QUESTION = """
import importlib.util, json, sys
answers = {}
for name in sys.argv[1:]:
    try:
        spec = importlib.util.find_spec(name)
    except ImportError:
        spec = None
    answers[name] = spec and spec.origin
print(json.dumps(answers))
"""
BACKENDS = {
    "setuptools": ('requires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"', ""),
    "hatchling": (
        'requires = ["hatchling"]\nbuild-backend = "hatchling.build"',
        '[tool.hatch.build]\ndev-mode-exact = true\n[tool.hatch.build.targets.wheel]\npackages = ["src/tiny"]',
    ),
    "hatchling-path": (
        'requires = ["hatchling"]\nbuild-backend = "hatchling.build"',
        '[tool.hatch.build.targets.wheel]\npackages = ["src/tiny"]',
    ),
    "setuptools-mapping": (
        'requires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"',
        '[tool.setuptools]\npackages = ["tiny"]\n[tool.setuptools.package-dir]\ntiny = "src/tiny"',
    ),
    "flit-core": (
        'requires = ["flit_core>=3.8"]\nbuild-backend = "flit_core.buildapi"',
        "",
    ),
    "poetry-core": (
        'requires = ["poetry-core>=2"]\nbuild-backend = "poetry.core.masonry.api"',
        '[tool.poetry]\npackages = [{ include = "tiny", from = "src" }]',
    ),
    "pdm-backend": (
        'requires = ["pdm-backend"]\nbuild-backend = "pdm.backend"',
        '[tool.pdm.build]\npackage-dir = "src"',
    ),
    "pdm-backend-hooks": (
        'requires = ["pdm-backend"]\nbuild-backend = "pdm.backend"',
        '[tool.pdm.build]\npackage-dir = "src"\neditable-backend = "editables"',
    ),
    "uv-build": ('requires = ["uv_build"]\nbuild-backend = "uv_build"', ""),
}


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """Make an empty virtual environment."""
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    return tmp_path / "env" / "bin" / "python"


def site_packages(python: Path) -> Path:
    """Return where the environment keeps its packages."""
    paths = {"base": str(python.parents[1]), "platbase": str(python.parents[1])}
    return Path(sysconfig.get_path("purelib", "venv", vars=paths))


def agree(python: Path, names: tuple[str, ...]) -> dict[str, str | None]:
    """Compare what is predicted with what the interpreter says, and return it."""
    answer = subprocess.run(
        [str(python), "-c", _QUESTION, *names], capture_output=True, text=True, check=True, cwd=python.parent
    )
    real: dict[str, str | None] = json.loads(answer.stdout)
    resolver = Resolver(Disk(), ask_interpreter.__wrapped__(str(python)), [])
    found = {name: resolver.find(name) for name in names}
    assert {name: item.path if item is not None else None for name, item in found.items()} == real
    return real


def write(folder: Path, *names: str) -> None:
    """Write empty modules."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")


def test_the_finder_that_setuptools_writes(python: Path, tmp_path: Path) -> None:
    """The finder is the one that the installed setuptools would install."""
    editable_wheel = pytest.importorskip("setuptools.command.editable_wheel")
    project, site = tmp_path / "project", site_packages(python)
    write(project, "lib/mapped/__init__.py", "lib/mapped/inner.py", "single.py", "bare/portion.py")
    write(project, "both/__init__.py", "both/own.py")
    write(site, "both/__init__.py", "onpath.py")
    mapping = {"mapped": "lib/mapped", "single": "single", "both": "both", "bare": "bare", "gone": "gone"}
    places = {name: str(project / target) for name, target in mapping.items()}
    finder = "__editable___tiny_1_0_finder"
    (site / f"{finder}.py").write_text(editable_wheel._finder_template(finder, places, {}))
    (site / "__editable__.tiny-1.0.pth").write_text(f"import {finder}; {finder}.install()")
    found = agree(python, NAMES)
    assert found["mapped.inner"] == str(project / "lib/mapped/inner.py")
    assert found["both"] == str(site / "both/__init__.py")  # the path comes before


def test_a_finder_with_redirections(python: Path, tmp_path: Path) -> None:
    """What hatchling and pdm-backend install keeps its table in `_redirections` and stands behind the path."""
    project, site = tmp_path / "project", site_packages(python)
    write(project, "lib/mapped/__init__.py", "lib/mapped/inner.py", "single.py", "both/__init__.py", "both/own.py")
    write(site, "both/__init__.py", "onpath.py")
    targets = {"mapped": "lib/mapped/__init__.py", "single": "single.py", "both": "both/__init__.py"}
    places = {name: str(project / target) for name, target in targets.items()}
    (site / "redirecting.py").write_text(
        "import importlib.util, sys\n"
        "class Finder:\n"
        f"    _redirections = {places!r}\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        "        place = cls._redirections.get(name)\n"
        "        return importlib.util.spec_from_file_location(name, place) if place else None\n"
        "sys.meta_path.append(Finder)\n"
    )
    (site / "redirecting.pth").write_text("import redirecting\n")
    found = agree(python, NAMES)
    assert found["mapped"] == places["mapped"]
    assert found["single"] == places["single"]


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_what_pip_installs(python: Path, tmp_path: Path, backend: str) -> None:
    project = tmp_path / "project"
    write(project / "src" / "tiny", "__init__.py", "inner.py", "lower/__init__.py")
    system, further = BACKENDS[backend]
    (project / "README.md").write_text("A tiny project.\n")
    (project / "pyproject.toml").write_text(
        '[project]\nname = "tiny"\nversion = "1.0"\ndescription = "A tiny project."\n'
        f"[build-system]\n{system}\n{further}\n"
    )
    installed = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "-e", str(project)],
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        pytest.skip(f"pip cannot install with {backend}: {installed.stderr.strip().splitlines()[-1]}")
    found = agree(python, ("tiny", "tiny.inner", "tiny.lower", "tiny.missing"))
    assert found["tiny.inner"] == str(project / "src/tiny/inner.py")
