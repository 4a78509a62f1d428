"""How long language servers take, seen by a client over stdio: `make bench`.

A workspace of 2,000 modules with one package; a file of 1,000 lines is edited, by turns into one that does not parse
and back, which every server reports. Ours is also given imports of a module that no action takes, and is without them
again: the package is walked anew, and a finding about it comes or goes. Beside the wall clock, which other work on the
machine makes longer, stands the processor time of the server and its children. The other servers are installed into the
user's cache folder; nothing here is compared with a fixed number.
"""

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
import torch
from lsprotocol import types as lsp
from lsprotocol.converters import get_converter
from pygls.lsp.client import LanguageClient

from tpkg_analyzer.session.preferences import Preferences
from tpkg_server.worker.feed import Feed
from tpkg_server.worker.process import Process
from tpkg_server.worker.questions import LookAtFile, Nothing, Question, Settle
from tpkg_server.worker.spare import Spare
from tpkg_server.worker.worker import Urgency, Worker

N_EDITS = 40
N_IMPORTS = 20
N_CANCELLED = 400
PATIENCE = 120.0
BROKEN = "\n\ndef (\n"
NO_ACTION = "TPK101"
OURS_IS = "tpkg-lint"
OURS = ["-c", "import sys; from tpkg_server.main import main; sys.exit(main(sys.argv[1:]))", "--stdio"]
PEERS = {
    "ruff": ("ruff", ("ruff", "server")),
    "pylsp": ("python-lsp-server pyflakes", ("pylsp",)),
    "jedi": ("jedi-language-server", ("jedi-language-server",)),
    "basedpyright": ("basedpyright", ("basedpyright-langserver", "--stdio")),
}
_REQUESTS = ("hover", "completion", "code action")
_MEASURED = ("edit", "processor", "with closure", "its processor", *_REQUESTS)
_TICKS = os.sysconf("SC_CLK_TCK")


def _converter() -> Any:
    """Return what reads messages; lsprotocol has no reader for the notebooks that a server wants."""
    made = get_converter()
    kinds = lsp.NotebookDocumentFilterWithCells.__attrs_attrs__.notebook.type
    made.register_structure_hook(kinds, lambda given, _: given)
    return made


@dataclass(frozen=True)
class Subject:
    """A server to be measured."""

    name: str
    command: tuple[str, ...]
    options: dict[str, Any]


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
    (folder / "outside.py").touch()
    lines = "".join(f"\n\ndef step_{i}(value):\n    return value + {i}\n" for i in range(200))
    big = folder / "app" / "big.py"
    big.write_text(f"import importlib\nimport {names[0]}\n{lines}\n\nX = importlib.import_module('{names[1]}')\n")
    (folder / "tpkg-lint.toml").write_text(
        '[[package]]\nname = "app"\nmodules = ["app.big"]\nactions = [{ intern = "app.**" }]\n'
    )
    return big


class Client:
    """Opens, types, and knows when an answer came."""

    def __init__(self, root: Path, document: Path) -> None:
        self.root = root
        self.uri = document.as_uri()
        self.client = LanguageClient("bench", "1", converter_factory=_converter)
        self.is_broken: bool | None = None
        self.codes: set[str] = set()
        self.changed = asyncio.Event()
        self.version = 1

        @self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def publish(params: lsp.PublishDiagnosticsParams) -> None:
            if params.uri == self.uri:
                # What is wrong beyond the last line of the file as it was is the line that was added.
                self.is_broken = any(item.range.start.line >= self.n_lines for item in params.diagnostics)
                self.codes = {str(item.code) for item in params.diagnostics}
                self.changed.set()

        @self.client.feature(lsp.WORKSPACE_CONFIGURATION)
        def configuration(params: lsp.ConfigurationParams) -> list[Any]:
            return [None for _ in params.items]

        @self.client.feature(lsp.CLIENT_REGISTER_CAPABILITY)
        def register(_: lsp.RegistrationParams) -> None:
            return None

        @self.client.feature(lsp.WINDOW_WORK_DONE_PROGRESS_CREATE)
        def create(_: lsp.WorkDoneProgressCreateParams) -> None:
            return None

    async def start(self, subject: Subject, text: str) -> None:
        """Start a server and open the document."""
        self.n_lines = text.count("\n")
        await self.client.start_io(*subject.command, env=dict(os.environ), cwd=self.root)
        folder = lsp.WorkspaceFolder(self.root.as_uri(), "bench")
        publish = lsp.PublishDiagnosticsClientCapabilities(version_support=True)
        answer = await self.client.initialize_async(
            lsp.InitializeParams(
                lsp.ClientCapabilities(text_document=lsp.TextDocumentClientCapabilities(publish_diagnostics=publish)),
                root_uri=self.root.as_uri(),
                workspace_folders=[folder],
                initialization_options=subject.options,
                process_id=os.getpid(),
            )
        )
        self.offered = answer.capabilities
        self.client.initialized(lsp.InitializedParams())
        item = lsp.TextDocumentItem(self.uri, "python", self.version, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def type(self, text: str) -> None:
        """Make `text` the whole text of the document."""
        self.version += 1
        identifier = lsp.VersionedTextDocumentIdentifier(version=self.version, uri=self.uri)
        change = lsp.TextDocumentContentChangeWholeDocument(text=text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, [change]))

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until the server has said what makes `is_so` true. Raises TimeoutError."""

        async def wait() -> None:
            while not is_so():
                self.changed.clear()
                await self.changed.wait()

        await asyncio.wait_for(wait(), PATIENCE)

    @property
    def processes(self) -> list[int]:
        """The server and its children."""
        return list(_family(self.client._server.pid))

    async def stop(self) -> None:
        """End the session."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()


