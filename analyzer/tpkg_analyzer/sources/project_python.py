"""Which interpreter a project exports from: the one that is activated, else its own, else that of PATH.

What runs the tool in an environment of the tool's own, as pre-commit does, puts that one first in every place. It is
not the project's, unless somebody has installed torch there as well: nothing else can export.
"""

import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from tpkg_analyzer.sources.interpreter import InterpreterError, ask_interpreter

_FOLDER = "Scripts" if os.name == "nt" else "bin"
_IN_ENVIRONMENT = Path(_FOLDER, "python")
_NAMES = ("python3", "python")
_MARKS = ("pyvenv.cfg", "conda-meta")


def find_interpreter(root: Path, configured: str | None, variables: Mapping[str, str] = os.environ) -> str:
    """Return the interpreter whose environment is exported.

    The configured one, else that of VIRTUAL_ENV, else the nearest `.venv` in or above `root`, else the first on PATH.
    The tool's own environment comes last, where it has no torch.
    A configured one is a path, of an environment's folder too, or a command on PATH.
    Raises InterpreterError where a configured one is not there.
    """
    if configured is not None:
        return _configured(root, configured)
    activated = _inside(Path(named).absolute()) if (named := variables.get("VIRTUAL_ENV")) else None
    if activated is not None and not _is_the_tools(activated):
        return activated
    for above in (root, *root.parents):
        if (found := _inside(above.absolute() / ".venv")) is not None:
            return found
    found = activated or _first_of(_folders(variables)) or sys.executable
    if _is_the_tools(found):
        other = _first_of(folder for folder in _folders(variables) if not _is_own(Path(folder)))
        if other is not None and _can_be_a_projects(other):
            return other
    return found


def _configured(root: Path, configured: str) -> str:
    path = root / Path(configured).expanduser()
    if path.is_dir() and (inside := _inside(path)) is not None:
        return inside
    if path.is_file():
        return str(path)
    if found := shutil.which(configured):
        return found
    raise InterpreterError(f"there is no interpreter at {path}; set `python` or --python to one")


def _inside(environment: Path) -> str | None:
    path = environment / _IN_ENVIRONMENT
    return str(path) if os.path.exists(path) else None  # noqa: PTH110 - that of a Path may raise


def _folders(variables: Mapping[str, str]) -> list[str]:
    return variables.get("PATH", os.defpath).split(os.pathsep)


def _first_of(folders: Iterable[str]) -> str | None:
    path = os.pathsep.join(folders)
    return next(filter(None, (shutil.which(name, path=path) for name in _NAMES)), None)


def _is_the_tools(executable: str) -> bool:
    return _is_own(Path(executable).parent) and not _has_torch(sys.path)


def _is_own(folder: Path) -> bool:
    """Tell whether a folder of programs is that of the environment that this process runs in."""
    return folder.resolve() == (Path(sys.prefix) / _FOLDER).resolve()


def _can_be_a_projects(executable: str) -> bool:
    """Tell whether somebody has installed something for a program: an environment was made for it, or it has torch.

    Otherwise it is that of the system, and somebody may have activated the environment that the tool is in.
    """
    try:
        found = ask_interpreter(executable)
    except InterpreterError:
        return False
    return any((Path(found.prefix) / mark).exists() for mark in _MARKS) or _has_torch(found.search_path)


def _has_torch(search_path: Iterable[str]) -> bool:
    return any((Path(entry) / "torch" / "__init__.py").is_file() for entry in search_path)
