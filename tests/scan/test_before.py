"""What the exporting code has imported before its export is there, with all that this has left in the process."""

import gc
from pathlib import Path

import pytest

from tests.scan.trees import environment
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.scan.closure import Closure, build_closure
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.exports.find import Candidate, find_exports
from tpkg_analyzer.scan.toplevel.values import Module
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter
from tpkg_runtime.spec.actions import Action

_STRAY = {
    "m.py": "def f():\n    import stray.ext\n    import late\n",
    "/library/stray/conf.py": "",
    "/library/late.py": "import sys\nif 'stray' in sys.modules:\n    import stray.ext\n",
}
"""A module that cannot be imported any more once somebody has asked for another one that is not there."""
_ALIAS = {
    "m.py": "def f():\n    import alias\n",
    "maker.py": "import sys, there\nsys.modules['alias'] = there\n",
}
_GROWN = {
    "m.py": "def f():\n    import vendored\n",
    "maker.py": "import sys\nsys.path.append('/vendor')\n",
    "/vendor/vendored.py": "",
}
_HALF = {
    "m.py": "def f():\n    import half.child\n",
    "half/__init__.py": "from half import child\nimport gone\n",
    "half/child.py": "",
}


def _closure(tree: dict[str, str], *imported: tuple[str, str]) -> Closure:
    steps = (ActionCall(Action.INTERN, ("**",)), Root(RootKind.MODULE, "m"))
    return build_closure(Package("p", Place(None), steps, imported=imported), environment(tree))


@pytest.mark.parametrize(
    ("tree", "before", "name"),
    [
        (_STRAY, ("late", ""), "late"),
        (_ALIAS, ("maker", ""), "alias"),
        (_GROWN, ("maker", ""), "vendored"),
        (_HALF, ("half", "child"), "half.child"),
    ],
    ids=["in time", "an alias", "a longer path", "the rest of a package that fails"],
)
def test_what_was_imported_before(tree: dict[str, str], before: tuple[str, str], name: str) -> None:
    """The same export finds a module where its script has imported something, and drops it where it has not."""
    alone, after = _closure(tree), _closure(tree, before)
    assert name not in alone.modules
    assert name in {item.module for item in alone.dropped}
    assert name in after.modules


def test_exports_of_one_project_have_their_own_history() -> None:
    """What one script imports is not there for the next one."""
    shared = environment(_ALIAS)
    steps = (ActionCall(Action.INTERN, ("**",)), Root(RootKind.MODULE, "m"))
    told = [
        "alias" in build_closure(Package("p", Place(None), steps, imported=imported), shared).modules
        for imported in ((), (("maker", ""),), (), (("maker", ""),), (("there", ""),))
    ]
    assert told == [False, True, False, True, False]


_IMPORTED = {
    "a script": (
        "import a.b\nfrom c import d, e as f\nfrom g import *\nfrom torch.package import PackageExporter\n{export}",
        [("a.b", ""), ("c", "d"), ("c", "e"), ("g", ""), ("torch.package", "PackageExporter")],
    ),
    "what comes later": ("from torch import package\n{export}import late\n", [("torch", "package")]),
    "a function that the script calls": (
        "from torch import package\ndef main():\n    import a\n    {inside}\nimport b\nmain()\n",
        [("torch", "package"), ("b", ""), ("a", "")],
    ),
    "a function that nobody calls": (
        "from torch import package\ndef export():\n    {inside}\nimport b\n",
        [("torch", "package"), ("b", "")],
    ),
    "perhaps": (
        "import sys\nfrom typing import TYPE_CHECKING\nfrom torch import package\n"
        "if TYPE_CHECKING:\n    import a\nif len(sys.argv) > 1:\n    import b\n{export}",
        [("sys", ""), ("typing", "TYPE_CHECKING"), ("torch", "package")],
    ),
}


@pytest.mark.parametrize("name", _IMPORTED)
def test_what_code_imports(name: str, tmp_path: Path) -> None:
    """Of an export in code it is known what ran before: what the script imports, and what its functions do."""
    text, expected = _IMPORTED[name]
    inside = "with package.PackageExporter('a.pt') as e: e.save_module('m')"
    path = tmp_path / "export.py"
    path.write_text(text.format(inside=inside, export=inside.replace("package.", "", "Exporter" in text) + "\n"))
    installed = StaticEnvironment(Disk(), ask_interpreter("python3"), [str(tmp_path)])
    (package,) = find_exports(installed, [Candidate(path, "export", False)], tmp_path)
    assert list(package.imported) == expected


def test_it_goes_with_the_environment() -> None:
    """Nothing is left for a search for garbage."""
    gc.collect()
    gc.disable()
    try:
        project = environment(_ALIAS)
        project.begin(before=(("maker", ""),))
        assert project.verdict("m").is_importable
        project.end()
        alive = [found for found in gc.get_objects() if type(found) is Module and found.name == "maker"]
    finally:
        gc.enable()
    assert not alive
