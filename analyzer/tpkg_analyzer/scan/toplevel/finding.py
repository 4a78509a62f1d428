"""What is found past the path and past finders: what compiled code makes, what objects in place of packages give."""

import os
import re
from collections.abc import Callable
from contextlib import suppress

from tpkg_analyzer.scan.facts import TopLevel
from tpkg_analyzer.scan.known import Known
from tpkg_analyzer.scan.resolver import Location, ModuleKind
from tpkg_analyzer.scan.toplevel.finders import Finders
from tpkg_analyzer.scan.toplevel.outline import Outline
from tpkg_analyzer.scan.toplevel.values import UNKNOWN, Module, RaisedError, Value, is_caught_by
from tpkg_analyzer.sources.files import Files

COMPILED = frozenset({ModuleKind.EXTENSION, ModuleKind.MADE})
"""Modules of which there is no Python source."""

_STEPS_PER_HOOK = 1_000
_PYO3 = b"pyo3_runtime"
"""The module that each extension by PyO3 names in its exception for a panic."""


class Finding(Finders):
    """The part of a process that looks where no finder of Python's own does."""

    def __init__(
        self,
        files: Files,
        known: Known,
        facts: Callable[[Location], TopLevel | None],
        modules: dict[str, Value],
        stdlib_names: frozenset[str],
    ) -> None:
        super().__init__(files, stdlib_names, modules)
        self.known = known
        self.running: list[str] = []
        """The modules whose imports have begun and not ended."""
        self.failed: dict[str, Location] = {}
        """Where the modules are whose imports have failed."""
        self.untold: list[tuple[str, str, str]] = []
        """The names that modules import from objects in the place of packages: who, from where, what."""
        self._facts = facts

    def _stubbed(self, name: str, above: Module) -> Location | None:
        """Return a place for a module of which there is a stub alone: compiled code makes it (PEP 561).

        Such a stub stands in the folder of the compiled module's own name, or of the package that takes it in.
        """
        if above.location is None or not above.is_open or name in self.known.missing:
            return None
        last, inside = name.rpartition(".")[2], above.location.search
        compiled = above.location.path if above.location.kind in COMPILED else None
        if compiled is not None:
            inside = (*inside, os.path.join(os.path.split(compiled)[0], above.name.rpartition(".")[2]))
        for folder in inside:
            entries = self.files.entries(folder)
            if f"{last}.pyi" in entries or "__init__.pyi" in self.files.entries(os.path.join(folder, last)):
                is_attribute = compiled is not None and self._is_made_by_pyo3(compiled)
                return None if is_attribute else Location(name, ModuleKind.MADE)
        return None

    def _is_made_by_pyo3(self, path: str) -> bool:
        """Tell whether compiled code is a PyO3 extension: it does not put its own submodules into `sys.modules`.

        What its stubs tell are attributes that no import statement finds, as the PyO3 guide says. Whoever registers
        them by hand gives them the name of the package around the extension.
        """
        with suppress(OSError):
            return _PYO3 in self.files.read(path)
        return False

    def _is_promised(self, owner: Module, name: str) -> bool:
        """Tell whether a module lists a name in `__all__` that nothing in its source can bind: compiled code does."""
        listed = owner.names.get("__all__")
        path = owner.location.path if owner.location is not None else None
        if not isinstance(listed, (list, tuple)) or name not in listed or path is None:
            return False
        try:
            lines = self._lines_of(path)
        except (OSError, SyntaxError, ValueError, LookupError):
            return False
        bare = re.compile(rf"""\b{re.escape(name)}\b(?!["'])|(?<!["']){re.escape(name)}\b""")
        return not any(bare.search(line) for line in lines)

    def _given_by(self, owner: Value, name: str) -> Value:
        """Return what an object in the place of a package gives for a name, UNKNOWN where that cannot be told.

        Raises what its hook does: AttributeError only where it certainly has no such attribute.
        """
        hook = self.hook_of(owner)
        if hook is None:
            return UNKNOWN
        if name in owner.attributes:
            return owner.attributes[name]
        self.fruitless.pop(hook.function, None)  # most of what it gives is a name of a module that nobody looks into
        try:
            return self._answer_of_hook(hook, name, hook.function.module)
        except RaisedError as error:
            if is_caught_by(error.type, AttributeError) is False or self.certainly_lacks(owner, name):
                raise
            return UNKNOWN

    def _answer_of_hook(self, hook: Value, name: str, module: Module) -> Value:
        return self._answer(hook, [name], module, min(self.steps_left, _STEPS_PER_HOOK))

    def doubts_of_objects(self) -> dict[str, str]:
        """Return the modules that ask an object in the place of a package for a name whose own module has failed.

        Such objects import what they are asked for, and whoever asks fails as well, unless the object has something
        else for this case. That is not decided, and known only in the end: they may be asked before the module is.
        """
        found: dict[str, str] = {}
        for module, owner, name in self.untold:
            for failed, location in self.failed.items():
                facts = self._facts(location) if failed.startswith(f"{owner}.") else None
                if facts is not None and name.encode() in facts.packed_outline and _defines(facts.outline, name):
                    found.setdefault(module, f"{owner} gives it {name} of {failed}, which cannot be imported")
        return found


def _defines(outline: Outline, name: str) -> bool:
    return any(step[0] in {"class", "def"} and step[2] == name for step in outline)
