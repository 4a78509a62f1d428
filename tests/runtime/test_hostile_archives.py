"""Truncated, damaged and hostile archives: a clear exception, no crash, nothing outside, no memory without end."""

import io
import os
import pickle
import random
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import tpkg_runtime
from tpkg_runtime import ArchiveError, PackageExporter, PackageImporter, extract

torch = pytest.importorskip("torch")

OURS = (ArchiveError, ImportError, pickle.UnpicklingError)


@pytest.fixture(scope="module")
def archive() -> bytes:
    """A package with some of everything."""
    buffer = io.BytesIO()
    with PackageExporter(buffer) as exporter:
        exporter.save_source_string("pkg", "from pkg import inner\n", is_package=True)
        exporter.save_source_string("pkg.inner", "import math\nclass C: pass\n")
        exporter.save_pickle("res", "tensor.pkl", {"w": torch.arange(50.0), "x": [1, "two", (3.0, None)]})
        exporter.save_text("res", "text.txt", "hello " * 20)
    return buffer.getvalue()


def use(data: bytes, place: Path) -> None:
    """Do with an archive all that one does."""
    for source in (io.BytesIO(data), place):
        if source is place:
            place.write_bytes(data)
        with PackageImporter(source) as importer:
            str(importer.file_structure())
            importer.python_version()
            importer.load_text("res", "text.txt")
            importer.import_module("pkg")
            importer.load_pickle("res", "tensor.pkl")["w"].sum()
            importer.verify()


def mutations(data: bytes, count: int) -> Any:
    """Yield `count` damaged copies: cut, flipped, overwritten with telling numbers, parts moved."""
    chance = random.Random(20)
    numbers = [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"PK\1\2", b"PK\5\6", b"PK\3\4", b"\1\0\0\0"]
    for index in range(count):
        copy = bytearray(data)
        match index % 5:
            case 0:
                del copy[chance.randrange(len(copy)) :]
            case 1:
                for _ in range(chance.randrange(1, 9)):
                    copy[chance.randrange(len(copy))] = chance.randrange(256)
            case 2:
                start = chance.randrange(len(copy) - 8)
                copy[start : start + 4] = chance.choice(numbers)
            case 3:  # where the directory is, most bytes matter
                start = chance.randrange(len(copy) - 900, len(copy) - 4)
                copy[start : start + 4] = chance.choice(numbers)
            case _:
                start, end = sorted(chance.randrange(len(copy)) for _ in range(2))
                del copy[start : min(end, start + 40)]
        yield bytes(copy)


@pytest.mark.filterwarnings("ignore:.*was made with.*")
def test_thousands_of_damaged_archives(archive: bytes, tmp_path: Path) -> None:
    """Each is read, or refused by an exception of ours."""
    outcomes = {"read": 0, "refused": 0}
    for data in mutations(archive, 2500):
        try:
            use(data, tmp_path / "damaged.pt")
            outcomes["read"] += 1
        except OURS:
            outcomes["refused"] += 1
    assert outcomes["refused"] > 1500
    assert [path.name for path in tmp_path.iterdir()] == ["damaged.pt"]


@pytest.mark.filterwarnings("ignore:.*was made with.*")
def test_hostile_records(archive: bytes, tmp_path: Path) -> None:
    """Records that are damaged under a right checksum, as who wants to harm would write them."""
    chance = random.Random(7)
    with zipfile.ZipFile(io.BytesIO(archive)) as original:
        records = {name: original.read(name) for name in original.namelist()}
    names = [name for name in records if not name.endswith("text.txt")]
    for _ in range(600):
        changed = dict(records)
        name = chance.choice(names)
        data = bytearray(records[name])
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        changed[name] = bytes(data[: chance.randrange(len(data)) or None] if chance.random() < 0.3 else data)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as copy:
            for each, content in changed.items():
                copy.writestr(each, content)
        try:
            use(buffer.getvalue(), tmp_path / "hostile.pt")
        except OURS:
            pass
        except Exception as error:  # noqa: BLE001
            # What the package's own code raises, or what misses a class that is there no more, is not ours to hide.
            assert name.endswith((".py", ".pkl", "extern_modules")), (name, error)  # noqa: PT017
    assert [path.name for path in tmp_path.iterdir()] == ["hostile.pt"]


