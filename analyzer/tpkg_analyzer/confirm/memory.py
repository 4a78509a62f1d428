"""What probes said before: kept by the digest of the question, and good as long as nothing that they read changes."""

import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from tpkg_analyzer.confirm.child import Outcome, read_messages
from tpkg_analyzer.sources.files import Files, digest_of
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_analyzer.sources.packing import identifying
from tpkg_analyzer.sources.store import Store
from tpkg_runtime.wire.codec import encode
from tpkg_runtime.wire.messages import Loaded, Request

Sources = Mapping[str, Path | None]
"""The modules of a package, each with its file."""

_CONTENT = "content "
_METADATA = (".dist-info", ".egg-info")


class Memory:
    """Outcomes by the request, the sources of the package, the interpreter, what it has installed, and our version.

    With each go the marks of all files that the probe had imported: also those that no closure knows, such as what
    extern modules import.
    """

    def __init__(self, folder: Path, files: Files) -> None:
        self._store = Store(folder)
        self._files = files

    def recall(self, request: Request, sources: Sources, interpreter: Interpreter) -> Outcome | None:
        """Return what was said to the same question."""
        kept = self._store.get(self._key(request, sources, interpreter))
        if kept is None:
            return None
        marks, _, said = kept.partition(b"\n")
        if any(self._mark(path, mark) != mark for path, mark in json.loads(marks).items()):
            return None
        messages, failure = read_messages(said)
        return None if failure else Outcome(messages)

    def keep(self, request: Request, sources: Sources, interpreter: Interpreter, outcome: Outcome) -> None:
        """Remember a complete outcome."""
        loaded = [path for message in outcome.messages if isinstance(message, Loaded) for path in message.files]
        lines = [json.dumps({path: self._mark(path) for path in loaded})]
        lines += [encode(message) for message in outcome.messages if not isinstance(message, Loaded)]
        self._store.replace(self._key(request, sources, interpreter), "\n".join(lines).encode())
        self._store.close()

    def _key(self, request: Request, sources: Sources, interpreter: Interpreter) -> str:
        digest = blake2b(digest_size=16)
        digest.update(f"{version('tpkg-lint')} {encode(request)}".encode())
        digest.update(identifying(interpreter))
        for name in self._installed(interpreter):
            digest.update(name.encode(errors="backslashreplace"))
        for name, path in sorted(sources.items()):
            digest.update(name.encode(errors="backslashreplace"))
            if path is not None:
                try:
                    digest.update(self._files.read(str(path)))
                except OSError:
                    digest.update(b"?")
        return f"confirm {digest.hexdigest()}"

    def _mark(self, path: str, like: str = "") -> str:
        """Return the stamp of a file, or its digest where it is too fresh to have one, or `like` is one."""
        stamp = None if like.startswith(_CONTENT) else self._files.stamp(path)
        if stamp is not None:
            return stamp
        try:
            return _CONTENT + digest_of(self._files.read(path))
        except OSError:
            return _CONTENT

    def _installed(self, interpreter: Interpreter) -> Iterator[str]:
        """Yield the names of installed distributions, which tell their versions."""
        for folder in interpreter.search_path:
            try:
                names = self._files.entries(folder)
            except OSError:
                continue
            yield from sorted(name for name in names if name.endswith(_METADATA))
