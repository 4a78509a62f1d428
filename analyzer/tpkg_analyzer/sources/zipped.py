"""Zip files as folders, for import paths that lead into one (PEP 273)."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath


def zipped_entries(folder: str) -> Mapping[str, bool]:
    """Return the names in a folder inside of a zip file, each with whether it is a folder."""
    archive, inside = _split(folder)
    return _tree(archive).get(inside, {}) if archive is not None else {}


def read_zipped(path: str) -> bytes:
    """Return the content of a file inside of a zip file. Raises OSError."""
    import zipfile  # takes a tenth of the time of a short command, and most have no use for it

    archive, inside = _split(path)
    if archive is None:
        raise FileNotFoundError(path)
    try:
        with zipfile.ZipFile(archive) as opened:
            return opened.read(inside)
    except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise OSError(f"{path}: {error}") from None


def _split(path: str) -> tuple[Path | None, str]:
    """Split a path at the file in its middle, which may be an archive."""
    for parent in (Path(path), *Path(path).parents):
        if parent.is_file():
            inside = Path(path).relative_to(parent).as_posix()
            return parent, "" if inside == "." else inside
        if parent.is_dir():
            break
    return None, ""


@lru_cache(maxsize=32)
def _tree(archive: Path) -> dict[str, dict[str, bool]]:
    import zipfile

    folders: dict[str, dict[str, bool]] = {}
    try:
        with zipfile.ZipFile(archive) as opened:
            names = opened.namelist()
    except (OSError, zipfile.BadZipFile):
        return folders
    for name in names:
        path = PurePosixPath(name)
        is_folder = name.endswith("/")
        while path.name:
            parent = "" if str(path.parent) == "." else str(path.parent)
            folders.setdefault(parent, {}).setdefault(path.name, is_folder)
            path, is_folder = path.parent, True
    return folders
