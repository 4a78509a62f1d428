"""Wheel, source distribution and editable install: each holds what it should and works without torch."""

import importlib.metadata
import json
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.packaging.environments import ROOT, run

PACKAGES = {"tpkg_analyzer": "analyzer", "tpkg_server": "server", "tpkg_runtime": "runtime"}


def files_of_packages() -> set[str]:
    """List what the three packages hold in the checkout: code, type markers, data."""
    folders = [(ROOT / folder, ROOT / folder / package) for package, folder in PACKAGES.items()]
    found = {
        path.relative_to(top).as_posix() for top, folder in folders for path in folder.rglob("*") if path.is_file()
    }
    return {name for name in found if "__pycache__" not in name}


def metadata_of(wheel: Path) -> dict[str, bytes]:
    """Read the files of the wheel's metadata folder by their names."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" in name]
        return {name.partition(".dist-info/")[2]: archive.read(name) for name in names}


def code_in(wheel: Path) -> set[str]:
    """List the files of a wheel outside its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    """All code, the type markers and the data; no tests, no tools."""
    assert code_in(wheel) == files_of_packages()
    assert {f"{package}/py.typed" for package in PACKAGES} <= code_in(wheel)


def test_wheel_metadata(wheel: Path) -> None:
    """The base dependencies leave torch out, the licence is there, and both entry points."""
    files = metadata_of(wheel)
    metadata = message_from_bytes(files["METADATA"])
    required = metadata.get_all("Requires-Dist") or []
    assert [line for line in required if line.startswith("torch") and "extra == 'runtime'" not in line] == []
    assert any(line.startswith("torch") for line in required)
    assert metadata["Requires-Python"] == ">=3.10"
    assert "BSD 3-Clause" in files["licenses/LICENSE"].decode()
    assert b"tpkg-lint = tpkg_analyzer.cli.main:main" in files["entry_points.txt"]
    assert b"[tpkg_lint.commands]\nserver = tpkg_server.main:main" in files["entry_points.txt"]


def test_sdist_gives_the_same_wheel(wheel: Path, wheel_of_sdist: Path) -> None:
    """Nothing gets lost on the way through the source distribution."""
    assert wheel_of_sdist.name == wheel.name
    assert code_in(wheel_of_sdist) == code_in(wheel)
    assert metadata_of(wheel_of_sdist)["METADATA"] == metadata_of(wheel)["METADATA"]


def test_sdist_is_small(sdist: Path) -> None:
    """It holds what a build needs; no environment, no caches, no repository."""
    with tarfile.open(sdist) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    known = {*PACKAGES.values(), "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore", "PKG-INFO"}
    assert tops <= known


@pytest.mark.parametrize("environment", ["installed", "editable"])
def test_packages_import_without_torch(environment: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """All three, from where they should come."""
    python: Path = request.getfixturevalue(environment)
    code = f"import json, {', '.join(PACKAGES)}, importlib.util as u\n"
    code += f"print(json.dumps([u.find_spec('torch') is None] + [m.__file__ for m in ({', '.join(PACKAGES)})]))"
    without_torch, *places = json.loads(run([python, "-c", code], cwd=tmp_path))
    assert without_torch
    assert [Path(place).is_relative_to(ROOT) for place in places] == [environment == "editable"] * len(PACKAGES)


@pytest.mark.parametrize("environment", ["installed", "editable"])
def test_command_works_without_torch(environment: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """The version, a closure, a check that finds something, and the server's command."""
    python: Path = request.getfixturevalue(environment)
    command = python.with_name("tpkg-lint")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("import json\nimport app.layers\n")
    (tmp_path / "app" / "layers.py").write_text("SEEN = {}\n\n\ndef remember(key):\n    SEEN[key] = key\n")
    (tmp_path / "tpkg-lint.toml").write_text(
        '[[package]]\nname = "app"\nmodules = ["app"]\nactions = [{ intern = "app.**" }]\n',
        encoding="utf-8",
    )
    assert run([command, "--version"], cwd=tmp_path).split() == ["tpkg-lint", importlib.metadata.version("tpkg-lint")]
    listed = run([command, "closure", "--format", "json"], cwd=tmp_path)
    (package,) = json.loads(listed)["packages"]
    assert (package["interned"], package["externed"]) == (["app", "app.layers"], ["json"])
    found = json.loads(run([command, "check", "--exit-zero", "--output-format", "json"], cwd=tmp_path))
    assert "TPK301" in {diagnostic["code"] for diagnostic in found["diagnostics"]}
    assert "usage" in run([command, "server", "--help"], cwd=tmp_path)