async def first(root: Path, big: Path, subject: Subject) -> float:
    """Return the seconds from the start of the process to the first diagnostics."""
    client = Client(root, big)
    begin = time.perf_counter()
    await client.start(subject, big.read_text())
    await client.until(lambda: client.is_broken is not None)
    seconds = time.perf_counter() - begin
    # What was learned is kept when the closures are known, which is a little later.
    await asyncio.sleep(3)
    await client.stop()
    return seconds


async def typing(root: Path, big: Path, subject: Subject) -> dict[str, list[float]]:
    """Return milliseconds of edits and requests, of processor time for each edit, and megabytes."""
    client, text = Client(root, big), big.read_text()
    await client.start(subject, text)
    await client.until(lambda: client.is_broken is not None)
    await asyncio.sleep(5)
    times: dict[str, list[float]] = {"edit": [], "processor": []}
    for number in range(N_EDITS):
        breaks = number % 2 == 0
        new = text.replace("value + 7\n", f"value + 7{number}\n") + (BROKEN if breaks else "")
        spent, begin = _processor(client.processes), time.perf_counter()
        client.type(new)
        await client.until(lambda breaks=breaks: client.is_broken is breaks)
        times["edit"].append(1000 * (time.perf_counter() - begin))
        times["processor"].append(1000 * (_processor(client.processes) - spent))
        for name, ask in _requests(client).items():
            begin = time.perf_counter()
            await ask()
            times.setdefault(name, []).append(1000 * (time.perf_counter() - begin))
        await asyncio.sleep(0.1)
    for number in range(N_IMPORTS if subject.name == OURS_IS else 0):
        adds = number % 2 == 0
        spent, begin = _processor(client.processes), time.perf_counter()
        client.type(text.replace("\n", "\nimport outside\n", 1) if adds else text)
        await client.until(lambda adds=adds: (NO_ACTION in client.codes) is adds)
        times.setdefault("with closure", []).append(1000 * (time.perf_counter() - begin))
        times.setdefault("its processor", []).append(1000 * (_processor(client.processes) - spent))
        await asyncio.sleep(0.5)
    times["memory"] = [sum(_megabytes(process) for process in client.processes)]
    await client.stop()
    return times


def _requests(client: Client) -> dict[str, Callable[[], Awaitable[Any]]]:
    session, document, place = client.client, lsp.TextDocumentIdentifier(client.uri), lsp.Position(1, 10)
    context = lsp.CodeActionContext(diagnostics=[])
    requests: dict[str, Callable[[], Awaitable[Any]]] = {
        "hover": lambda: session.text_document_hover_async(lsp.HoverParams(document, place)),
        "completion": lambda: session.text_document_completion_async(lsp.CompletionParams(document, place)),
        "code action": lambda: session.text_document_code_action_async(
            lsp.CodeActionParams(document, lsp.Range(place, place), context)
        ),
    }
    names = {"hover": "hover_provider", "completion": "completion_provider", "code action": "code_action_provider"}
    return {name: ask for name, ask in requests.items() if getattr(client.offered, names[name])}


def _family(process: int) -> Iterator[int]:
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            for child in children.read_text().split():
                yield from _family(int(child))
        except OSError:
            continue


