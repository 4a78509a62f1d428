"""Facts by path: from memory, from the store, or from the file itself, in this order."""

from collections.abc import Callable, Mapping

from tpkg_analyzer.scan.facts import SCANNER_VERSION, ModuleFacts, pack, read_facts, unpack
from tpkg_analyzer.sources.compiled import is_compiled
from tpkg_analyzer.sources.files import Disk, Files, digest_of
from tpkg_analyzer.sources.store import Store


class FactsReader:
    """Reads each file once. With a store, a file that has not changed since an earlier run is not read at all."""

    def __init__(self, files: Files, version: tuple[int, int], store: Store | None = None) -> None:
        self._files = files
        self._version = version
        self._store = store
        self._prefix = f"{SCANNER_VERSION}:{version[0]}.{version[1]}:"
        self._known: dict[str, ModuleFacts | None] = {}
        self.n_scanned = 0
        """How many files were scanned because nobody had done so before."""
        self.on_scan: Callable[[], None] | None = None
        """Called before each scan of a file; what it puts into the store may make the next ones needless."""

    def facts_of(self, path: str) -> ModuleFacts | None:
        """Return the facts of the file at `path`, None where it cannot be read."""
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def known(self) -> Mapping[str, ModuleFacts | None]:
        """Return what has been read so far."""
        return self._known

    def forget(self, path: str) -> None:
        """Read the file at `path` anew when it is asked for next."""
        self._known.pop(path, None)

    def _read(self, path: str) -> ModuleFacts | None:
        store = self._store
        stamp = self._files.stamp(path) if store is not None else None
        if store is not None and stamp is not None and (digest := store.digest_of(path, stamp)) is not None:
            packed = store.get(self._prefix + digest)
            if packed is not None and (facts := unpack(packed)) is not None:
                return facts
        try:
            data = self._files.read(path)
        except OSError:
            return None
        facts = self._facts(data, path)
        if store is not None and stamp is not None:
            store.set_digest(path, stamp, facts.digest)
        return facts

    def _facts(self, data: bytes, path: str) -> ModuleFacts:
        if self._store is None:
            return self._scanned(data, path)
        key = self._prefix + digest_of(data)
        packed = self._store.get(key)
        facts = unpack(packed) if packed is not None else None
        if facts is None:
            facts = self._scanned(data, path)
            new = pack(facts)
            if new is not None:
                self._store.put(key, new)
        return facts

    def _scanned(self, data: bytes, path: str) -> ModuleFacts:
        self.n_scanned += 1
        if self.on_scan is not None:
            self.on_scan()
        return read_facts(data, self._version, is_compiled=isinstance(self._files, Disk) and is_compiled(path))
