"""Puts a changed text in the place of a file. Nothing else in the analyzer changes files of a project."""

import errno
import os
import stat
import tempfile
from pathlib import Path

from tpkg_analyzer.sources.notebooks import SUFFIX as NOTEBOOK
from tpkg_analyzer.sources.notebooks import with_python
from tpkg_analyzer.sources.text import declared_coding, decode_exactly

_DEVICES = Path("/dev")
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def replace_text(path: Path, text: str) -> None:
    """Write the whole text beside the file and rename it into place: a reader sees the old file or the new one.

    Encoding, byte order mark and permissions stay, a symbolic link goes on to point to the file; where the text
    declares another coding than the file did, it is written in that one. A file that has other names as well is
    written over instead, so that all of them go on to name it.
    Raises OSError, also for a file that may not be written, UnicodeEncodeError for a text that the file's encoding does
    not have, and ValueError for one that has other cells than a notebook.
    """
    target = path.resolve()
    found = target.stat()
    if not found.st_mode & _WRITABLE or not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "the file is read-only", str(path))
    before = target.read_bytes()
    if path.suffix == NOTEBOOK:
        after = with_python(before, text)
    else:
        old, encoding = decode_exactly(before)
        if declared_coding(text) != declared_coding(old):
            encoding = declared_coding(text)
        after = text.encode(encoding)
    if found.st_nlink > 1:
        target.write_bytes(after)
    else:
        _put(target, after, found.st_mode & 0o7777)


def write_result(path: Path, text: str) -> None:
    """Write a result in UTF-8, beside the file and renamed: a failure leaves an older one whole. Raises OSError.

    A device or a pipe, such as `/dev/stdout`, takes the text and stays what it is.
    """
    if path.is_relative_to(_DEVICES) or (path.exists() and not path.is_file()):
        with path.open("ab") as stream:
            stream.write(text.encode(errors="backslashreplace"))
        return
    target = path.resolve()
    permissions = target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask()
    _put(target, text.encode(errors="backslashreplace"), permissions)


def _put(target: Path, data: bytes, permissions: int) -> None:
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from None  # nobody knows the file beside it
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(permissions)
        Path(beside).replace(target)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
