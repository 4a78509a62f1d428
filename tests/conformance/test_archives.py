"""Archives as they come: edited by other tools, of earlier versions, on disk and in memory."""

import io
import shutil
import subprocess
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.conformance.implementations import ORACLE, OURS, Implementation

READERS = pytest.mark.parametrize("reader", [ORACLE, OURS], ids=str)
WRITERS = pytest.mark.parametrize("writer", [ORACLE, OURS], ids=str)


@pytest.fixture
def package(tmp_path: Path, writer: Implementation) -> Path:
    """A package on disk, with tensors."""
    path = tmp_path / "package.pt"
    with writer.exporter(str(path)) as exporter:
        exporter.save_source_string("m", "VALUE = 1\n")
        exporter.save_pickle("p", "x.pkl", {"w": torch.arange(1000.0), "b": torch.ones(3, dtype=torch.float64)})
        exporter.save_text("p", "text.txt", "old")
    return path


def check(reader: Implementation, path: Path, value: int = 1, text: str = "old") -> None:
    """Load all that is in the package."""
    for source in (str(path), path, io.BytesIO(path.read_bytes())):
        importer = reader.importer(source)
        assert value == importer.import_module("m").VALUE
        assert importer.load_text("p", "text.txt") == text
        loaded = importer.load_pickle("p", "x.pkl")
        assert torch.equal(loaded["w"], torch.arange(1000.0))
        assert torch.equal(loaded["b"], torch.ones(3, dtype=torch.float64))
        loaded["w"].add_(1)


@READERS
@WRITERS
def test_as_written(package: Path, reader: Implementation) -> None:
    """The names of records, their order of magnitude, and where their data lies."""
    check(reader, package)
    with zipfile.ZipFile(package) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        assert all(name.startswith("package/") for name in archive.namelist())
        data = package.read_bytes()
        for entry in archive.infolist():
            start = entry.header_offset
            begin = start + 30 + int.from_bytes(data[start + 26 : start + 28], "little")
            assert (begin + int.from_bytes(data[start + 28 : start + 30], "little")) % 64 == 0
        assert archive.read("package/.data/version") == b"6\n"
        assert archive.read("package/byteorder") == b"little"
        assert len(archive.read("package/.data/serialization_id")) == 40


@READERS
@WRITERS
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_rewritten(package: Path, reader: Implementation, compression: int) -> None:
    """Unpacked and packed again, with one file changed; compressed, and without any alignment."""
    with zipfile.ZipFile(package) as archive:
        records = {name: archive.read(name) for name in archive.namelist()}
    records["package/m.py"] = b"VALUE = 2\n"
    with zipfile.ZipFile(package, "w", compression) as archive:
        archive.writestr("package/", "")
        for name, data in records.items():
            archive.writestr(name, data)
    check(reader, package, value=2)


@READERS
@WRITERS
@pytest.mark.skipif(shutil.which("zip") is None, reason="there is no zip command")
def test_edited_with_zip(package: Path, reader: Implementation, tmp_path: Path) -> None:
    """What vim does as well: `zip` replaces an entry in place."""
    (tmp_path / "package/p").mkdir(parents=True)
    (tmp_path / "package/p/text.txt").write_text("a longer text than before")
    subprocess.run(["zip", "-q", package, "package/p/text.txt"], cwd=tmp_path, check=True)
    check(reader, package, text="a longer text than before")


