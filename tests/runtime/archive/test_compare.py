"""Two archives compared, in whatever form they come."""

import io
import zipfile
from pathlib import Path

from tpkg_runtime import PackageExporter, compare, extract


def package(**texts: str) -> io.BytesIO:
    """Return a package with texts."""
    buffer = io.BytesIO()
    with PackageExporter(buffer) as exporter:
        for name, text in texts.items():
            exporter.save_text("p", name, text)
    return buffer


def test_what_is_different() -> None:
    """By name and by content, sizes first."""
    found = compare(package(a="1", b="2", c="3"), package(b="2", c="4", d="5"))
    assert (found.removed, found.added, found.changed) == (("p/a",), ("p/d",), ("p/c",))
    assert str(found) == "- p/a\n~ p/c\n+ p/d"


def test_form_does_not_count(tmp_path: Path) -> None:
    """Extracted, compressed, or as it was: the same."""
    archive = package(a="1" * 1000)
    extract(archive, tmp_path / "folder")
    with zipfile.ZipFile(archive) as original, zipfile.ZipFile(tmp_path / "x.pt", "w", zipfile.ZIP_DEFLATED) as copy:
        for name in original.namelist():
            copy.writestr(name, original.read(name))
    assert not compare(archive, tmp_path / "folder")
    assert not compare(tmp_path / "folder", tmp_path / "x.pt")
