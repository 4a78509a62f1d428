"""Loads held against an archive that is there, and that no export of the project writes."""

import zipfile
from pathlib import Path

import pytest

from tests.rules.scenarios import findings_in
from tpkg_runtime.archive.extract import extract

_SERVE = """
from torch.package import PackageImporter

importer = PackageImporter("dist/net.pt")
importer.load_text("notes", "a.txt")
importer.load_text("notes", "b.txt")
"""


@pytest.mark.torch
@pytest.mark.parametrize("is_extracted", [False, True])
def test_the_archive_at_hand_decides(tmp_path: Path, is_extracted: bool) -> None:
    from torch.package import PackageExporter

    (tmp_path / "dist").mkdir()
    packed = tmp_path / ("packed.pt" if is_extracted else "dist/net.pt")
    with PackageExporter(packed) as exporter:
        exporter.save_text("notes", "a.txt", "x")
    if is_extracted:
        extract(packed, tmp_path / "dist" / "net.pt")
    (tmp_path / "serve.py").write_text(_SERVE.lstrip(), encoding="utf-8")
    (found,) = [item for item in findings_in(tmp_path) if item.code == "TPK506"]
    assert (found.span.line, found.message) == (5, "the archive has no resource `b.txt` in `notes`: the load raises")


def test_a_file_that_is_no_package_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    with zipfile.ZipFile(tmp_path / "dist" / "net.pt", "w") as archive:
        archive.writestr("net/data.pkl", b"")
    (tmp_path / "serve.py").write_text(_SERVE.lstrip(), encoding="utf-8")
    assert [item for item in findings_in(tmp_path) if item.code == "TPK506"] == []
