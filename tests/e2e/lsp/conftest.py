"""A real server over stdio, with a client that says what it can do as real editors say it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types as lsp

from tests.e2e.lsp.client import Editor, connect


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A package of two modules with a finding of the file alone, one of the closure, and one after an emoji."""
    (tmp_path / "pyproject.toml").write_text(
        '[[tool.tpkg-lint.package]]\nname = "demo"\nmodules = ["demo"]\nactions = [\n  { intern = "demo" },\n]\n'
    )
    (tmp_path / "demo.py").write_text("import importlib\nimport other\n\n\ndef load():\n    return other.LIMIT\n")
    (tmp_path / "other.py").write_text("LIMIT = 3\n")
    return tmp_path


@pytest_asyncio.fixture
async def editor(project: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Editor]:
    """A client that is pushed to."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / ".cache"))
    async with connect(project) as connected:
        yield connected


@pytest_asyncio.fixture
async def puller(project: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Editor]:
    """A client that pulls."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / ".cache"))
    pull = lsp.TextDocumentClientCapabilities(diagnostic=lsp.DiagnosticClientCapabilities())
    refresh = lsp.WorkspaceClientCapabilities(
        diagnostics=lsp.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    )
    async with connect(project, text_document=pull, workspace=refresh) as connected:
        yield connected
