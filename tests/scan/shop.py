"""A little shop: modules with every kind of reason to be in a package or not, predicted and exported for real."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.scan.trees import environment
from tpkg_analyzer.model.package import ActionCall, Package, Place, Root, RootKind
from tpkg_analyzer.scan.closure import Closure, build_closure
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_runtime.spec.actions import Action
from tpkg_runtime.spec.graph import DiGraph

TREE = {
    "shop/__init__.py": "",
    "shop/main.py": "from shop import cart, pay\nimport outer\n\ndef late():\n    import shop.rare\n",
    "shop/cart.py": "from shop import items, pay\n\ndef never():\n    import gone\n",
    "shop/items.py": "import shop.codes\nimport importlib\n\ndef plug():\n"
    "    importlib.import_module('.plugin', 'shop')\n",
    "shop/pay.py": "import shop.codes\nimport shop.bank\nimport shop.cart\n",
    "shop/codes.py": "",
    "shop/bank.py": "import shop.vault\n",
    "shop/vault.py": "x = 1\n",
    "shop/rare.py": "from outer import part\n",
    "shop/plugin.py": "",
    "shop/lonely.py": "",
    "outer/__init__.py": "from . import inside\nimport hidden\n",
    "outer/inside.py": "",
    "outer/part.py": "",
    "hidden.py": "",
}
MAIN = Root(RootKind.MODULE, "shop.main")
INTERN, EXTERN = ActionCall(Action.INTERN, ("shop.**",)), ActionCall(Action.EXTERN, ("outer.**",))
SHOP = Package("shop", Place(None), (INTERN, EXTERN, MAIN))


def predicted(tree: dict[str, str] = TREE, package: Package = SHOP) -> tuple[Closure, StaticEnvironment]:
    """Return the closure of a package, and what it was predicted from."""
    found = environment(tree)
    return build_closure(package, found), found


@contextmanager
def exported(folder: Path) -> Iterator[Any]:
    """Yield the exporter of torch after the same calls on the same files."""
    from torch.package import PackageExporter

    for name, text in TREE.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        with PackageExporter(folder / "shop.pt") as exporter:
            exporter.intern("shop.**")
            exporter.extern("outer.**")
            exporter.save_module("shop.main")
            yield exporter
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] in {"shop", "outer", "hidden"}]:
            del sys.modules[name]


def all_paths(exporter: Any, source: str, target: str) -> str:
    """Return what `all_paths` of the exporter says: torch's own can be asked about names of one letter only."""
    graph = DiGraph()
    for start, end in exporter.dependency_graph.edges:
        graph.add_edge(start, end)
    return graph.all_paths(source, target)
