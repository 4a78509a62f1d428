"""Where a module is, by the rules of Python's finders, without importing anything."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from tpkg_analyzer.sources.files import Files
from tpkg_analyzer.sources.interpreter import Interpreter


class ModuleKind(Enum):
    """What a finder finds."""

    SOURCE = "source"
    EXTENSION = "extension"
    BYTECODE = "bytecode"
    NAMESPACE = "namespace"
    BUILTIN = "builtin"


@dataclass(frozen=True, slots=True)
class Location:
    """A module's place. `search` are the folders in which its submodules are looked for; none for a plain module."""

    name: str
    kind: ModuleKind
    path: str | None = None
    search: tuple[str, ...] = ()
    is_first_party: bool = False

    @property
    def is_package(self) -> bool:
        """Whether the module can have submodules."""
        return bool(self.search)


class Resolver:
    """Finds modules in the project's import roots, then on the interpreter's path. Answers are remembered."""

    def __init__(self, files: Files, interpreter: Interpreter, roots: Iterable[str]) -> None:
        self._files = files
        self._interpreter = interpreter
        self._roots = tuple(roots)
        self._known: dict[str, Location | None] = {}

    def find(self, name: str) -> Location | None:
        """Return the place of the module `name`, None where no finder has it."""
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _find(self, name: str) -> Location | None:
        parent, _, last = name.rpartition(".")
        if not last.isidentifier():
            return None
        if parent:
            package = self.find(parent)
            if package is None:
                return None
            return self._in_folders(name, last, package.search, is_first_party=package.is_first_party)
        if name in self._interpreter.builtin_names:
            return Location(name, ModuleKind.BUILTIN)
        for _, mapping in self._interpreter.editable:
            if target := mapping.get(name):
                folder, leaf = os.path.split(target)
                return self._in_folders(name, os.path.splitext(leaf)[0], (folder,), is_first_party=False)
        own = self._in_folders(name, last, self._roots, is_first_party=True)
        installed = self._in_folders(name, last, self._interpreter.search_path, is_first_party=False)
        if own is not None and own.kind is ModuleKind.NAMESPACE and installed is not None:
            if installed.kind is not ModuleKind.NAMESPACE:
                return installed
            return Location(name, ModuleKind.NAMESPACE, None, own.search + installed.search, is_first_party=True)
        return own or installed

    def _in_folders(self, name: str, last: str, folders: Iterable[str], *, is_first_party: bool) -> Location | None:
        portions = []
        for folder in folders:
            entries = self._files.entries(folder)
            if entries.get(last):
                found = self._package(name, os.path.join(folder, last), is_first_party)
                if found is not None:
                    return found
                portions.append(os.path.join(folder, last))
            for suffix, kind in self._suffixes():
                if entries.get(last + suffix) is False:
                    return Location(name, kind, os.path.join(folder, last + suffix), (), is_first_party)
        if portions:
            return Location(name, ModuleKind.NAMESPACE, None, tuple(portions), is_first_party)
        return None

    def _package(self, name: str, folder: str, is_first_party: bool) -> Location | None:
        entries = self._files.entries(folder)
        for suffix, kind in self._suffixes():
            if entries.get("__init__" + suffix) is False:
                return Location(name, kind, os.path.join(folder, "__init__" + suffix), (folder,), is_first_party)
        return None

    def _suffixes(self) -> list[tuple[str, ModuleKind]]:
        # The order of importlib.machinery: extensions, sources, bytecode.
        extensions = [(suffix, ModuleKind.EXTENSION) for suffix in self._interpreter.extension_suffixes]
        return [*extensions, (".py", ModuleKind.SOURCE), (".pyc", ModuleKind.BYTECODE)]
