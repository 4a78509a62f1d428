"""Little trees of modules in memory, and what is predicted for them."""

import builtins
import sys
from collections.abc import Mapping

import msgspec

from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.known import NOTHING_KNOWN, Known
from tpkg_analyzer.sources.files import Memory
from tpkg_analyzer.sources.interpreter import Interpreter

ROOT = "/project"
LIBRARY = "/library"

INTERPRETER = Interpreter(
    executable="python",
    version=(3, 11, 7),
    platform="linux",
    search_path=(LIBRARY,),
    prefix="/usr",
    stdlib_names=frozenset(sys.stdlib_module_names),
    builtin_names=frozenset({"sys", "builtins"}),
    extension_suffixes=(".so",),
    contents={"sys": frozenset(dir(sys)), "builtins": frozenset(dir(builtins))},
)

STANDARD = {
    f"{LIBRARY}/importlib/__init__.py": "",
    f"{LIBRARY}/importlib/util.py": "",
    f"{LIBRARY}/importlib/metadata.py": "class PackageNotFoundError(ModuleNotFoundError): ...\n",
    f"{LIBRARY}/contextlib.py": "",
    f"{LIBRARY}/functools.py": "",
    f"{LIBRARY}/os.py": "import posixpath as path\nimport sys\nsys.modules['os.path'] = path\n",
    f"{LIBRARY}/pkgutil.py": "",
    f"{LIBRARY}/platform.py": "",
    f"{LIBRARY}/posixpath.py": "",
    f"{LIBRARY}/typing.py": "TYPE_CHECKING = False\nOptional = object()\n",
    f"{LIBRARY}/packaging/__init__.py": "",
    f"{LIBRARY}/packaging/version.py": "class InvalidVersion(ValueError): ...\n",
    f"{LIBRARY}/there-1.10.0.dist-info/METADATA": "",
    f"{LIBRARY}/there.py": "name = 1\n",
}
"""What stands for the standard library, and one installed distribution."""


RUNNING = msgspec.structs.replace(INTERPRETER, version=sys.version_info[:3])
"""The same of the version that runs the tests, which is asked for nothing."""


def environment(
    tree: Mapping[str, str | bytes], known: Known = NOTHING_KNOWN, interpreter: Interpreter = INTERPRETER
) -> StaticEnvironment:
    """Return the environment of a project with these files, paths relative to its import root."""
    files = {path if path.startswith("/") else f"{ROOT}/{path}": text for path, text in tree.items()}
    return StaticEnvironment(Memory({**STANDARD, **files}), interpreter, [ROOT], known=known)
