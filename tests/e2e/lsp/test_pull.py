"""Clients that pull: results have ids, an edit elsewhere asks for another pull, nothing is pushed as well."""

from pathlib import Path

import pytest
from lsprotocol import types as lsp

from tests.e2e.lsp.client import Editor, connect
from tests.e2e.lsp.wire import wire


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


@pytest.mark.parametrize("mode", ["openFilesOnly", "workspace"])
async def test_the_first_answer_is_whole(project: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """Who cannot be asked to pull again gets what closures tell with what the file itself does, at first and later."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / ".cache"))
    text = 'import importlib\nimport other\nx = importlib.import_module("other")\n'
    (project / "demo.py").write_text(text)
    pull = lsp.TextDocumentClientCapabilities(diagnostic=lsp.DiagnosticClientCapabilities())
    async with connect(project, text_document=pull, options={"diagnosticMode": mode}) as editor:
        editor.open("demo.py")
        if mode == "workspace":
            ask = editor.client.workspace_diagnostic_async
            [report] = (await ask(lsp.WorkspaceDiagnosticParams(previous_result_ids=[]))).items
            assert [item.code for item in report.items] == ["TPK101", "TPK202"]
        first = await editor.pull("demo.py")
        assert [item.code for item in first.items] == ["TPK101", "TPK202"]
        editor.type("demo.py", text.replace("import other\n", ""))
        mended = await editor.pull("demo.py", first.result_id)
        assert [item.code for item in mended.items] == ["TPK202"]
        editor.type("demo.py", "import third\n" + text)
        (project / "third.py").write_text("")
        event = lsp.FileEvent(editor.uri("third.py"), lsp.FileChangeType.Created)
        editor.client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([event]))
        more = await editor.pull("demo.py", mended.result_id)
        assert [(item.code, item.range.start.line) for item in more.items] == [
            ("TPK101", 0),
            ("TPK101", 2),
            ("TPK202", 3),
        ]
    assert editor.published == []


async def test_workspace_pull_later(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who registers capabilities at any time can be asked to pull all files, and not to, while the session runs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / ".cache"))
    pull = lsp.TextDocumentClientCapabilities(diagnostic=lsp.DiagnosticClientCapabilities(dynamic_registration=True))
    async with connect(project, text_document=pull) as editor:
        assert editor.answer.capabilities.diagnostic_provider is None
        told = (lsp.CLIENT_REGISTER_CAPABILITY, lsp.CLIENT_UNREGISTER_CAPABILITY)

        def announced() -> list[tuple[str, bool | None]]:
            return [
                (item.method, getattr(item, "register_options", {}).get("workspaceDiagnostics"))
                for method, params in editor.heard
                if method in told
                for item in getattr(params, "registrations", None) or params.unregisterations
            ]

        method = lsp.TEXT_DOCUMENT_DIAGNOSTIC
        await editor.until(lambda: announced() == [(method, False)])
        editor.open("demo.py")
        await editor.pull("demo.py")
        change = lsp.DidChangeConfigurationParams(settings={"tpkg-lint": {"diagnosticMode": "workspace"}})
        editor.client.workspace_did_change_configuration(change)
        await editor.until(lambda: announced() == [(method, False), (method, None), (method, True)])
        report = await editor.client.workspace_diagnostic_async(lsp.WorkspaceDiagnosticParams(previous_result_ids=[]))
        found = {item.uri: [diagnostic.code for diagnostic in item.items] for item in report.items}
        assert found == {editor.uri("demo.py"): ["TPK101"]}
        for mode in ("openFilesOnly", "workspace", "off"):  # faster than the client answers
            change = lsp.DidChangeConfigurationParams(settings={"tpkg-lint": {"diagnosticMode": mode}})
            editor.client.workspace_did_change_configuration(change)
        await editor.until(lambda: announced()[3:] == [(method, None), (method, False)])
        await editor.command("tpkg-lint.debugInformation")
        assert len(announced()) == 5


async def test_a_client_that_refuses_is_pushed_to(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who says that capabilities can be registered, and lets none be, sees findings all the same."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / ".cache"))

    def refuse(editor: Editor, method: str, result: object = None) -> object:
        def handler(params: object) -> object:
            if method == lsp.CLIENT_REGISTER_CAPABILITY:
                raise RuntimeError("no")
            return heard(editor, method, result)(params)

        return handler

    heard = Editor._on
    monkeypatch.setattr(Editor, "_on", refuse)
    pull = lsp.TextDocumentClientCapabilities(diagnostic=lsp.DiagnosticClientCapabilities(dynamic_registration=True))
    async with connect(project, text_document=pull) as editor:
        editor.open("demo.py")
        await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])


async def test_workspace_pull_in_parts(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gives tokens gets the reports as they come, sees that something goes on, and an empty answer at the end."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / ".cache"))
    capabilities = {"textDocument": {"diagnostic": {}}, "window": {"workDoneProgress": True}}
    async with wire() as raw:
        await raw.initialize(project, capabilities=capabilities, initializationOptions={"diagnosticMode": "workspace"})
        params = {"previousResultIds": [], "partialResultToken": "parts", "workDoneToken": "work"}
        raw.send({"id": 1, "method": "workspace/diagnostic", "params": params})
        assert (await raw.receive(1))["result"]["items"] == []
    told = [item["params"] for item in raw.notifications if item["method"] == "$/progress"]
    assert [item["value"]["kind"] for item in told if item["token"] == "work"] == ["begin", "end"]
    [part] = [item["value"]["items"] for item in told if item["token"] == "parts"]
    assert [(item["uri"], [found["code"] for found in item["items"]]) for item in part] == [
        ((project / "demo.py").as_uri(), ["TPK101"])
    ]


async def test_workspace_push(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for a client that is pushed to."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / ".cache"))
    async with connect(project, options={"diagnosticMode": "workspace"}) as editor:
        await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])


async def test_no_refresh_for_what_is_pulled_anyway(puller: Editor) -> None:
    """A client pulls by itself what was edited; asking it to pull everything again is for other files."""
    puller.open("demo.py")
    await puller.pull("demo.py")
    await puller.until(lambda: any(method == lsp.WORKSPACE_DIAGNOSTIC_REFRESH for method, _ in puller.heard))
    await puller.pull("demo.py")
    n_refreshes = len(puller.heard)
    text = "import importlib\nimport other\n\n\ndef load():\n    return other.LIMIT\n"
    for row, codes in (('x = importlib.import_module("other")\n', ["TPK101", "TPK202"]), ("", ["TPK101"])):
        puller.type("demo.py", text + row)
        found = await puller.pull("demo.py")
        assert [item.code for item in found.items] == codes
    assert len(puller.heard) == n_refreshes
