"""Facts by path: from memory, from the store, or from the file itself, in this order."""

from collections.abc import Callable, Set
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from tpkg_analyzer.scan.facts import SCANNER_VERSION, ModuleFacts, TopLevel, read_facts, read_top_level, text_of
from tpkg_analyzer.scan.words import WORDS_VERSION, words_in
from tpkg_analyzer.sources.compiled import is_compiled
from tpkg_analyzer.sources.compiler import RUNNING, Compiler
from tpkg_analyzer.sources.files import Disk, Files, digest_of
from tpkg_analyzer.sources.packing import packed
from tpkg_analyzer.sources.store import Store

_Facts = TypeVar("_Facts", bound=TopLevel)


@dataclass(frozen=True)
class _Kind(Generic[_Facts]):
    """How facts of one kind are found. `held_by` are the marks of all entries that hold them, its own first."""

    held_by: tuple[str, ...]
    decoder: msgspec.msgpack.Decoder[_Facts]
    scan: Callable[..., _Facts]


_ALL = _Kind(("",), msgspec.msgpack.Decoder(ModuleFacts), read_facts)
_TOP_LEVEL = _Kind(("top:", ""), msgspec.msgpack.Decoder(TopLevel), read_top_level)
_WORDS = f"words:{WORDS_VERSION}:"


class FactsReader:
    """Reads each file once. With a store, a file that has not changed since an earlier run is not read at all."""

    def __init__(
        self,
        files: Files,
        version: tuple[int, int],
        store: Store | None = None,
        compiler: Compiler | None = None,
    ) -> None:
        """Read for a Python of `version`, whose `compiler` is given where another one runs this tool."""
        self._files = files
        self._version = version
        self._store = store
        self._compiler = compiler
        # Another Python parses other sources, and another tree of some.
        pythons = dict.fromkeys((version, RUNNING))
        self._prefix = f"{SCANNER_VERSION}:{'@'.join(f'{major}.{minor}' for major, minor in pythons)}:"
        self._known: dict[str, ModuleFacts | None] = {}
        self._tops: dict[str, TopLevel | None] = {}
        self._words: dict[str, frozenset[str]] = {}
        self.n_scanned = 0
        """How many files were scanned because nobody had done so before."""
        self.on_scan: Callable[[str], None] | None = None
        """Called with the path before a file is scanned; what it puts into the store may make next scans needless."""
        self.may_be_stored: Callable[[str], bool] = lambda _: True
        """Tells whether asking the store for a path or for a digest is worth it."""

    def facts_of(self, path: str) -> ModuleFacts | None:
        """Return the facts of the file at `path`, None where it cannot be read."""
        if path not in self._known:
            self._known[path] = self._read(path, _ALL)
            self._tops.pop(path, None)
        return self._known[path]

    def top_level_of(self, path: str) -> TopLevel | None:
        """Return what importing the file at `path` does, None where it cannot be read."""
        if path in self._known:
            return self._known[path]
        if path not in self._tops:
            self._tops[path] = self._read(path, _TOP_LEVEL)
        return self._tops[path]

    def words_of(self, path: str) -> frozenset[str]:
        """Return all names that occur in the file at `path`; none where it cannot be read."""
        if path not in self._words:
            self._words[path] = frozenset(self._text_of_words(path).split())
        return self._words[path]

    def known(self) -> Set[str]:
        """Return the files that have been read so far."""
        return self._known.keys() | self._tops.keys()

    def has_read(self, path: str) -> bool:
        """Tell whether the file at `path` has been read."""
        return path in self._known or path in self._tops

    def read_again(self, path: str) -> tuple[TopLevel | None, TopLevel | None]:
        """Read the file at `path` anew, as far as it was read; return what it was and what it is now."""
        of = self.facts_of if path in self._known else self.top_level_of
        before = of(path)
        self.forget(path)
        return before, of(path)

    def forget(self, path: str) -> None:
        """Read the file at `path` anew when it is asked for next."""
        self._known.pop(path, None)
        self._tops.pop(path, None)
        self._words.pop(path, None)

    def _read(self, path: str, kind: _Kind[_Facts]) -> _Facts | None:
        store = self._store
        stamp = self._files.stamp(path) if store is not None else None
        if store is not None and stamp is not None and self.may_be_stored(path):
            facts = self._decoded(store.value_of(path, stamp, self._keys(kind)), kind)
            if facts is not None:
                return facts
        try:
            data = self._files.read(path)
        except OSError:
            return None
        facts = self._facts(data, path, kind)
        if store is not None and stamp is not None:
            store.set_digest(path, stamp, facts.digest)
        return facts

    def _facts(self, data: bytes, path: str, kind: _Kind[_Facts]) -> _Facts:
        store = self._store
        digest = digest_of(data)
        if store is None:
            return self._scanned(data, path, kind, digest)
        keys = self._keys(kind)
        facts = None
        if self.may_be_stored(digest):
            facts = self._decoded(store.get(*(key + digest for key in keys)), kind)
        if facts is None:
            facts = self._scanned(data, path, kind, digest)
            # What another Python could not be asked may be answered in the next run.
            new = packed(facts) if self._compiler is None or self._compiler.is_answering else None
            if new is not None:
                store.put(keys[0] + digest, new)
        return facts

    def _keys(self, kind: _Kind[_Facts]) -> tuple[str, ...]:
        """Return what stands before a digest in the keys of entries that hold facts of a kind, its own first."""
        return tuple(self._prefix + mark for mark in kind.held_by)

    def _decoded(self, found: bytes | None, kind: _Kind[_Facts]) -> _Facts | None:
        if found is not None:
            try:
                return kind.decoder.decode(found)
            except msgspec.MsgspecError:
                pass  # damaged
        return None

    def _scanned(self, data: bytes, path: str, kind: _Kind[_Facts], digest: str) -> _Facts:
        self.n_scanned += 1
        if self.on_scan is not None:
            self.on_scan(path)
        is_whole = isinstance(self._files, Disk) and is_compiled(path, self._version)
        return kind.scan(data, self._version, is_compiled=is_whole, compiler=self._compiler, digest=digest)

    def _text_of_words(self, path: str) -> str:
        store = self._store
        stamp = self._files.stamp(path) if store is not None else None
        if store is not None and stamp is not None and (found := store.value_of(path, stamp, (_WORDS,))) is not None:
            with suppress(UnicodeDecodeError):  # damaged
                return found.decode()
        try:
            data = self._files.read(path)
        except OSError:
            return ""
        source = text_of(data)
        words = words_in(source) if isinstance(source, str) else ""
        if store is not None and stamp is not None:
            digest = digest_of(data)
            store.set_digest(path, stamp, digest)
            with suppress(UnicodeEncodeError):
                store.put(_WORDS + digest, words.encode())
        return words
