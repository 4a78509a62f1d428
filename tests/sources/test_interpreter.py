"""An interpreter describes itself without importing what somebody has installed."""

import os
import sys
from pathlib import Path

import pytest

from tpkg_analyzer.sources.interpreter import ask_interpreter

# As the finder of setuptools does for the distutils that it brings.
CUSTOMIZE = """
import importlib.util, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "this":
            module = importlib.import_module("bringing._inner.this")
            return importlib.util.spec_from_loader("this", None, origin=module.__file__)
        if name == "antigravity":
            importlib.import_module("nothing.at.all")
sys.meta_path.insert(0, Finder())
"""


def test_a_finder_that_imports_what_it_serves_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "bringing" / "_inner"
    inner.mkdir(parents=True)
    (tmp_path / "bringing" / "__init__.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w').close()\n")
    (inner / "__init__.py").touch()
    (inner / "this.py").write_text("import nowhere\n")
    (tmp_path / "sitecustomize.py").write_text(CUSTOMIZE)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), *sys.path)))
    monkeypatch.chdir(tmp_path)
    found = ask_interpreter.__wrapped__(sys.executable)
    assert found.redirected["this"] == str(inner / "this.py")
    assert "antigravity" not in found.redirected
    assert not [*tmp_path.rglob("imported")]
    assert "open" in found.contents["builtins"]
