"""`tpkg-lint index` imports what is installed for real, and later predictions rest on it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TPKG_LINT = Path(sys.executable).with_name("tpkg-lint")

pytestmark = pytest.mark.torch


def run(folder: Path, *words: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(path)} if path is not None else {}
    return subprocess.run(
        [TPKG_LINT, *words, "--python", sys.executable],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **environment},
    )


def install(folder: Path, name: str, files: dict[str, str]) -> None:
    """Lay out a distribution as an installer leaves it."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"{path},,\n" for path in files))


@pytest.mark.slow
def test_what_was_seen_decides_later(tmp_path: Path) -> None:
    site, project = tmp_path / "site", tmp_path / "project"
    odd = "import os\nif len(os.listdir('/')) > 0 or print():\n    raise OSError('no driver')\n"
    hung = "import time\ntime.sleep(600)\n"
    maker = "import sys, types\nfor part in ('a', 'b'):\n    sys.modules[f'maker.{part}'] = types.ModuleType(part)\n"
    install(site, "odd", {"odd/__init__.py": odd, "odd/part.py": ""})
    install(site, "hung", {"hung.py": hung})
    install(site, "maker", {"maker/__init__.py": "__import__('ma' 'ker.' + 'hidden')\n", "maker/hidden.py": maker})
    project.mkdir()
    (project / "pyproject.toml").write_text('[tool.tpkg-lint]\ncache-dir = "cache"\n')
    (project / "own.py").write_text("def f():\n    import odd, hung\n    from maker import a\n")
    asked = ("closure", "--module", "own", "--intern", "own", "--extern", "**", "--format", "json")

    done = run(project, "index", "odd", "hung", "maker", "--limit", "2", path=site)
    assert done.returncode == 0, done.stderr
    assert "odd (odd): OSError: no driver" in done.stdout
    assert "nothing is known of hung: its import took too long for --limit" in done.stderr
    assert "imported 3 modules of 3 distributions: 1 fails, 2 more are made" in done.stderr

    (package,) = json.loads(run(project, *asked, path=site).stdout)["packages"]
    assert package["externed"] == ["hung", "maker.a"]
    reasons = {item["module"]: item["reason"] for item in package["dropped"]}
    assert reasons == {"odd": "OSError: no driver"}

    forgotten = run(project, "index", "maker", "--forget", path=site)
    assert forgotten.returncode == 0
    (package,) = json.loads(run(project, *asked, path=site).stdout)["packages"]
    assert [item["reason"] for item in package["dropped"]] == ["OSError: no driver (imported in line 3)"]


@pytest.mark.slow
def test_what_follows_from_what_was_seen_is_asked_as_well(tmp_path: Path) -> None:
    """Who asks a lazy package for a name of a module that fails, fails as well: known once that module has failed."""
    site, project = tmp_path / "site", tmp_path / "project"
    lazy = (
        "import importlib, os, sys, types\n\n\nclass More: ...\n\n\n"
        "class Lazy(types.ModuleType, More):\n    def __getattr__(self, name):\n"
        "        if name != 'Thing':\n            raise AttributeError(name)\n        try:\n"
        "            return importlib.import_module('lazy.part').Thing\n        except OSError:\n"
        "            raise RuntimeError('no Thing') from None\n\n\n"
        "place, spec = os.path.dirname(__file__), __spec__\nsys.modules[__name__] = made = Lazy(__name__)\n"
        "made.__path__, made.__spec__, made.__file__ = [place], spec, __file__\n"
    )
    part = "import odd\n\n\nclass Thing:\n    pass\n"
    install(
        site, "odd", {"odd.py": "import os\nif len(os.listdir('/')) > 0 or print():\n    raise OSError('no driver')\n"}
    )
    install(site, "lazy", {"lazy/__init__.py": lazy, "lazy/part.py": part, "lazy/user.py": "from lazy import Thing\n"})
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[tool.tpkg-lint]\ncache-dir = "cache"\n[[tool.tpkg-lint.package]]\nname = "own"\nmodules = ["own"]\n'
        'actions = [{ extern = "**" }]\n'
    )
    (project / "own.py").write_text("def f():\n    import lazy.user\n    import lazy.part\n")

    done = run(project, "index", "odd", "lazy", path=site)
    assert done.returncode == 0, done.stderr
    assert "lazy.user (lazy): RuntimeError: no Thing" in done.stdout
    (package,) = json.loads(run(project, "closure", "--format", "json", path=site).stdout)["packages"]
    assert package["externed"] == []
    assert not package["assumed"]


@pytest.mark.parametrize("limit", ["-1", "0", "nan", "inf", "soon"])
def test_a_limit_has_to_be_some_time(tmp_path: Path, limit: str) -> None:
    done = run(tmp_path, "index", f"--limit={limit}")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"`{limit}` is no number of seconds above zero" in done.stderr


def test_a_distribution_that_is_not_installed(tmp_path: Path) -> None:
    done = run(tmp_path, "index", "msgspek")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no distribution `msgspek` is installed" in done.stderr
    assert "did you mean `msgspec`?" in done.stderr


def test_all_names_of_a_compiled_module_are_known(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.tpkg-lint]\ncache-dir = "cache"\n')
    (tmp_path / "own.py").write_text("def f():\n    import versioned, nameless, ctypes\n")
    (tmp_path / "versioned.py").write_text("from _ctypes import __version__, Structure\n")
    (tmp_path / "nameless.py").write_text("from _ctypes import __nothing__\n")
    done = run(tmp_path, "index", "python")
    assert done.returncode == 0, done.stderr
    asked = ("closure", "--module", "own", "--intern", "own", "--extern", "**", "--format", "json")
    (package,) = json.loads(run(tmp_path, *asked).stdout)["packages"]
    assert package["externed"] == ["ctypes", "versioned"]
    assert [item["module"] for item in package["dropped"]] == ["nameless"]
