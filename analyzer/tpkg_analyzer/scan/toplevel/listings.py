"""Models of what modules use to find their own submodules: pkgutil and folder listings."""

import fnmatch
import os
import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.natives import Arguments, Named, registering_in
from tpkg_analyzer.scan.toplevel.record import Record
from tpkg_analyzer.scan.toplevel.values import UNKNOWN, Lazy, Module, RaisedError, Row, Value, is_known

if TYPE_CHECKING:
    from tpkg_analyzer.scan.toplevel.process import Process

LISTINGS: dict[str, Value] = {}
native = registering_in(LISTINGS)


class ModuleInfo(NamedTuple):
    """What `pkgutil` yields: a tuple whose parts have names as well."""

    module_finder: Value
    name: str
    ispkg: bool


@native("pkgutil.iter_modules")
def _iter_modules(process: "Process", _frame: Frame, arguments: Arguments, named: Named) -> Value:
    path = arguments[0] if arguments else named.get("path")
    prefix = arguments[1] if len(arguments) > 1 else named.get("prefix", "")
    if not isinstance(path, list) or not is_known(path) or not isinstance(prefix, str):
        return UNKNOWN
    return Row(_infos(process, path, prefix), process.uncertain)


@native("pkgutil.walk_packages")
def _walk_packages(process: "Process", _frame: Frame, arguments: Arguments, named: Named) -> Value:
    path = arguments[0] if arguments else named.get("path")
    prefix = arguments[1] if len(arguments) > 1 else named.get("prefix", "")
    if not isinstance(path, list) or not is_known(path) or not isinstance(prefix, str):
        return UNKNOWN
    return Lazy(_walk(process, path, prefix))


def _walk(process: "Process", path: list[Value], prefix: str) -> Iterator[Value]:
    """Yield what `walk_packages` does: each package is imported after it was yielded, before what is in it."""
    for info in _infos(process, path, prefix):
        yield info
        _, name, is_package = info
        if not is_package:
            continue
        try:
            found = process.import_named(name)
        except RaisedError:
            continue  # handed to `onerror`, or swallowed where it is an ImportError
        inner = found.names.get("__path__") if isinstance(found, Module) else None
        if isinstance(inner, list):
            yield from _walk(process, [entry for entry in inner if entry not in path], f"{name}.")


def _infos(process: "Process", path: list[Value], prefix: str) -> Iterator[Value]:
    """Yield what a FileFinder lists: sorted by file name, each name once."""
    seen = {"__init__"}
    suffixes = process.resolver.suffixes
    for folder in path:
        entries = process.files.entries(folder) if isinstance(folder, str) else {}
        finder = Record(path=folder)
        for entry in sorted(entries):
            if entries[entry]:
                inside = process.files.entries(os.path.join(folder, entry))
                name, is_package = entry, any(f"__init__{suffix}" in inside for suffix in suffixes)
                if not is_package:
                    continue
            else:
                suffix = next((item for item in suffixes if entry.endswith(item)), None)
                if suffix is None:
                    continue
                name, is_package = entry[: -len(suffix)], False
            if name not in seen and "." not in name and name.isidentifier():
                seen.add(name)
                yield ModuleInfo(finder, prefix + name, is_package)


@native("os.listdir")
def _listdir(process: "Process", _frame: Frame, arguments: Arguments, _named: Named) -> Value:
    folder = arguments[0] if arguments else UNKNOWN
    if not isinstance(folder, str) or not posixpath.isabs(folder):
        return UNKNOWN
    return Row(sorted(process.files.entries(posixpath.normpath(folder))), process.uncertain)


@native("glob.glob", "glob.iglob")
def _glob(process: "Process", _frame: Frame, arguments: Arguments, named: Named) -> Value:
    pattern = arguments[0] if len(arguments) == 1 and not named else UNKNOWN
    if not isinstance(pattern, str) or not posixpath.isabs(pattern):
        return UNKNOWN
    folder, name = posixpath.split(pattern)
    if any(character in folder for character in "*?[") or "**" in name:
        return UNKNOWN
    found = fnmatch.filter(sorted(process.files.entries(posixpath.normpath(folder))), name)
    shown = (entry for entry in found if not entry.startswith(".") or name.startswith("."))
    return Row((posixpath.join(folder, entry) for entry in shown), process.uncertain)


@native("builtins.map")
def _map(process: "Process", frame: Frame, arguments: Arguments, _named: Named) -> Value:
    values = process.iterated(arguments[1]) if len(arguments) == 2 else None
    if values is None:
        return UNKNOWN
    return Row((process.call(arguments[0], [value], {}, frame) for value in values), process.uncertain)


@native("platform.mac_ver")
def _mac_ver(process: "Process", _frame: Frame, _arguments: Arguments, _named: Named) -> Value:
    return UNKNOWN if process.interpreter.platform == "darwin" else ("", ("", "", ""), "")


@native("platform.win32_ver")
def _win32_ver(process: "Process", _frame: Frame, _arguments: Arguments, _named: Named) -> Value:
    return UNKNOWN if process.interpreter.platform == "win32" else ("", "", "", "")
