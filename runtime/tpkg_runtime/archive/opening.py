"""Opening whatever is given as an archive, and naming what it is where it is none."""

import os
from pathlib import Path
from typing import IO

from tpkg_runtime.archive import layout
from tpkg_runtime.archive.directory import DirectoryReader
from tpkg_runtime.archive.errors import ArchiveError, ArchiveNotFoundError
from tpkg_runtime.archive.records import RecordReader
from tpkg_runtime.archive.zipread import ZipReader

Source = str | os.PathLike[str] | IO[bytes]


def open_archive(source: Source) -> RecordReader:
    """Open a package: a path to an archive or to an extracted folder, or a binary file that can seek.

    Raises ArchiveError, with a name for what was found instead, and TypeError for what cannot be an archive.
    """
    reader = _open(source)
    if not reader.has(layout.EXTERN_MODULES):
        found = _kind(reader)
        reader.close()
        raise ArchiveError(f"{reader.name} is not a package: {found}")
    return reader


def _open(source: Source) -> RecordReader:
    if isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        if Path(path).is_dir():
            return DirectoryReader(path)
        if not Path(path).exists():
            raise ArchiveNotFoundError(f"there is no file '{path}'")
        with Path(path).open("rb") as file:
            _refuse_other_formats(path, file.read(16))
        return ZipReader(path)
    if not all(hasattr(source, method) for method in ("read", "seek", "tell")):
        raise TypeError(f"expected a path or a binary file to read from, got {type(source).__name__}")
    return ZipReader(source)


def _refuse_other_formats(path: str, start: bytes) -> None:
    if not start:
        raise ArchiveError(f"{path} is not a package: the file is empty; was its export interrupted?")
    if start.startswith(b"\x80") and b"\x8a\nl\xfc\x9cF\xf9" in start:
        raise ArchiveError(f"{path} is not a package: it is a file of an old torch.save; load it with torch.load")


def _kind(reader: RecordReader) -> str:
    names = reader.names()
    if any(name.startswith("code/") for name in names):
        return "it is a TorchScript file; load it with torch.jit.load"
    if "data.pkl" in names:
        return "it is a file of torch.save; load it with torch.load"
    if "archive_format" in names:
        return "it is a PT2 archive; load it with torch.export.load"
    if not names:
        return "it has no records"
    return f"it has no record '{layout.EXTERN_MODULES}'"
