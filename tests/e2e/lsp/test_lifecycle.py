"""Beginnings, ends, and what goes wrong in between; one by one."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from tests.e2e.lsp.client import PATIENCE, SERVER, Editor, connect, plain
from tests.e2e.lsp.wire import wire

N_TUPLES = 100_000


@pytest.mark.parametrize("options", [None, [], "text", {"tpkg-lint": {"debounce": "soon", "delay": 1, "new": 1}}])
async def test_odd_initialization_options(project: Path, options: Any) -> None:
    """Null, other types, wrong values and unknown keys leave the defaults."""
    async with wire() as raw:
        answer = await raw.initialize(project, initializationOptions=options)
        assert answer["result"]["serverInfo"]["name"] == "tpkg-lint"
        kind = lsp.TextDocumentSyncKind.Incremental.value
        assert answer["result"]["capabilities"]["textDocumentSync"]["change"] == kind


async def test_requests_at_the_wrong_time_or_of_the_wrong_form(project: Path) -> None:
    """Each is answered with the error that JSON-RPC and LSP have for it, and the session goes on."""
    async with wire() as raw:
        hover = {"textDocument": {"uri": "file:///gone.py"}, "position": {"line": 0, "character": 0}}
        raw.send({"id": 1, "method": "textDocument/hover", "params": hover})
        assert (await raw.receive(1))["error"]["code"] == -32002
        await raw.initialize(project)
        again = {"processId": None, "rootUri": None, "capabilities": {}}
        raw.send({"id": 7, "method": "initialize", "params": again})
        assert (await raw.receive(7))["error"]["code"] == -32600
        raw.send("{this is not JSON")
        assert (await raw.receive(None))["error"]["code"] == -32700
        raw.send({"id": 2, "method": "textDocument/hover", "params": {"position": 7}})
        assert (await raw.receive(2))["error"]["code"] == -32602
        raw.send({"id": 3, "method": "tpkg/unknown", "params": {}})
        assert (await raw.receive(3))["error"]["code"] == -32601
        raw.send({"method": "tpkg/unknown", "params": {}})
        change = {"textDocument": {"uri": "file:///gone.py", "version": 2}, "contentChanges": [{"text": "x"}]}
        raw.send({"method": "textDocument/didChange", "params": change})
        raw.send({"id": 4, "method": "textDocument/hover", "params": hover})
        answer = await raw.receive(4)
        assert answer["result"] is None
        raw.send({"id": 5, "method": "shutdown"})
        assert "error" not in await raw.receive(5)
        raw.send({"id": 6, "method": "textDocument/hover", "params": hover})
        assert (await raw.receive(6))["error"]["code"] == -32600
        raw.send({"method": "exit"})
        assert await asyncio.wait_for(raw.process.wait(), PATIENCE) == 0


async def test_cancelled_request(project: Path) -> None:
    """A request that nobody wants any more is answered at once, long before what it waits for comes to pass."""
    async with wire() as raw:
        await raw.initialize(project, initializationOptions={"debounce": 3_600_000})
        document = {"uri": (project / "demo.py").as_uri(), "languageId": "python", "version": 1, "text": "import other"}
        raw.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        params = {"textDocument": {"uri": document["uri"]}}
        raw.send({"id": 1, "method": "textDocument/diagnostic", "params": params})
        raw.send({"method": "$/cancelRequest", "params": {"id": 1}})
        assert (await raw.receive(1))["error"]["code"] == -32800


async def test_end_of_input(project: Path) -> None:
    """A client that goes without a word takes the server and its workers along, and no word is said of it."""
    async with wire(stderr=asyncio.subprocess.PIPE) as raw:
        await raw.initialize(project)
        worker, spare = await raw.worker(), await raw.spare()
        assert raw.process.stdin is not None
        raw.process.stdin.close()
        _, said = await asyncio.wait_for(raw.process.communicate(), PATIENCE)
        assert raw.process.returncode == 1
        # They are gone before: what is left of processes when the event loop is closed complains of that.
        assert [state(worker), state(spare)] == ["Z", "Z"]
        assert said == b""


async def test_killed_server(project: Path) -> None:
    """No worker outlives a server that had no time to say so."""
    async with wire() as raw:
        await raw.initialize(project)
        worker, spare = await raw.worker(), await raw.spare()
        raw.process.kill()
        await raw.process.wait()
        await gone(worker)
        await gone(spare)


async def test_dead_client(project: Path) -> None:
    """The server ends with the process of the client, also if somebody else holds its pipes."""
    client = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    async with wire() as raw:
        await raw.initialize(project, processId=client.pid)
        client.kill()
        await client.wait()
        await asyncio.wait_for(raw.process.wait(), PATIENCE)


async def test_crashed_worker(editor: Editor) -> None:
    """Another one takes its place, and what is asked is answered."""
    editor.open("demo.py")
    await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])
    os.kill((await debug(editor))["worker"], signal.SIGKILL)
    version = editor.type("demo.py", 'import importlib\nx = importlib.import_module("other")\n')
    assert [item.code for item in await editor.until_version("demo.py", version)] == ["TPK202"]
    assert (await debug(editor))["workerStarts"] == 2


async def test_stuck_worker(project: Path) -> None:
    """Where the work that nobody wants any more hears no signal, it ends with its process; the spare goes on."""
    async with connect(project) as editor:
        editor.open("demo.py")
        await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])
        before = await with_spare(editor)
        # One call of Python's parser that takes seconds.
        editor.open("stuck.py", f"x = [{'(1, 2, 3, 4, 5), ' * N_TUPLES}]\n")
        while (await debug(editor))["looks"] == before["looks"]:
            await asyncio.sleep(0.01)
        editor.close("stuck.py")
        version = editor.type("demo.py", 'import importlib\nx = importlib.import_module("other")\n')
        assert [item.code for item in await editor.until_version("demo.py", version)] == ["TPK202"]
        after = await debug(editor)
        assert after["worker"] == before["spare"]
        assert after["workersKilled"] == before["workersKilled"] + 1
        await gone(before["worker"])
        next_one = (await with_spare(editor))["spare"]
    await gone(after["worker"])
    await gone(next_one)


async def test_closing_clears(editor: Editor) -> None:
    """No finding stays behind in a file that is not open."""
    editor.open("demo.py")
    await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])
    editor.close("demo.py")
    await editor.until(lambda: editor.codes("demo.py") == [])


async def test_untitled_document(editor: Editor) -> None:
    """Code without a file is checked by itself."""
    editor.open("untitled:Untitled-1", "import torch\ndef f(:\n")
    await editor.until(lambda: editor.codes("untitled:Untitled-1") == ["TPK001"])


async def test_changes_on_disk(editor: Editor) -> None:
    """What another program writes counts, once the client tells of it; a thousand files are one look."""
    editor.open("demo.py")
    await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])
    config = editor.root / "pyproject.toml"
    config.write_text(config.read_text().replace("  { intern", '  { intern = "other" },\n  { intern'))
    changes = [lsp.FileEvent((editor.root / f"m{i}.py").as_uri(), lsp.FileChangeType.Changed) for i in range(1000)]
    editor.client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changes))
    await editor.until(lambda: editor.codes("demo.py") == [])


async def test_broken_configuration(editor: Editor) -> None:
    """It is said on the file, at the place, and the last good one stays in force."""
    editor.open("demo.py")
    await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])
    good = (editor.root / "pyproject.toml").read_text()
    editor.open("pyproject.toml", good + "\n[tool.tpkg-lint]\nsrcc = []\n", language="toml")
    await editor.until(lambda: editor.codes("pyproject.toml") == ["TPK002"])
    assert "srcc" in editor.diagnostics("pyproject.toml")[0].message
    assert editor.codes("demo.py") == ["TPK101"]
    editor.type("pyproject.toml", good)
    await editor.until(lambda: editor.codes("pyproject.toml") == [])


async def test_table_of_a_wrong_name(editor: Editor) -> None:
    """A table that nobody reads is told where it stands, as the command does."""
    editor.open("demo.py")
    await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])
    good = (editor.root / "pyproject.toml").read_text()
    editor.open("pyproject.toml", good.replace("[tool.tpkg-lint", "[tool.tpkg_lint"), language="toml")
    await editor.until(lambda: editor.codes("pyproject.toml") == ["TPK002"])
    [found] = editor.diagnostics("pyproject.toml")
    assert "is it meant for [tool.tpkg-lint]?" in found.message
    assert found.severity is lsp.DiagnosticSeverity.Warning
    editor.type("pyproject.toml", good)
    await editor.until(lambda: editor.codes("pyproject.toml") == [])


async def test_half_typed(editor: Editor) -> None:
    """Findings stay where they are and move with their lines; only the syntax error is new."""
    editor.open("demo.py")
    await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])
    version = editor.type("demo.py", "import importlib\n\nimport other\n\ndef load(\n")
    found = await editor.until_version("demo.py", version)
    assert [(item.code, item.range.start.line) for item in found] == [("TPK101", 2), ("TPK001", 4)]


async def test_folders_come_and_go(editor: Editor, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each root has its own configuration."""
    other = tmp_path_factory.mktemp("second")
    (other / "tpkg-lint.toml").write_text('[[package]]\nname = "b"\nmodules = ["b"]\nactions = [{ intern = "b" }]\n')
    (other / "b.py").write_text("import c\nprint(c)\n")
    (other / "c.py").write_text("")
    folder = lsp.WorkspaceFolder(other.as_uri(), "second")
    change = editor.client.workspace_did_change_workspace_folders
    change(lsp.DidChangeWorkspaceFoldersParams(lsp.WorkspaceFoldersChangeEvent(added=[folder], removed=[])))
    uri = (other / "b.py").as_uri()
    editor.open(uri, "import c\nprint(c)\n")
    await editor.until(lambda: editor.codes(uri) == ["TPK101"])
    editor.close(uri)
    change(lsp.DidChangeWorkspaceFoldersParams(lsp.WorkspaceFoldersChangeEvent(added=[], removed=[folder])))
    await editor.until(lambda: editor.codes(uri) == [])
    assert str(other) not in (await debug(editor))["folders"]


