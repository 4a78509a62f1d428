"""Little projects on disk: a tree of files as a dict, importable while a test runs."""

import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

Project = Callable[[dict[str, str | bytes]], Path]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A function that writes files to a folder on `sys.path`; what was imported from there is forgotten afterwards."""
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.syspath_prepend(str(root))

    def write(files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            data = content if isinstance(content, bytes) else textwrap.dedent(content).encode()
            path.write_bytes(data)
        return root

    yield write
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__path__", None)
        places = [getattr(module, "__file__", None), *(path if isinstance(path, Iterable) else [])]
        if any(isinstance(place, str) and place.startswith(str(root)) for place in places):
            sys.modules.pop(name, None)
