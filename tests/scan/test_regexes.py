"""Guards by regular expressions, and finders that move modules by them, decided as Python decides them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter

GUARDS = {
    "compiled": "V = re.compile(r'(\\d+)\\.(\\d+)').match('2.13.0')\nif int(V[1]) < 3:\n    import gone\n",
    "groups": "major, minor = re.match(r'(\\d+)\\.(\\d+)', '2.13.0').groups()\nif minor == '13':\n    import gone\n",
    "named": "found = re.search(r'cu(?P<cuda>\\d+)', '2.13.0+cpu')\nif found is not None:\n    import gone\n",
    "all": "numbers = [int(n) for n in re.findall(r'\\d+', '2.13.0')]\nif tuple(numbers) < (2, 0):\n    import gone\n",
    "cut": "if re.sub(r'\\+.*', '', '2.13.0+cpu') == '2.13.0':\n    import gone\n",
    "split": "if re.split(r'[.+]', '2.13.0+cpu')[-1] == 'cuda':\n    import gone\n",
    "escaped": (
        "P = re.compile(rf'{re.escape(\"a.b\")}\\.(\\w+)')\nif P.fullmatch('a.b.c').group(1) == 'c':\n    import gone\n"
    ),
    "no match": "re.match('x', 'y').group(0)\nimport gone\n",
    "a walrus": "if (m := re.match('(x)', 'xy')) and m[1] == 'x':\n    import gone\n",
    "a long search": f"if not re.match(r'(a+)+$', '{'a' * 22}b'):\n    pass\n",
}
ALIASES = {
    "lazy/__init__.py": """
import importlib.abc, importlib.machinery, importlib.util, re, sys
from types import ModuleType

class Lazy(ModuleType):
    def __init__(self, name, path):
        super().__init__(name)
        self.__path__ = path

class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, resolve):
        self.resolve = resolve

    def find_spec(self, name, path=None, target=None):
        other = self.resolve(name)
        if other is None or importlib.util.find_spec(other) is None:
            return None
        return importlib.machinery.ModuleSpec(name, self, loader_state=other)

    def exec_module(self, module):
        other = importlib.import_module(module.__spec__.loader_state)
        vars(module).update(vars(other))

TABLE = {"old": "new"}
FAST = re.compile(rf"{re.escape(__name__)}\\.(\\w+)_fast")

def resolve(name):
    if (found := FAST.fullmatch(name)) is not None:
        return f"{__name__}.{found[1]}"
    package, _, last = name.rpartition(".")
    return f"{__name__}.{TABLE[last]}" if package == __name__ and last in TABLE else None

sys.modules[__name__] = Lazy(__name__, __path__)
sys.meta_path.append(Finder(resolve))
""",
    "lazy/new.py": "anything = 1\n",
    "lazy/image.py": "",
    "lazy/broken.py": "import gone\n",
    "asks_alias.py": "from lazy.old import anything\n",
    "asks_fast.py": "import lazy.image_fast\n",
    "asks_nothing.py": "import lazy.video_fast\n",
    "asks_broken.py": "import lazy.broken_fast\n",
    "asks_gone.py": "from lazy.gone import anything\n",
    "asks_often.py": "".join(f"try:\n    import lazy.gone{n}\nexcept ImportError:\n    pass\n" for n in range(150))
    + "import lazy.gone\n",
}


def really_works(folder: Path, module: str) -> bool:
    done = subprocess.run(
        [sys.executable, "-c", "import sys\n__import__(sys.argv[1])", module],
        cwd=folder,
        check=False,
        capture_output=True,
    )
    return not done.returncode


@pytest.mark.parametrize("name", GUARDS)
def test_guards(tmp_path: Path, name: str) -> None:
    (tmp_path / "guarded.py").write_text(f"import re\n{GUARDS[name]}")
    verdict = StaticEnvironment(Disk(), ask_interpreter(sys.executable), [str(tmp_path)]).verdict("guarded")
    assert verdict.is_importable is really_works(tmp_path, "guarded")
    assert verdict.assumed is None


@pytest.mark.parametrize("module", [name.removesuffix(".py") for name in ALIASES if name.startswith("asks")])
def test_aliases_of_a_lazy_package(tmp_path: Path, module: str) -> None:
    for name, text in ALIASES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    environment = StaticEnvironment(Disk(), ask_interpreter(sys.executable), [str(tmp_path)])
    assert environment.verdict(module).is_importable is really_works(tmp_path, module)
