"""What probes said before: kept by the digest of all that could change an answer."""

from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from tpkg_analyzer.confirm.child import Outcome, read_messages
from tpkg_analyzer.scan.closure import Closure
from tpkg_analyzer.sources.files import Files
from tpkg_analyzer.sources.interpreter import Interpreter
from tpkg_analyzer.sources.store import Store
from tpkg_runtime.wire.codec import encode
from tpkg_runtime.wire.messages import Request


class Memory:
    """Outcomes by the request, the sources of the closure, the interpreter and our version."""

    def __init__(self, folder: Path, files: Files) -> None:
        self._store = Store(folder)
        self._files = files

    def recall(self, request: Request, closure: Closure, interpreter: Interpreter) -> Outcome | None:
        """Return what was said to the same question."""
        kept = self._store.get(self._key(request, closure, interpreter))
        if kept is None:
            return None
        messages, failure = read_messages(kept)
        return None if failure else Outcome(messages)

    def keep(self, request: Request, closure: Closure, interpreter: Interpreter, outcome: Outcome) -> None:
        """Remember a complete outcome."""
        text = "\n".join(encode(message) for message in outcome.messages)
        self._store.put(self._key(request, closure, interpreter), text.encode())
        self._store.close()

    def _key(self, request: Request, closure: Closure, interpreter: Interpreter) -> str:
        digest = blake2b(digest_size=16)
        digest.update(f"{version('tpkg-lint')} {interpreter!r} {encode(request)}".encode())
        for name in sorted(closure.modules):
            path = closure.modules[name].path
            digest.update(name.encode())
            if path is not None:
                try:
                    digest.update(self._files.read(str(path)))
                except OSError:
                    digest.update(b"?")
        return f"confirm {digest.hexdigest()}"
