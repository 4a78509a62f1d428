"""Clients that pull: results have ids, an edit elsewhere asks for another pull, nothing is pushed as well."""

from pathlib import Path

import pytest
from lsprotocol import types as lsp

from tests.e2e.lsp.client import Editor, connect


async def test_pull_and_refresh(puller: Editor) -> None:
    """What has not changed is said to be unchanged; a change in another file is announced by a refresh."""
    assert not puller.answer.capabilities.diagnostic_provider.workspace_diagnostics
    puller.open("demo.py")
    puller.open("pyproject.toml", language="toml")
    first = await puller.pull("demo.py")
    assert [item.code for item in first.items] == ["TPK101"] or first.items == ()
    await puller.until(lambda: bool(puller.heard) or bool(first.items))
    first = await puller.pull("demo.py")
    assert [item.code for item in first.items] == ["TPK101"]
    again = await puller.pull("demo.py", first.result_id)
    assert again.kind == "unchanged"
    n_refreshes = len(puller.heard)
    config = (puller.root / "pyproject.toml").read_text()
    puller.type("pyproject.toml", config.replace("  { intern", '  { intern = "other" },\n  { intern'))
    await puller.until(lambda: len(puller.heard) > n_refreshes)
    mended = await puller.pull("demo.py", first.result_id)
    assert mended.kind == "full"
    assert list(mended.items) == []
    assert puller.published == []


async def test_workspace_pull(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All files are reported, open or not, when that is what the person has chosen."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / ".cache"))
    pull = lsp.TextDocumentClientCapabilities(diagnostic=lsp.DiagnosticClientCapabilities())
    async with connect(project, text_document=pull, options={"diagnosticMode": "workspace"}) as editor:
        assert editor.answer.capabilities.diagnostic_provider.workspace_diagnostics
        report = await editor.client.workspace_diagnostic_async(lsp.WorkspaceDiagnosticParams(previous_result_ids=[]))
        found = {item.uri: [diagnostic.code for diagnostic in item.items] for item in report.items}
        assert found == {editor.uri("demo.py"): ["TPK101"]}


async def test_workspace_push(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for a client that is pushed to."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / ".cache"))
    async with connect(project, options={"diagnosticMode": "workspace"}) as editor:
        await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])