def _processor(processes: list[int]) -> float:
    """Return the seconds of processor time that processes have taken so far."""
    total = 0.0
    for process in processes:
        try:
            row = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += (int(row[11]) + int(row[12])) / _TICKS
    return total


def _megabytes(process: int) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    return next((int(row.split()[1]) / 1024 for row in status.splitlines() if row.startswith("VmRSS")), 0.0)


def peers() -> Iterator[Subject]:
    """Yield the other servers, installing what is not there; say what cannot be had."""
    folder = Path(platformdirs.user_cache_dir("tpkg-lint", appauthor=False)) / "bench"
    if not (folder / "bin" / "python").exists():
        venv.create(folder, with_pip=True)
    for name, (requirements, command) in PEERS.items():
        program = folder / "bin" / command[0]
        if not program.exists():
            pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", *requirements.split()]
            subprocess.run(pip, check=False)
        if program.exists():
            yield Subject(name, (str(program), *command[1:]), {})
        else:
            print(f"{name}: cannot be installed, left out")


def _numbers(values: list[float] | None) -> str:
    if not values:
        return "–"
    return f"{statistics.median(values):.0f} / {statistics.quantiles(values, n=20)[-1]:.0f}"


async def measure(n_modules: int, *, with_peers: bool) -> None:
    """Measure and print a table."""
    options: dict[str, Any] = {"python": sys.executable, "debounce": 150, "delay": 150}
    # Before the cache of this run is put into a folder of its own.
    others = list(peers()) if with_peers else []
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "project"
        root.mkdir()
        big = workspace(root, n_modules)
        os.environ["XDG_CACHE_HOME"] = str(Path(place) / "cache")
        waits = f"debounce of {options['debounce']} ms and delay of {options['delay']} ms included"
        print(f"{n_modules} modules; ms as median / 95 %, {waits}")
        columns = ("server", "first, cold", "first, warm", *_MEASURED, "memory", "load")
        print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
        for subject in (Subject(OURS_IS, (sys.executable, *OURS), options), *others):
            try:
                cold, warm = await first(root, big, subject), await first(root, big, subject)
                times = await typing(root, big, subject)
            except (TimeoutError, asyncio.TimeoutError) as error:
                print(f"| {subject.name} | {type(error).__name__}: no answer within {PATIENCE:.0f} s |")
                continue
            cells = [_numbers(times.get(name)) for name in _MEASURED]
            memory, load = f"{times['memory'][0]:.0f} MB", f"{os.getloadavg()[0]:.1f}"
            row = (subject.name, f"{cold:.1f} s", f"{warm:.1f} s", *cells, memory, load)
            print("| " + " | ".join(row) + " |", flush=True)
        os.environ["XDG_CACHE_HOME"] = str(Path(place) / "another")
        gone = await cancelling(root, N_CANCELLED)
        late = sum(taken > 50 for taken in gone)
        print(
            f"cancelled work is gone after {_numbers(gone)} ms, at most {max(gone):.0f}; {late} of {len(gone)} over 50"
        )


async def cancelling(root: Path, n_times: int) -> list[float]:
    """Return for how many ms a worker goes on with work that is not wanted any more, whatever it is at.

    A question that needs no work is asked at the moment when another one is cancelled. With nothing remembered,
    closures are walked and files of torch looked at, the largest too.
    """
    files = sorted(Path(torch.__file__).parent.rglob("*.py"), key=lambda file: -file.stat().st_size)[:n_times]
    chance = random.Random(0)
    chance.shuffle(files)
    feed = Feed()
    feed.roots((str(root),))
    spare = Spare()
    spare.adopt(await Process.start())
    worker = Worker(feed, Preferences(python=sys.executable), spare)
    await worker.ask(Nothing(), Urgency.TYPING)  # it loads while the server loads, and the session begins
    times = []
    for number, file in enumerate(files):
        question: Question[Any] = LookAtFile(file) if number % 3 else Settle(root / "tpkg-lint.toml")
        work = asyncio.create_task(worker.ask(question, Urgency.SETTLING))
        await asyncio.sleep(chance.uniform(0, 0.2))
        begun = time.perf_counter()
        if work.cancel():
            await worker.ask(Nothing(), Urgency.SETTLING)
            times.append(1000 * (time.perf_counter() - begun))
    await worker.close()
    await spare.close()
    return times


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--modules", type=int, default=2000, help="how many modules the workspace has")
    options.add_argument("--alone", action="store_true", help="measure no other servers")
    given = options.parse_args()
    asyncio.run(measure(given.modules, with_peers=not given.alone))


if __name__ == "__main__":
    main()
