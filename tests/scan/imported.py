"""Modules, as they are told to import and as they do."""

import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from msgspec.structs import replace

from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.importability import Verdict
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter

_NAME = "imported_module"
# All in one interpreter; what one of them does to the filters of warnings is no matter of the next.
_IMPORT_ALL = """
import importlib, sys, warnings
for name in sys.argv[1:]:
    with warnings.catch_warnings():
        try:
            importlib.import_module(name)
        except BaseException as error:
            print(name, repr(error))
"""


def told(source: str, folder: Path) -> Verdict:
    """Return what is told of a module with this source, beside the standard library alone."""
    (folder / f"{_NAME}.py").write_text(source)
    interpreter = ask_interpreter(sys.executable)
    alone = tuple(entry for entry in interpreter.search_path if "packages" not in entry)
    return StaticEnvironment(Disk(), replace(interpreter, search_path=alone), [str(folder)]).verdict(_NAME)


def raised(folder: Path) -> str:
    """Return the class of what importing that module raises for real, "" where it works."""
    code = f"try:\n    import {_NAME}\nexcept BaseException as error:\n    print(type(error).__name__)\n"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Modules:
    """Many modules in one folder, by number."""

    def __init__(self, folder: Path, sources: Collection[str]) -> None:
        self._folder = folder
        self._names = [f"module{number}" for number in range(len(sources))]
        for name, source in zip(self._names, sources, strict=True):
            (folder / f"{name}.py").write_text(source, encoding="utf-8")
        self._environment = StaticEnvironment(Disk(), ask_interpreter(sys.executable), [str(folder)])

    def failures(self) -> str:
        """Return what importing them one after another raises for real, "" where all work."""
        command = [sys.executable, "-c", _IMPORT_ALL, *self._names]
        return subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=True).stdout

    def told(self, number: int) -> str | None:
        """Return why one of them is told to fail, imported alone."""
        self._environment.begin()
        return self._environment.verdict(self._names[number]).reason