def zipped(records: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> io.BytesIO:
    """Return an archive of records in the folder `a`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("a/.data/extern_modules", "torch\n")
        for name, data in records.items():
            archive.writestr(f"a/{name}", data)
    buffer.seek(0)
    return buffer


def test_bombs_are_not_expanded() -> None:
    """A record that claims to become a thousand times larger is refused before memory is asked for."""
    data = zipped({"res/bomb": b"x"}, zipfile.ZIP_DEFLATED).getvalue()
    claimed = data.replace(struct.pack("<2L", 3, 1), struct.pack("<2L", 3, 1 << 31))
    assert claimed != data
    with PackageImporter(io.BytesIO(claimed)) as importer, pytest.raises(ArchiveError, match="expand more than"):
        importer.load_binary("res", "bomb")


def test_stored_records_cannot_claim_more_than_there_is(tmp_path: Path) -> None:
    """The same for records that are stored."""
    data = zipped({"res/x": b"abcd"}).getvalue()
    claimed = data.replace(struct.pack("<2L", 4, 4), struct.pack("<2L", 1 << 30, 1 << 30))
    for source in (io.BytesIO(claimed), tmp_path / "x.pt"):
        if isinstance(source, Path):
            source.write_bytes(claimed)
        with PackageImporter(source) as importer, pytest.raises(ArchiveError, match="claims more bytes"):
            importer.load_binary("res", "x")


@pytest.mark.parametrize("count", [-1, 51, 1 << 40, "x", None, 1.5])
def test_tensors_cannot_claim_more_than_their_record(count: Any) -> None:
    """A pickle that asks for more elements than were stored."""

    class Claim:
        def __reduce_package__(self, exporter: Any) -> Any:
            raise NotImplementedError

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj: Any) -> Any:
            return ("storage", torch.FloatStorage, "0", "cpu", count) if isinstance(obj, Claim) else None

    buffer = io.BytesIO()
    Pickler(buffer, 3).dump(Claim())
    archive = zipped({"res/x.pkl": buffer.getvalue(), ".data/0.storage": bytes(200)})
    with pytest.raises(ArchiveError, match="its tensors need"):
        PackageImporter(archive).load_pickle("res", "x.pkl")


@pytest.mark.parametrize("name", ["../evil", "/evil", "b/../../evil", "c:/evil", "b\\..\\evil", "b//c", "./b"])
def test_nothing_is_extracted_outside(name: str, tmp_path: Path) -> None:
    """A record whose name leads outside stops the whole extraction, and `verify` names it."""
    archive = zipped({"good.txt": b"x", name: b"x"})
    with pytest.raises(ArchiveError, match="could lead out"):
        PackageImporter(archive).verify()
    with pytest.raises(ValueError, match="no name for a file"):
        extract(archive, tmp_path / "out")
    assert list(tmp_path.rglob("*")) == []


def test_links_out_of_a_folder_are_no_records(tmp_path: Path) -> None:
    """An extracted archive with a link to a secret."""
    (tmp_path / "secret").write_text("secret")
    extract(zipped({"res/x": b"x"}), tmp_path / "out")
    (tmp_path / "out/res/link").symlink_to(tmp_path / "secret")
    importer = PackageImporter(tmp_path / "out")
    assert importer.load_binary("res", "x") == b"x"
    with pytest.raises(FileNotFoundError):
        importer.load_binary("res", "link")


def test_deep_folders_are_refused() -> None:
    """Trees are walked by recursion; nobody needs this many folders."""
    with pytest.raises(ArchiveError, match="folders"):
        PackageImporter(zipped({"x/" * 5000 + "y": b""}))


@pytest.mark.parametrize(
    "data",
    [b"\x80\x03r\xff\xff\xff\xff.", b"\x80\x03]p4000000000\n.", b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f."],
)
def test_pickles_cannot_ask_for_memory(data: bytes) -> None:
    """A few bytes that would have the unpickler allocate gigabytes for its memo."""
    importer = PackageImporter(zipped({"res/x.pkl": data}), allow=["builtins.*"])
    with pytest.raises(pickle.UnpicklingError):
        importer.load_pickle("res", "x.pkl")


@pytest.mark.parametrize(
    "data", [b"\x80\x03]r\xff\xff\x1f\x00.", b"\x80\x04X\x01\0\0\0rr\xff\xff\xff\x07.", b"]p99999999\n."]
)
def test_an_index_that_is_larger_than_the_pickle_is_refused(data: bytes) -> None:
    """Also where the machine would have the memory: nothing is asked for."""
    with pytest.raises(pickle.UnpicklingError, match="larger than itself"):
        PackageImporter(zipped({"res/x.pkl": data})).load_pickle("res", "x.pkl")


@pytest.mark.parametrize(
    "expression",
    [b"cos\nsystem\n", b"cbuiltins\neval\n", b"cbuiltins\ngetattr\n(cbuiltins\nlist\nX\x06\0\0\0appendtR"],
    ids=["system", "eval", "getattr"],
)
def test_restricted_unpickling(expression: bytes) -> None:
    """Nothing but what is allowed; `getattr` gives out classes only, and only those that are allowed."""
    importer = PackageImporter(zipped({"res/x.pkl": b"\x80\x03" + expression + b"."}), allow=["builtins.list"])
    with pytest.raises(pickle.UnpicklingError, match=r"not allowed|which is no class"):
        importer.load_pickle("res", "x.pkl")


def test_allow_is_a_list(tmp_path: Path) -> None:
    """One string would be taken for a list of letters."""
    with pytest.raises(TypeError, match="list of patterns"):
        PackageImporter(zipped({}), allow="builtins.list")
    with pytest.raises(ArchiveError, match="no file"):
        PackageImporter(os.fspath(tmp_path / "missing.pt"))


@pytest.mark.parametrize(
    ("offset", "value"),
    [(0, b"PK\1\2"), (26, b"\0\0"), (30, b"elsewhere"), (30, b"\xff\xfe")],
    ids=["signature", "length", "name", "coding"],
)
def test_a_tensor_behind_another_header(archive: bytes, tmp_path: Path, offset: int, value: bytes) -> None:
    """What is mapped is only what both headers of an entry call by one name."""
    place, data = tmp_path / "package.pt", bytearray(archive)
    with zipfile.ZipFile(io.BytesIO(archive)) as whole:
        start = whole.getinfo("archive/.data/0.storage").header_offset + offset
    data[start : start + len(value)] = value
    place.write_bytes(data)
    with (
        PackageImporter(place) as importer,
        pytest.raises(ArchiveError, match=r"cannot read record '\.data/0\.storage'"),
    ):
        importer.load_pickle("res", "tensor.pkl")


def test_loading_warns_of_nothing(archive: bytes, tmp_path: Path) -> None:
    """Not even in a process that shows every warning of torch."""
    place = tmp_path / "package.pt"
    place.write_bytes(archive)
    load = f"import tpkg_runtime as t; t.PackageImporter({str(place)!r}).load_pickle('res', 'tensor.pkl')"
    path = str(Path(tpkg_runtime.__file__).parents[1])
    run = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", f"import sys; sys.path.insert(0, {path!r}); {load}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
