"""What is remembered between runs: one SQLite file of values by digest, safe to share among processes.

A store never fails: what cannot be read counts as not there, what cannot be written is forgotten. Each value has a
checksum of itself and its key, for a disk may return something else than what was written to it.
"""

import contextlib
import sqlite3
import time
import weakref
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import platformdirs

FILE_NAME = "facts.sqlite"

_LAYOUT = 3
_PATIENCE = 5.0
_PAUSE = 0.01
_CHECKSUM_SIZE = 4
_MARKS = {
    ".gitignore": "*\n",
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# What tpkg-lint remembers between runs.\n",
}
# Values of kilobytes would fill the pages of a table without rowids, of which a search then reads one for each of its
# many levels.
_TABLES = """
CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, stamp TEXT NOT NULL, digest TEXT NOT NULL) WITHOUT ROWID;
"""


def default_cache_folder() -> Path:
    """Return the user's cache folder for this tool."""
    return Path(platformdirs.user_cache_dir("tpkg-lint", appauthor=False))


class Store:
    """Bytes by key, and the digest of each file as of its stamp.

    Values are content-addressed, so no entry is ever wrong and all projects share one store. Writes are collected and
    made durable by `flush`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trouble: str | None = None
        """Why nothing is remembered here, where that is so."""
        self._path = folder / f"v{_LAYOUT}" / FILE_NAME
        self._connection = self._connect()
        if self._connection is not None:
            weakref.finalize(self, self._connection.close)
        self._entries: dict[str, bytes] = {}
        self._files: dict[str, tuple[str, str]] = {}
        self._is_damaged = False

    def get(self, *keys: str) -> bytes | None:
        """Return the value of a key, of any one where there are several."""
        for key in keys:
            if key in self._entries:
                return self._entries[key]
        # The longer key is that of the narrower entry, which is written again where it is damaged.
        wanted = ", ".join("?" * len(keys))
        row = self._row(f"SELECT value FROM entries WHERE key IN ({wanted}) ORDER BY length(key) DESC", keys)
        return _opened(row[0], keys) if row is not None else None

    def put(self, key: str, value: bytes) -> None:
        """Remember `value`."""
        self._entries[key] = value

    def replace(self, key: str, value: bytes) -> None:
        """Remember `value` in place of what was there; for the few keys that are no digest of their value."""
        self._entries.pop(key, None)
        if self._connection is None:
            self._entries[key] = value
            return
        with self._forgiving(), self._connection:
            self._connection.execute("INSERT OR REPLACE INTO entries VALUES (?, ?)", (key, _sealed(key, value)))

    def value_of(self, path: str, stamp: str, prefixes: tuple[str, ...]) -> bytes | None:
        """Return the value of a file that has this `stamp`: its key is one of `prefixes` with the digest behind it."""
        path = _writable(path)
        if path in self._files:
            known, digest = self._files[path]
            return self.get(*(prefix + digest for prefix in prefixes)) if known == stamp else None
        # The first one found is taken: that is faster than to look for all of them and to sort.
        values = ", ".join("(SELECT value FROM entries WHERE key = ? || digest)" for _ in prefixes)
        query = f"SELECT digest, coalesce({values}, NULL) FROM files WHERE path = ? AND stamp = ?"
        row = self._row(query, (*prefixes, path, stamp))
        if row is None:
            return None
        for prefix in prefixes if self._entries else ():
            if (new := self._entries.get(f"{prefix}{row[0]}")) is not None:
                return new
        return _opened(row[1], [f"{prefix}{row[0]}" for prefix in prefixes])

    def set_digest(self, path: str, stamp: str, digest: str) -> None:
        """Remember the digest of the file at `path` for as long as it keeps its `stamp`."""
        self._files[_writable(path)] = (stamp, digest)

    def known(self) -> Iterator[str]:
        """Yield the paths and the digests that something is remembered of now."""
        with self._forgiving():
            if self._connection is not None:
                yield from (str(path) for (path,) in self._connection.execute("SELECT path FROM files"))
                for (key,) in self._connection.execute("SELECT key FROM entries"):
                    yield str(key).rpartition(":")[2]

    def flush(self) -> None:
        """Write what is new, in one transaction."""
        entries, files = self._entries, self._files
        self._entries, self._files = {}, {}
        if self._connection is None or not (entries or files):
            return
        with self._forgiving(), self._connection:
            sealed = [(key, _sealed(key, value)) for key, value in entries.items()]
            self._connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?)", sealed)
            rows = [(path, stamp, digest) for path, (stamp, digest) in files.items()]
            self._connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        """Write what is new and let go of the file."""
        self.flush()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._is_damaged:
            self._remove_damaged()

    @contextlib.contextmanager
    def _forgiving(self) -> Iterator[None]:
        """Pass over what SQLite complains about, and note where the file as a whole is damaged."""
        try:
            yield
        except sqlite3.Error as error:
            self._note(error)

    def _note(self, error: sqlite3.Error) -> None:
        self._is_damaged |= type(error) is sqlite3.DatabaseError  # what is locked or full has a class of its own

    def _row(self, query: str, values: tuple[str, ...]) -> tuple[object, ...] | None:
        if self._connection is None:
            return None
        try:
            found = self._connection.execute(query, values).fetchone()
        except sqlite3.Error as error:
            self._note(error)
            return None
        return tuple(found) if found is not None else None

    def _connect(self) -> sqlite3.Connection | None:
        try:
            _make(self._path.parent)
            try:
                return _open(self._path)
            except sqlite3.OperationalError:
                raise  # locked for too long, or a file system that cannot lock
            except sqlite3.DatabaseError:
                self._remove_damaged()
                return _open(self._path)
        except OSError as error:
            self.trouble = error.strerror or str(error)
        except sqlite3.Error as error:
            self.trouble = str(error)
        return None

    def _remove_damaged(self) -> None:
        for path in _files_of(self._path):
            with contextlib.suppress(OSError):
                path.unlink()


def _sealed(key: str, value: bytes) -> bytes:
    return value + _checksum(zlib.crc32(value), key)


def _opened(sealed: object, keys: Iterable[str]) -> bytes | None:
    """Return the value of one of the keys, None for what is damaged, or belongs to another key."""
    if not isinstance(sealed, bytes):
        return None
    value, checksum = sealed[:-_CHECKSUM_SIZE], sealed[-_CHECKSUM_SIZE:]
    of_value = zlib.crc32(value)
    return value if any(_checksum(of_value, key) == checksum for key in keys) else None


def _checksum(of_value: int, key: str) -> bytes:
    return zlib.crc32(key.encode(errors="backslashreplace"), of_value).to_bytes(_CHECKSUM_SIZE, "big")


def _make(folder: Path) -> None:
    """Make the folder of a store with the marks that keep it out of repositories and backups."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in _MARKS.items():
        (folder / name).write_text(text, encoding="ascii")


def _open(path: Path) -> sqlite3.Connection:
    # SQLite lets nobody wait for a change of the journal's mode: of two processes that make a store at once, one is
    # refused straight away, whatever the timeout.
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return _open_now(path)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(_PAUSE)


def _open_now(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # Losing the newest entries in a power cut costs a second look at some files, nothing else.
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(_TABLES)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def clean(folder: Path) -> int:
    """Remove all stores in `folder`; return how many bytes that freed. Raises OSError for what cannot be removed."""
    freed = 0
    for database in folder.glob(f"v*/{FILE_NAME}"):
        for path in _files_of(database):
            with contextlib.suppress(FileNotFoundError):
                size = path.stat().st_size
                path.unlink()
                freed += size
        for name in _MARKS:
            (database.parent / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            database.parent.rmdir()
    return freed


def _writable(path: str) -> str:
    """Return a path as SQLite can write it, also where its bytes are no UTF-8."""
    return path if path.isascii() else path.encode(errors="backslashreplace").decode()


def _files_of(database: Path) -> Iterator[Path]:
    for suffix in ("", "-wal", "-shm"):
        yield database.with_name(database.name + suffix)
