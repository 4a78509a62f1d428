"""Models of `pathlib`: paths as the pure ones of the standard library, with what can be asked of files."""

from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING

from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.natives import Arguments, Named, registering_in
from tpkg_analyzer.scan.toplevel.values import UNKNOWN, Method, Native, Value, is_known
from tpkg_analyzer.sources.files import Files, is_file, is_folder

if TYPE_CHECKING:
    from tpkg_analyzer.scan.toplevel.process import Process

PATHS: dict[str, Value] = {}
native = registering_in(PATHS)

_SAME = frozenset({"resolve", "absolute"})
_PROPERTIES = frozenset({"parent", "name", "stem", "suffix", "parts"})
_METHODS = frozenset({"joinpath", "with_name", "with_stem", "with_suffix", "as_posix", "is_absolute", "relative_to"})
_QUESTIONS: dict[str, Callable[[Files, str], bool]] = {
    "exists": lambda files, path: is_file(files, path) or is_folder(files, path),
    "is_file": is_file,
    "is_dir": is_folder,
}


@native("pathlib.Path", "pathlib.PurePath")
def _path(process: "Process", _frame: Frame, arguments: Arguments, named: Named) -> Value:
    if named or not all(isinstance(part, (str, PurePath)) for part in arguments):
        return UNKNOWN
    return process.compute(PurePath, *arguments)


def attribute_of_path(path: PurePath, name: str, files: Files) -> Value:
    """Return an attribute of a path; what asks for anything but names and whether there is a file is unknown."""
    if name in _PROPERTIES:
        return getattr(path, name)
    if name in _METHODS:
        return Method(path, name)
    if name in _SAME and path.is_absolute():
        return Native(f"pathlib.Path.{name}", lambda *_: path)
    question = _QUESTIONS.get(name)
    if question is not None and path.is_absolute() and is_known(path):
        return Native(f"pathlib.Path.{name}", lambda *_: question(files, str(path)))
    return UNKNOWN
