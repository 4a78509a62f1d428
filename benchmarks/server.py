"""How long the language server takes, seen by a client over stdio: `make bench`.

A workspace of 2,000 modules with one package; a file of 1,000 lines is edited. Times are wall clock: the debounce is
part of them and is said beside. Run it on an idle machine; nothing here is compared with a fixed number.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from lsprotocol import types as lsp
from lsprotocol.converters import get_converter
from pygls.lsp.client import LanguageClient

SERVER = ["-c", "import sys; from tpkg_server.main import main; sys.exit(main(sys.argv[1:]))", "--stdio"]
N_EDITS = 60


def workspace(folder: Path, n_modules: int) -> Path:
    """Write a project: modules in packages of fifty, each importing two others; return the file to edit."""
    names = [f"app.p{i // 50}.m{i}" for i in range(n_modules)]
    for index, name in enumerate(names):
        path = folder / (name.replace(".", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        targets = [names[other] for other in (2 * index + 1, 2 * index + 2) if other < n_modules]
        imports = "".join(f"import {target}\n" for target in targets)
        uses = "".join(f"    total += {target}.work(n)\n" for target in targets)
        path.write_text(f"{imports}\n\ndef work(n):\n    total = n\n{uses}    return total\n")
    (folder / "app" / "__init__.py").touch()
    lines = "".join(f"\n\ndef step_{i}(value):\n    return value + {i}\n" for i in range(200))
    big = folder / "app" / "big.py"
    big.write_text(f"import importlib\nimport {names[0]}\n{lines}\n\nX = importlib.import_module('{names[1]}')\n")
    (folder / "tpkg-lint.toml").write_text(
        '[[package]]\nname = "app"\nmodules = ["app.big"]\nactions = [{ intern = "app.**" }]\n'
    )
    return big


class Client:
    """Opens, types, and knows when an answer came."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.client = LanguageClient("bench", "1", converter_factory=get_converter)
        self.seen: dict[int | None, float] = {}
        self.changed = asyncio.Event()

        @self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def publish(params: lsp.PublishDiagnosticsParams) -> None:
            self.seen.setdefault(params.version, time.perf_counter())
            self.changed.set()

    async def start(self, options: dict[str, object]) -> None:
        """Start a server."""
        await self.client.start_io(sys.executable, *SERVER, env=dict(os.environ))
        folder = lsp.WorkspaceFolder(self.root.as_uri(), "bench")
        parameters = lsp.InitializeParams(
            lsp.ClientCapabilities(), workspace_folders=[folder], initialization_options=options, process_id=os.getpid()
        )
        await self.client.initialize_async(parameters)
        self.client.initialized(lsp.InitializedParams())

    async def until(self, version: int) -> float:
        """Return when the diagnostics of a version came."""
        while version not in self.seen:
            self.changed.clear()
            await self.changed.wait()
        return self.seen[version]

    async def stop(self) -> None:
        """End the session."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()


async def first(root: Path, big: Path, options: dict[str, object]) -> float:
    """Return the time from the start of the process to the first diagnostics."""
    client = Client(root)
    begin = time.perf_counter()
    await client.start(options)
    client.client.text_document_did_open(
        lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(big.as_uri(), "python", 1, big.read_text()))
    )
    end = await client.until(1)
    await client.stop()
    return end - begin


async def typing(root: Path, big: Path, options: dict[str, object], *, imports: bool) -> dict[str, list[float]]:
    """Return the times of edits, hovers, completions and code actions, in milliseconds."""
    client = Client(root)
    await client.start(options)
    text, uri = big.read_text(), big.as_uri()
    client.client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "python", 1, text)))
    await client.until(1)
    times: dict[str, list[float]] = {"edit": [], "hover": [], "completion": [], "code action": []}
    document, place = lsp.TextDocumentIdentifier(uri), lsp.Position(1, 10)
    for version in range(2, N_EDITS + 2):
        new = f"import json as j{version}\n{text}" if imports else text.replace("value + 7", f"value + 7{version}")
        change = lsp.TextDocumentContentChangeWholeDocument(text=new)
        begin = time.perf_counter()
        identifier = lsp.VersionedTextDocumentIdentifier(version=version, uri=uri)
        client.client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, [change]))
        times["edit"].append(1000 * (await client.until(version) - begin))
        for name, ask in {
            "hover": lambda: client.client.text_document_hover_async(lsp.HoverParams(document, place)),
            "completion": lambda: client.client.text_document_completion_async(lsp.CompletionParams(document, place)),
            "code action": lambda: client.client.text_document_code_action_async(
                lsp.CodeActionParams(document, lsp.Range(place, place), lsp.CodeActionContext(diagnostics=[]))
            ),
        }.items():
            begin = time.perf_counter()
            await ask()
            times[name].append(1000 * (time.perf_counter() - begin))
    debug = await client.client.workspace_execute_command_async(
        lsp.ExecuteCommandParams("tpkg-lint.debugInformation", arguments=[])
    )
    plain = debug if isinstance(debug, dict) else debug._asdict()
    times["memory"] = [_megabytes(plain["process"]), _megabytes(plain["worker"])]
    await client.stop()
    return times


def _megabytes(process: int) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    return next((int(row.split()[1]) / 1024 for row in status.splitlines() if row.startswith("VmRSS")), 0.0)


async def measure(n_modules: int) -> None:
    """Measure and print."""
    options: dict[str, object] = {"python": sys.executable, "debounce": 50, "delay": 100}
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "project"
        root.mkdir()
        big = workspace(root, n_modules)
        os.environ["XDG_CACHE_HOME"] = str(Path(place) / "cache")
        print(f"{n_modules} modules, debounce {options['debounce']} ms, load {os.getloadavg()[0]:.1f}")
        print(f"start to first diagnostics, cold  {await first(root, big, options):6.2f} s")
        print(f"start to first diagnostics, warm  {await first(root, big, options):6.2f} s")
        for kind, imports in (("body", False), ("imports", True)):
            times = await typing(root, big, options, imports=imports)
            server, worker = times.pop("memory")
            for name, values in times.items():
                cuts = statistics.quantiles(values, n=20)
                print(f"{kind:8} {name:12} median {statistics.median(values):7.1f} ms   95 % {cuts[-1]:7.1f} ms")
            print(f"{kind:8} memory       server {server:.0f} MB, worker {worker:.0f} MB")


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--modules", type=int, default=2000, help="how many modules the workspace has")
    asyncio.run(measure(options.parse_args().modules))


if __name__ == "__main__":
    main()