@WRITERS
def test_appended_entries(package: Path) -> None:
    """Of two entries with one name the later counts, as for unzip; the original has no rule of its own."""
    with warnings.catch_warnings(), zipfile.ZipFile(package, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("package/m.py", "VALUE = 2\n")
    check(OURS, package, value=2)


@pytest.mark.parametrize("reader", [ORACLE, OURS], ids=str)
def test_files_outside_of_the_folder(reader: Implementation, tmp_path: Path) -> None:
    """An entry that does not lie in the archive's folder makes it no package."""
    path = tmp_path / "package.pt"
    with OURS.exporter(path) as exporter:
        exporter.save_source_string("m", "VALUE = 1\n")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("m.py", "VALUE = 2\n")
    with pytest.raises(RuntimeError, match="not in a subdirectory"):
        reader.importer(str(path)).import_module("m")


def old_archive(extra: dict[str, bytes]) -> io.BytesIO:
    """Return an archive in the form of torch 1.8: no Python version, no byte order, no ids, storages by address."""
    buffer = io.BytesIO()
    records = {
        ".data/94304870911616.storage": torch.arange(4.0).numpy().tobytes(),
        "model/model.pkl": (
            b"\x80\x03}q\x00X\x01\x00\x00\x00wq\x01ctorch._utils\n_rebuild_tensor_v2\nq\x02((X\x07\x00\x00\x00storageq\x03"
            b"ctorch\nFloatStorage\nq\x04X\x0e\x00\x00\x0094304870911616q\x05X\x03\x00\x00\x00cpuq\x06K\x04tq\x07Q"
            b"K\x00K\x04\x85q\x08K\x01\x85q\t\x89ccollections\nOrderedDict\nq\n)Rq\x0btq\x0cRq\rs."
        ),
        ".data/extern_modules": b"torch._utils\ntorch\ncollections\n",
        **extra,
        ".data/version": b"6\n",
    }
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in records.items():
            archive.writestr(f"old/{name}", data)
    buffer.seek(0)
    return buffer


@READERS
def test_archives_of_earlier_versions(reader: Implementation) -> None:
    """Records that came later may be missing."""
    importer = reader.importer(old_archive({}))
    assert importer.load_pickle("model", "model.pkl")["w"].tolist() == [0, 1, 2, 3]
    assert importer.python_version() is None


@READERS
def test_custom_objects_of_earlier_versions(reader: Implementation) -> None:
    """`__reduce_package__` was stored without a number, and called for each mention."""
    source = b"def load(importer, name):\n    return [importer.load_text('model', name)]\n"
    data = (
        b"\x80\x03(X\x0e\x00\x00\x00reduce_packagecold_code\nload\nX\x05\x00\x00\x00a.txt\x85tQ"
        b"(X\x0e\x00\x00\x00reduce_packagecold_code\nload\nX\x05\x00\x00\x00a.txt\x85tQ\x86."
    )
    importer = reader.importer(old_archive({"old_code.py": source, "model/custom.pkl": data, "model/a.txt": b"text"}))
    first, second = importer.load_pickle("model", "custom.pkl")
    assert first == second == ["text"]
    assert first is not second


@READERS
@pytest.mark.parametrize("writer", [OURS], ids=str)
def test_unknown_records_are_passed_over(package: Path, reader: Implementation) -> None:
    """The versions and metadata that we add are no concern of the original."""
    with OURS.exporter(package) as exporter:
        exporter.save_source_string("m", "import torch\nVALUE = 1\n")
        exporter.save_metadata("torch")
    importer = reader.importer(package)
    assert importer.import_module("m").VALUE == 1
    assert importer.file_structure().has_file(".data/extern_versions")


@pytest.mark.parametrize("writer", [ORACLE, OURS], ids=str)
@READERS
def test_other_byte_order(package: Path, reader: Implementation, request: pytest.FixtureRequest) -> None:
    """The archive says in which order its numbers are; the original does not listen."""
    if reader is ORACLE:
        request.applymarker(pytest.mark.xfail(strict=True, reason="the original fails here"))
    with zipfile.ZipFile(package) as archive:
        records = {name: archive.read(name) for name in archive.namelist()}
    for name, data in records.items():
        size = {4000: 4, 24: 8}.get(len(data)) if name.endswith(".storage") else None
        if size is not None:
            records[name] = b"".join(data[at : at + size][::-1] for at in range(0, len(data), size))
    records["package/byteorder"] = b"big"
    with zipfile.ZipFile(package, "w") as archive:
        for name, data in records.items():
            archive.writestr(name, data)
    check(reader, package)


def test_a_buffer_from_its_position_on() -> None:
    """What stands before the archive in a buffer stays, and is no part of it."""
    buffer = io.BytesIO()
    buffer.write(b"before")
    with OURS.exporter(buffer) as exporter:
        exporter.save_text("p", "text.txt", "hello")
    assert buffer.getvalue().startswith(b"beforePK")
    assert OURS.importer(buffer).load_text("p", "text.txt") == "hello"


def test_devices_are_written_to() -> None:
    """A path that is no regular file takes the bytes, and stays what it is."""
    with OURS.exporter("/dev/null") as exporter:
        exporter.save_text("p", "text.txt", "hello")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(("path", "error"), [("missing/package.pt", FileNotFoundError), (".", IsADirectoryError)])
def test_bad_places(path: str, error: type[Exception], tmp_path: Path, monkeypatch: Any) -> None:
    """Said at once, before anything is exported."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error):
        OURS.exporter(path)


def test_links_and_modes_are_kept(tmp_path: Path) -> None:
    """An export through a link replaces the file that it leads to, which keeps its mode."""
    (tmp_path / "real.pt").write_bytes(b"")
    (tmp_path / "real.pt").chmod(0o640)
    (tmp_path / "link.pt").symlink_to("real.pt")
    with OURS.exporter(tmp_path / "link.pt") as exporter:
        exporter.save_text("p", "text.txt", "hello")
    assert (tmp_path / "link.pt").is_symlink()
    assert (tmp_path / "real.pt").stat().st_mode & 0o777 == 0o640
    assert OURS.importer(tmp_path / "link.pt").load_text("p", "text.txt") == "hello"
