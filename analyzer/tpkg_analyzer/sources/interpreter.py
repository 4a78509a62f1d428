"""What an interpreter says of itself: version, import path, names and suffixes.

Asking imports nothing of the user's, and of the standard library what is compiled.
"""

import os
import subprocess
from functools import lru_cache

import msgspec

_QUESTION = """
import importlib.machinery as m, importlib, json, os, platform, site, sys, types
path, redirected = [entry for entry in sys.path if entry], {}
def located(name, package=None):
    # Takes the place of an import that a finder makes only to learn where a module is.
    folders = None
    for end in (at for at, character in enumerate(name + ".") if character == "."):
        found = m.PathFinder.find_spec(name[:end], folders)
        if found is None or not found.has_location:  # nothing, or what only the import system can follow
            return import_module(name, package)
        folders = found.submodule_search_locations
    module = types.ModuleType(name)
    module.__file__, module.__spec__ = found.origin, found
    return module
import_module, importlib.import_module = importlib.import_module, located
for finder in sys.meta_path:
    if finder in (m.BuiltinImporter, m.FrozenImporter, m.PathFinder) or "__editable__" in str(type(finder)):
        continue
    for name in (*sys.stdlib_module_names, "distutils"):
        try:
            spec = finder.find_spec(name, None, None)
        except Exception:
            continue
        if spec is not None and spec.origin:
            redirected[name] = spec.origin
importlib.import_module = import_module
def place(target):
    target = str(target)
    folder, leaf = os.path.split(target)
    return folder if leaf == "__init__.py" else target[:-3] if leaf.endswith(".py") else target
editable = []
for finder in sys.meta_path:
    owner = str(getattr(finder, "__module__", ""))
    mapping = getattr(finder, "_redirections", None)  # of the package editables: hatchling, pdm-backend
    if owner.startswith("__editable__"):  # of setuptools
        mapping = getattr(sys.modules[owner], "MAPPING", {})
    if isinstance(mapping, dict):
        editable.append([owner, {str(name): place(target) for name, target in mapping.items()}])
compiled, contents = [], {}
for name in sys.stdlib_module_names:
    found = m.PathFinder.find_spec(name)
    if found is not None and isinstance(found.loader, m.ExtensionFileLoader):
        compiled.append(name)
for name in (*sys.builtin_module_names, *sorted(compiled)):
    try:
        contents[name] = dir(import_module(name))
    except Exception:
        pass  # built, and a library of the system is missing
print()  # some of these, as readline, say something to a terminal
print(json.dumps({
    "executable": sys.executable, "version": list(sys.version_info[:3]), "platform": sys.platform,
    "search_path": path, "prefix": sys.prefix,
    "stdlib_names": sorted(getattr(sys, "stdlib_module_names", ())), "builtin_names": sorted(sys.builtin_module_names),
    "extension_suffixes": m.EXTENSION_SUFFIXES, "machine": platform.machine(),
    "frozen_names": [name for name in sys.stdlib_module_names if m.FrozenImporter.find_spec(name)],
    "contents": contents,
    "redirected": redirected, "sites": [*site.getsitepackages(), site.getusersitepackages()],
    "editable": editable,
}))
"""
_PATIENCE = 30.0
_LONGEST_WORD_OF_FAILURE = 200


class Interpreter(msgspec.Struct, frozen=True):
    """The environment that is exported. Paths are absolute; `search_path` is `sys.path` without the script's folder."""

    executable: str
    version: tuple[int, int, int]
    platform: str
    search_path: tuple[str, ...]
    prefix: str
    stdlib_names: frozenset[str]
    builtin_names: frozenset[str]
    extension_suffixes: tuple[str, ...]
    editable: tuple[tuple[str, dict[str, str]], ...] = ()
    """What the finders of editable installs map: modules to their folders, or to their files without the suffix."""
    machine: str = ""
    frozen_names: frozenset[str] = frozenset()
    redirected: dict[str, str] = {}
    """The files of standard modules that a foreign finder on `sys.meta_path` replaces, as setuptools does."""
    sites: tuple[str, ...] = ()
    """The folders in which packages may be installed, those too that are not there."""
    contents: dict[str, frozenset[str]] = {}
    """The names in each compiled module of the standard library, `builtins` among them."""


class InterpreterError(Exception):
    """The interpreter cannot be found or does not answer."""


@lru_cache(maxsize=16)
def ask_interpreter(executable: str) -> Interpreter:
    """Start the interpreter once and let it describe itself. Raises InterpreterError."""
    try:
        answer = subprocess.run(
            [executable, "-c", _QUESTION], capture_output=True, timeout=_PATIENCE, check=True, cwd=os.path.sep
        )
        # A `sitecustomize` or a path file may have printed something before.
        return msgspec.json.decode(answer.stdout.rstrip().rpartition(b"\n")[2], type=Interpreter)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        raise InterpreterError(f"{executable} fails: {_shortened(said[-1]) if said else 'without a word'}") from None
    except (OSError, subprocess.TimeoutExpired, msgspec.MsgspecError) as error:
        raise InterpreterError(f"{executable} does not answer as a Python interpreter: {error}") from None


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_WORD_OF_FAILURE else f"{text[:_LONGEST_WORD_OF_FAILURE]} ..."
