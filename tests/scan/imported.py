"""One module, as it is told to import and as it does."""

import subprocess
import sys
from pathlib import Path

from msgspec.structs import replace

from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.importability import Verdict
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter

_NAME = "imported_module"


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
