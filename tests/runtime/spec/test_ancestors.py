"""Packages above packaged modules: which are written, and which had better not be."""

from collections.abc import Sequence

from tpkg_runtime.spec.actions import TORCH, TPKG, Action, Pattern, Semantics
from tpkg_runtime.spec.ancestors import ancestors_in, modules_beside, with_ancestors
from tpkg_runtime.spec.globs import GlobGroup
from tpkg_runtime.spec.imports import Reference, find_imports, package_of, resolve
from tpkg_runtime.spec.walk import DependencyWalk, ModuleSource


class Sources:
    """An environment of sources by name; a name that ends with a dot is a package."""

    def __init__(self, sources: dict[str, str], paths: dict[str, str] | None = None) -> None:
        self._modules = {
            name.rstrip("."): ModuleSource(
                *(name.rstrip("."), name.endswith("."), source, (paths or {}).get(name)),
                asks_for_file="__file__" in source,
            )
            for name, source in sources.items()
        }

    def exists(self, module: str) -> bool:
        return module in self._modules

    def module(self, module: str) -> ModuleSource:
        return self._modules[module]

    def references(self, module: ModuleSource) -> Sequence[Reference]:
        return resolve(find_imports(module.source or ""), package_of(module.name, module.is_package))


def written(sources: Sources, patterns: list[tuple[Action, str]], root: str, semantics: Semantics = TPKG) -> list[str]:
    """Return the modules that are written beyond those that the walk lists."""
    walk = DependencyWalk(sources, frozenset({"math"}), semantics)
    for action, glob in patterns:
        walk.declare(Pattern(action, GlobGroup(glob)))
    walk.save_module(root)
    before = walk.modules_with(Action.INTERN)
    complete = with_ancestors(walk)
    assert walk.modules_with(Action.INTERN) == before
    return [name for name in complete.modules_with(Action.INTERN) if name not in before]


INTERN_ALL = [(Action.INTERN, "a.**")]


def test_all_the_way_up_and_what_they_need() -> None:
    """Parents first, then what their `__init__` imports, then the parents of that."""
    sources = Sources({"a.": "import a.x.y\n", "a.b.": "", "a.b.c": "", "a.x.": "", "a.x.y": ""})
    assert written(sources, INTERN_ALL, "a.b.c") == ["a", "a.b", "a.x", "a.x.y"]


def test_only_what_an_intern_pattern_matches() -> None:
    """A root needs no pattern; its packages do."""
    sources = Sources({"a.": "", "a.b.": "", "a.b.c": ""})
    assert written(sources, [(Action.INTERN, "a.b")], "a.b.c") == ["a.b"]
    assert written(sources, [(Action.EXTERN, "a"), *INTERN_ALL], "a.b.c") == ["a.b"]
    assert written(sources, [], "a.b.c") == []


def test_what_would_break_the_export_is_left_out() -> None:
    """An `__init__` whose imports have no action stays out, as in the original; others are not kept from coming."""
    sources = Sources({"a.": "import unmatched\n", "a.b.": "import math\n", "a.b.c": "", "unmatched": ""})
    assert written(sources, INTERN_ALL, "a.b.c") == ["a.b"]


def test_what_would_collide_is_left_out() -> None:
    """An `__init__` that makes a package extern, of which a module is interned, would make the archive unreadable."""
    sources = Sources({"a.": "import x\n", "a.b": "import x.y\n", "x.": "", "x.y": ""})
    patterns = [*INTERN_ALL, (Action.EXTERN, "x"), (Action.INTERN, "x.*")]
    assert written(sources, patterns, "a.b") == []
    assert written(sources, [*INTERN_ALL, (Action.INTERN, "x.*"), (Action.MOCK, "x")], "a.b") == ["a"]


def test_what_asks_for_its_file_is_left_out() -> None:
    """Such as a package that lists the folder it lies in, to import its modules when they are asked for."""
    sources = Sources({"a.": "", "a.b.": "import math\nfolder = globals()['__file__']\n", "a.b.c": ""})
    assert written(sources, INTERN_ALL, "a.b.c") == ["a"]


def test_not_from_another_importer() -> None:
    """Code from a package does not get the environment's `__init__` above it."""
    paths = {"a.b": "<torch_package_3>.a/b.py", "a.": "site-packages/a/__init__.py"}
    assert written(Sources({"a.": "", "a.b": ""}, paths), INTERN_ALL, "a.b") == []
    paths["a."] = "<torch_package_3>.a/__init__.py"
    assert written(Sources({"a.": "", "a.b": ""}, paths), INTERN_ALL, "a.b") == ["a"]


def test_not_in_the_manner_of_the_original() -> None:
    """There, nothing is added."""
    assert written(Sources({"a.": "", "a.b": ""}), INTERN_ALL, "a.b", TORCH) == []


def test_not_without_dependencies() -> None:
    """Who asks for one module alone gets one module."""
    walk = DependencyWalk(Sources({"a.": "", "a.b": ""}), frozenset(), TPKG)
    walk.declare(Pattern(Action.INTERN, GlobGroup("a.**")))
    walk.save_module("a.b", dependencies=False)
    assert with_ancestors(walk).modules_with(Action.INTERN) == ["a.b"]


def test_ancestors_and_what_they_bring_are_written_beside() -> None:
    """Ancestors, and modules that only these ask for; not what the package has anyway."""
    sources = {
        "a.": "import a.b.d\n",
        "a.b.": "import a.b.c.e\n",
        "a.b.c.": "import a.x\n",
        "a.b.c.e": "import a.b.d\n",
    }
    walk = DependencyWalk(Sources({**sources, "a.b.d": "", "a.x": "import m\n", "m": ""}), frozenset(), TPKG)
    for action, glob in [*INTERN_ALL, (Action.MOCK, "m")]:
        walk.declare(Pattern(action, GlobGroup(glob)))
    walk.save_module("a.b.c.e")
    complete = with_ancestors(walk)
    ancestors = ancestors_in(complete, beyond=walk)
    assert ancestors == ["a", "a.b", "a.b.c"]
    assert modules_beside(complete, beyond=walk) == {"a", "a.b", "a.b.c", "a.x", "m"}
