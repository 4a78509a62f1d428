"""A store never fails: what cannot be read is not there, what cannot be written is forgotten."""

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tpkg_analyzer.sources import store as module
from tpkg_analyzer.sources.store import Store, clean

_WRITER = """
import sys
from pathlib import Path
from tpkg_analyzer.sources.store import Store
folder, name = sys.argv[1:]
store = Store(Path(folder))
for index in range(100):
    store.put(f"{name}{index}", b"x" * 1000)
    store.set_digest(f"/{name}{index}", "stamp", "digest")
    store.flush()
store.close()
"""


_ENDLESS = """
import itertools, sys
from pathlib import Path
from tpkg_analyzer.sources.store import Store
store = Store(Path(sys.argv[1]))
for index in itertools.count():
    store.put(f"key{index}", index.to_bytes(8, "big") * 500)
    store.set_digest(f"/file{index}", "stamp", f"y{index}")
    if index % 5 == 0:
        store.flush()
        print(index, flush=True)
"""


def filled(folder: Path) -> Path:
    """Make a store with some entries; return its file."""
    store = Store(folder)
    for index in range(200):
        store.put(f"key{index}", bytes([index % 256]) * 500)
    store.close()
    [file] = folder.glob("v*/*.sqlite")
    return file


def works(folder: Path) -> bool:
    """Tell whether what is put in now is there for the next one who asks."""
    store = Store(folder)
    store.get("key7")
    store.value_of("/file", "stamp", ("ke",))
    store.put("new", b"value")
    store.set_digest("/file", "stamp", "y7")
    store.put("key7", b"of a file")
    now = store.value_of("/file", "stamp", ("ke",))
    store.replace("known", b"first")
    store.replace("known", b"second")
    store.close()
    again = Store(folder)
    found = again.get("new"), again.get("known"), now, again.value_of("/file", "stamp", ("ke",))
    others = again.value_of("/file", "other", ("ke",)), again.value_of("/file", "stamp", ("k",))
    again.close()
    return (*found, *others) == (b"value", b"second", b"of a file", b"of a file", None, None)


def test_a_new_store(tmp_path: Path) -> None:
    assert works(tmp_path / "made" / "on the way")


@pytest.mark.parametrize("damage", [b"", b"this is no database" * 300])
def test_a_file_that_is_no_database_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    filled(tmp_path).write_bytes(damage)
    assert works(tmp_path)


def test_a_file_that_was_cut_off_or_overwritten_stops_nothing(tmp_path: Path) -> None:
    whole = filled(tmp_path).read_bytes()
    for place in (100, 5000, len(whole) // 2):
        for damaged in (whole[:place], whole[:place] + b"\xff" * 3000 + whole[place + 3000 :]):
            filled(tmp_path).write_bytes(damaged)
            works(tmp_path)
            clean(tmp_path)


@pytest.mark.parametrize("distance", [97, 997, 9973])
def test_a_value_is_what_was_put_in_or_nothing(tmp_path: Path, distance: int) -> None:
    file = filled(tmp_path)
    data = bytearray(file.read_bytes())
    for place in range(20_000, len(data), distance):
        data[place] ^= 0xFF
    file.write_bytes(data)
    store = Store(tmp_path)
    found = {index: store.get(f"key{index}") for index in range(200)}
    list(store.known())
    store.close()
    kept = {index: value for index, value in found.items() if value is not None}
    assert len(kept) < 200
    assert kept == {index: bytes([index % 256]) * 500 for index in kept}
    Store(tmp_path).close()
    assert works(tmp_path)


def test_a_value_of_another_key_is_none(tmp_path: Path) -> None:
    connection = sqlite3.connect(filled(tmp_path))
    with connection:
        connection.execute(
            "UPDATE entries SET value = (SELECT value FROM entries WHERE key = 'key8') WHERE key = 'key7'"
        )
    connection.close()
    assert Store(tmp_path).get("key7") is None
    assert Store(tmp_path).get("key7", "key8") == bytes([8]) * 500


def test_tables_of_somebody_else(tmp_path: Path) -> None:
    file = filled(tmp_path)
    file.unlink()
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("CREATE TABLE entries (name TEXT)")
        connection.execute("CREATE TABLE files (name TEXT)")
    connection.close()
    assert not works(tmp_path)


def test_another_version_has_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path)
    monkeypatch.setattr(module, "_LAYOUT", 99)
    assert Store(tmp_path).get("key7") is None
    assert works(tmp_path)
    monkeypatch.undo()
    assert Store(tmp_path).get("key7") == bytes([7]) * 500


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not works(tmp_path / "file")
    assert not works(tmp_path / "file" / "below")


def test_a_store_that_cannot_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = filled(tmp_path)
    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    other = sqlite3.connect(file)
    other.execute("BEGIN IMMEDIATE")  # as a process that writes for very long, or a folder without the right to
    try:
        assert not works(tmp_path)
        assert Store(tmp_path).get("key7") == bytes([7]) * 500
    finally:
        other.rollback()
        other.close()
    assert works(tmp_path)


def test_stores_that_several_make_at_the_same_moment(tmp_path: Path) -> None:
    folders = [tmp_path / str(index) for index in range(100)]
    makers = 4
    ready = threading.Barrier(makers)

    def make(_: int) -> list[bool]:
        made = []
        for folder in folders:
            ready.wait()
            store = Store(folder)
            made.append(store._connection is not None)
            store.close()
        return made

    with ThreadPoolExecutor(makers) as pool:
        assert [made.count(False) for made in pool.map(make, range(makers))] == [0] * makers


def test_many_processes_at_once(tmp_path: Path) -> None:
    names = "abcdef"
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path), name]) for name in names]
    assert [writer.wait(120) for writer in writers] == [0] * len(names)
    store = Store(tmp_path)
    missing = [f"{name}{index}" for name in names for index in range(100) if store.get(f"{name}{index}") is None]
    store.close()
    assert missing == []


def test_a_process_that_is_killed_while_it_writes(tmp_path: Path) -> None:
    """What it has written before is there and whole, and the next one goes on at once."""
    for turn in range(5):
        folder = tmp_path / str(turn)
        with subprocess.Popen([sys.executable, "-c", _ENDLESS, folder], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(20 + 7 * turn):
                last = int(writer.stdout.readline())
            writer.kill()
        store = Store(folder)
        assert [store.get(f"key{index}") for index in range(last)] == [
            index.to_bytes(8, "big") * 500 for index in range(last)
        ]
        assert store.value_of(f"/file{last}", "stamp", ("ke",)) == last.to_bytes(8, "big") * 500
        store.close()
        assert works(folder)


def test_a_store_keeps_itself_out_of_repositories_and_goes_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("")
    store = Store(tmp_path)
    store.put("key", b"value")
    store.close()
    [folder] = tmp_path.glob("v*")
    assert (folder / ".gitignore").read_text("ascii") == "*\n"
    assert (folder / "CACHEDIR.TAG").read_text("ascii").startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert clean(tmp_path) > 0
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
