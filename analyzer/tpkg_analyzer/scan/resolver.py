"""Where a module is, by the rules of Python's finders, without importing anything."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath

from tpkg_analyzer.sources.files import Files
from tpkg_analyzer.sources.interpreter import Interpreter


class ModuleKind(Enum):
    """What a finder finds."""

    SOURCE = "source"
    EXTENSION = "extension"
    BYTECODE = "bytecode"
    NAMESPACE = "namespace"
    BUILTIN = "builtin"
    MADE = "made by an extension"
    """Found by no finder: a compiled module puts it into `sys.modules`."""


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
        self._found: dict[tuple[str, tuple[str, ...]], Location | None] = {}
        # The order of importlib.machinery: extensions, sources, bytecode.
        extensions = [(suffix, ModuleKind.EXTENSION) for suffix in interpreter.extension_suffixes]
        self._suffixes = [*extensions, (".py", ModuleKind.SOURCE), (".pyc", ModuleKind.BYTECODE)]

    @property
    def suffixes(self) -> list[str]:
        """The endings of files that are modules."""
        return [suffix for suffix, _ in self._suffixes]

    @property
    def roots(self) -> tuple[str, ...]:
        """The project's import roots."""
        return self._roots

    @property
    def search_path(self) -> tuple[str, ...]:
        """The folders in which top-level modules are looked for: import roots first, as on PYTHONPATH."""
        return (*self._roots, *self._interpreter.search_path)

    def find(self, name: str) -> Location | None:
        """Return the place of the module `name`, None where no finder has it."""
        if name not in self._known:
            parent = name.rpartition(".")[0]
            if parent:
                package = self.find(parent)
                self._known[name] = (
                    self.find_in(name, package.search) or self.find_editable(name) if package is not None else None
                )
            else:
                self._known[name] = self.find_top(name, self.search_path)
        return self._known[name]

    def find_top(self, name: str, path: tuple[str, ...]) -> Location | None:
        """Return the place of a top-level module, `path` being `sys.path`."""
        if name in self._interpreter.builtin_names:
            return Location(name, ModuleKind.BUILTIN)
        if redirected := self._interpreter.redirected.get(name):
            place = PurePath(redirected)
            place = place.parent if place.name == "__init__.py" else place.with_suffix("")
            return self._in_folders(name, place.name, (str(place.parent),))
        if name in self._interpreter.frozen_names:
            path = self._interpreter.search_path
        return self.find_in(name, path) or self.find_editable(name)

    def find_editable(self, name: str) -> Location | None:
        """Ask the finders of editable installs: they stand behind the finder of the path."""
        parent = name.rpartition(".")[0]
        for owner, mapping in self._interpreter.editable:
            if target := mapping.get(name):
                folder, leaf = os.path.split(target)
                found = self._in_folders(name, leaf, (folder,))
                if found is not None and found.kind is not ModuleKind.NAMESPACE:  # they look for files alone
                    return found
            elif parent in mapping and owner.startswith("__editable__"):  # setuptools' alone looks below what it maps
                return self.find_in(name, (mapping[parent],))
        return None

    def find_in(self, name: str, folders: tuple[str, ...]) -> Location | None:
        """Return the place of a module by the path of its package."""
        key = (name, folders)
        if key not in self._found:
            self._found[key] = self._in_folders(name, name.rpartition(".")[2], folders)
        return self._found[key]

    def _in_folders(self, name: str, last: str, folders: Iterable[str]) -> Location | None:
        portions = []
        for folder in folders:
            entries = self._files.entries(folder)
            if entries.get(last):
                found = self._package(name, os.path.join(folder, last))
                if found is not None:
                    return found
                portions.append(os.path.join(folder, last))
            for suffix, kind in self._suffixes:
                if entries.get(last + suffix) is False:
                    return Location(name, kind, os.path.join(folder, last + suffix), (), self._is_own(folder))
        if portions:
            return Location(name, ModuleKind.NAMESPACE, None, tuple(portions), self._is_own(portions[0]))
        return None

    def _package(self, name: str, folder: str) -> Location | None:
        entries = self._files.entries(folder)
        for suffix, kind in self._suffixes:
            if entries.get("__init__" + suffix) is False:
                return Location(name, kind, os.path.join(folder, "__init__" + suffix), (folder,), self._is_own(folder))
        return None

    def _is_own(self, folder: str) -> bool:
        """Tell whether `folder` belongs to the project: the deepest entry of the path above it is an import root."""
        inside = folder + os.sep
        above = [entry for entry in self.search_path if inside.startswith(entry.rstrip(os.sep) + os.sep)]
        return bool(above) and max(above, key=len) in self._roots
