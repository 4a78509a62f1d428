"""Zip files that we write: read by Python's reader, also where sizes need the 64-bit records."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpkg_runtime.archive import zipstream
from tpkg_runtime.archive.zipstream import ALIGNMENT, ZipStream

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0\\:"), min_size=1, max_size=20)


def write(records: dict[str, bytes]) -> io.BytesIO:
    """Write an archive."""
    buffer = io.BytesIO()
    stream = ZipStream(buffer, "folder")
    for name, data in records.items():
        stream.write(name, data)
    stream.finish()
    return buffer


@given(st.dictionaries(NAMES, st.binary(max_size=300), max_size=8))
def test_what_is_written_is_read(records: dict[str, bytes]) -> None:
    """Names, contents, checksums; data begins where it can be mapped."""
    with zipfile.ZipFile(write(records)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            f"folder/{name}": data for name, data in records.items()
        }
        for entry in archive.infolist():
            with archive.open(entry) as file:
                assert file._orig_compress_start % ALIGNMENT == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("limit", [0, 1, 50, 120, 100_000])
def test_large_archives(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if sizes and offsets from `limit` on did not fit into 32 bits."""
    records = {"small": b"ab", "large": b"x" * 60, "": b"empty name", "last": b""}
    monkeypatch.setattr(zipstream, "_LIMIT", limit)
    monkeypatch.setattr(zipstream, "_capped", lambda value: 0xFFFFFFFF if value >= limit else value)
    with zipfile.ZipFile(write(records)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            f"folder/{name}": data for name, data in records.items()
        }


def test_many_entries() -> None:
    """More entries than 16 bits can count."""
    records = {str(number): b"" for number in range(70_000)}
    with zipfile.ZipFile(write(records)) as archive:
        assert len(archive.namelist()) == 70_000


def test_names_are_given_once() -> None:
    """A second record of one name is an error, not a second entry."""
    stream = ZipStream(io.BytesIO(), "folder")
    stream.write("x", b"1")
    with pytest.raises(ValueError, match="exists already"):
        stream.write("x", b"2")


def test_equal_contents_give_equal_archives() -> None:
    """No dates, no chance."""
    assert write({"a": b"1", "b": b"2"}).getvalue() == write({"a": b"1", "b": b"2"}).getvalue()
