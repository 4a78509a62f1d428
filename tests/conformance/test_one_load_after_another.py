"""Loads that share nothing, in one thread or several: what is loaded belongs to its load alone."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.conformance.implementations import COMPAT, ORACLE, OURS, Implementation
from tests.house.tree import ROOT
from tpkg_runtime.archive.targets import to_path

pytestmark = pytest.mark.torch
NAMES = {"torch": "ORACLE", "tpkg": "OURS", "compat": "COMPAT"}


def test_a_load_does_not_see_what_was_done_to_another(each: Implementation, tmp_path: Path) -> None:
    place = str(tmp_path / "a.pt")
    shared = torch.zeros(3)
    with each.exporter(place) as exporter:
        exporter.save_pickle("data", "one.pkl", shared)
        exporter.save_pickle("data", "other.pkl", shared)
    importer = each.importer(place)
    importer.load_pickle("data", "one.pkl").add_(1)
    assert importer.load_pickle("data", "one.pkl").tolist() == [0, 0, 0]
    assert importer.load_pickle("data", "other.pkl").tolist() == [0, 0, 0]


def test_each_load_of_another_byte_order(tmp_path: Path) -> None:
    """torch.package never swaps."""
    place, big = str(tmp_path / "a.pt"), str(tmp_path / "big.pt")
    with OURS.exporter(place) as exporter:
        exporter.save_pickle("data", "t.pkl", torch.arange(4, dtype=torch.int32))
    records = OURS.importer(place)._reader
    writer = to_path(big)
    for record in records.names():
        if record == "byteorder":
            writer.write(record, b"big" if sys.byteorder == "little" else b"little")
        elif record == ".data/0.storage":
            writer.write(record, torch.arange(4, dtype=torch.int32).numpy().byteswap().tobytes())
        elif record != ".data/serialization_id":
            writer.write(record, records.read(record))
    writer.commit()
    importer = OURS.importer(big)
    assert [importer.load_pickle("data", "t.pkl").tolist() for _ in range(2)] == [[0, 1, 2, 3]] * 2


@pytest.mark.parametrize("on_disk", [False, True], ids=["buffer", "file"])
def test_a_storage_that_is_seen_with_wider_elements_first(on_disk: bool, tmp_path: Path) -> None:
    """torch.package refuses its own archive then."""
    odd = torch.arange(5, dtype=torch.uint8)
    saved = [odd[:4].view(torch.int32), odd, odd.untyped_storage()]
    place = tmp_path / "a.pt"
    place.write_bytes(OURS.pack(lambda e: e.save_pickle("data", "t.pkl", saved)).getvalue())
    _, loaded, storage = OURS.importer(place if on_disk else io.BytesIO(place.read_bytes())).load_pickle(
        "data", "t.pkl"
    )
    assert loaded.tolist() == list(storage) == [0, 1, 2, 3, 4]


def test_a_loaded_storage_keeps_its_size(each: Implementation) -> None:
    tensor = each.load(lambda e: e.save_pickle("data", "t.pkl", torch.arange(4.0))).load_pickle("data", "t.pkl")
    with pytest.raises(RuntimeError, match="not resizable"):
        tensor.resize_(5)


@pytest.mark.parametrize("implementation", [ORACLE, COMPAT], ids=str)
def test_a_file_that_is_written_over_after_a_load(implementation: Implementation, tmp_path: Path) -> None:
    """Ours maps: there, the file must stay."""
    place = tmp_path / "a.pt"
    with implementation.exporter(str(place)) as exporter:
        exporter.save_pickle("data", "t.pkl", torch.ones(2_000_000))
    tensor = implementation.importer(str(place)).load_pickle("data", "t.pkl")
    with place.open("r+b") as file:
        file.truncate(0)
    assert tensor.sum() == 2_000_000


POOL = """
from concurrent.futures import ThreadPoolExecutor
def square(number):
    import p.helper
    return p.helper.square(number)
with ThreadPoolExecutor(2) as pool:
    FOUND = list(pool.map(square, range(4)))
"""


def test_threads_import_while_a_module_that_waits_for_them_is_imported(each: Implementation) -> None:
    def save(exporter: Any) -> None:
        exporter.intern("**")
        exporter.save_source_string("p", "", True)
        exporter.save_source_string("p.helper", "def square(number): return number**2\n")
        exporter.save_source_string("p.work", POOL)

    assert each.load(save).import_module("p.work").FOUND == [0, 1, 4, 9]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_process_that_was_forked_while_another_thread_imported(each: Implementation) -> None:
    """In a process of its own: this one has threads that a fork would not take along."""
    code = f"""
import os, sys, threading, time
sys.path.insert(0, {str(ROOT)!r})
from tests.conformance.implementations import {NAMES[each.name]} as which
def save(e):
    e.intern("**")
    e.save_source_string("slow", "import time; time.sleep(1)")
    e.save_source_string("other", "x = 1")
importer = which.load(save)
threading.Thread(target=importer.import_module, args=("slow",)).start()
time.sleep(0.3)
child = os.fork()
if child == 0:
    importer.import_module("other")
    os._exit(7)
sys.exit(0 if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7 else 1)
"""
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], timeout=60, check=False).returncode == 0
