"""Run by other interpreters with the wheel installed: compiles and imports everything that needs no torch.

Standard library only, and not a test itself: test_interpreters.py runs it.
"""

import compileall
import importlib
import json
import pkgutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

NEEDS_TORCH = ("tpkg_runtime.exporter", "tpkg_runtime.importer", "tpkg_runtime.probe", "tpkg_runtime.analyze")
PROJECT = {
    "shop/__init__.py": "",
    "shop/model.py": "from __future__ import annotations\nimport json\nimport host_lib as np\nfrom . import layers\n",
    "shop/layers.py": "import typing\ntry:\n    import missing\nexcept ImportError:\n    pass\nimport cloud.session\n",
    "host_lib/__init__.py": "",
    "cloud/__init__.py": "",
    "cloud/session.py": "",
}
EXPECTED = {
    "interned": ["shop.layers", "shop.model"],
    "externed": ["__future__", "host_lib", "json", "typing"],
    "mocked": ["cloud.session"],
    "denied": [],
    "broken": {},
    "outcome": "ok",
}


def main() -> None:
    """Compile, import, and predict one closure as the exporter makes it."""
    packages = [importlib.import_module(name) for name in ("tpkg_analyzer", "tpkg_server", "tpkg_runtime")]
    folders = [Path(package.__path__[0]) for package in packages]
    warnings.simplefilter("error", SyntaxWarning)
    for folder in folders:
        assert compileall.compile_dir(folder, force=True, quiet=1), folder
    names = [name for folder in folders for name in modules_of(folder)]
    for name in names:
        if not name.startswith(NEEDS_TORCH):
            importlib.import_module(name)
    assert "torch" not in sys.modules
    assert closure() == EXPECTED
    print(f"{sys.version.split()[0]}: {len(names)} modules")


def modules_of(folder: Path, prefix: str = "") -> "list[str]":
    """Name the modules of a package without importing them."""
    found = []
    for module in pkgutil.iter_modules([str(folder)]):
        name = f"{prefix or folder.name}.{module.name}"
        found += [name, *(modules_of(folder / module.name, name) if module.ispkg else [])]
    return found


def closure() -> "dict[str, object]":
    """Predict the closure of a little project by the command, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in PROJECT.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        command = [str(Path(sys.executable).with_name("tpkg-lint")), "closure", "--python", sys.executable]
        command += ["--format", "json", "--module", "shop.model"]
        command += ["--intern", "shop.**", "--mock", "cloud.**", "--extern", "host_lib.**"]
        run = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True)
    (package,) = json.loads(run.stdout)["packages"]
    return {name: package[name] for name in EXPECTED}


if __name__ == "__main__":
    main()