async def test_settings_change(project: Path) -> None:
    """They are pulled when the session begins and when the client says so; registrations are dynamic."""
    workspace = lsp.WorkspaceClientCapabilities(
        configuration=True,
        did_change_configuration=lsp.DidChangeConfigurationClientCapabilities(dynamic_registration=True),
        did_change_watched_files=lsp.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
    )
    async with connect(project, workspace=workspace) as editor:
        await editor.until(lambda: len(editor.heard) >= 2)
        methods = {params.registrations[0].method for _, params in editor.heard}
        assert methods == {lsp.WORKSPACE_DID_CHANGE_CONFIGURATION, lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES}
        editor.open("demo.py")
        await editor.until(lambda: editor.codes("demo.py") == ["TPK101"])
        editor.client.set_configuration({"diagnosticMode": "off"}, section="tpkg-lint")
        editor.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings=None))
        await editor.until(lambda: editor.codes("demo.py") == [])


async def test_trace(editor: Editor) -> None:
    """Who wants to know is told what is looked at."""
    editor.client.set_trace(lsp.SetTraceParams(lsp.TraceValue.Messages))
    editor.open("demo.py")
    await editor.until(lambda: any(method == lsp.LOG_TRACE for method, _ in editor.heard))


async def test_tcp() -> None:
    """One client is served on a socket, for those who debug."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *SERVER[:2], "--tcp", "127.0.0.1:0", "--log-level", "debug", stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    while b"Serving on" not in (line := await asyncio.wait_for(process.stderr.readline(), PATIENCE)):
        assert line
    host, port = line.decode().split("Serving on (")[1].rstrip(")\n").split(", ")
    reader, writer = await asyncio.open_connection(host.strip("'"), int(port))
    body = (
        b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}'
    )
    writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert b"Content-Length" in await asyncio.wait_for(reader.readline(), PATIENCE)
    writer.close()
    await asyncio.wait_for(process.communicate(), PATIENCE)


async def test_a_socket_that_is_taken() -> None:
    """Whoever asks for it is told."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *SERVER[:2], "--tcp", f"127.0.0.1:{taken.getsockname()[1]}", stderr=asyncio.subprocess.PIPE
        )
        _, said = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 2
    assert b"address already in use; name another HOST:PORT" in said
    assert b"Traceback" not in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--tcp", "127.0.0.1:99999"), "there is no port 99999; the last one is 65535"),
        (("--tcp", "nowhere"), "'nowhere' is not HOST:PORT"),
        (("--log-file", "/nonexistent/log"), "cannot write the log to /nonexistent/log: No such file or directory"),
    ],
)
async def test_options_that_cannot_be_used(arguments: tuple[str, ...], told: str) -> None:
    """They are an error of whoever gave them, not a traceback."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *SERVER[:2], *arguments, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 2
    assert said.decode().strip().endswith(told)
    assert b"Traceback" not in said


async def debug(editor: Editor) -> dict[str, Any]:
    """Return the server's own account of itself."""
    found: dict[str, Any] = plain(await editor.command("tpkg-lint.debugInformation"))
    return found


async def with_spare(editor: Editor) -> dict[str, Any]:
    """Return the same once another worker waits to take the place of the one at work."""
    while (found := await debug(editor))["spare"] is None:
        await asyncio.sleep(0.01)
    return found


async def gone(process: int) -> None:
    """Wait until there is no such process."""

    async def wait() -> None:
        while Path(f"/proc/{process}/stat").exists() and "Z" not in state(process):
            await asyncio.sleep(0.01)

    await asyncio.wait_for(wait(), PATIENCE)


def state(process: int) -> str:
    """Return the state of a process, Z for one that is dead and not collected."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"
