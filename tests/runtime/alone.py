"""Run by other interpreters, which have neither torch nor anything else installed: export, load, look inside.

Standard library only, and not a test itself: test_alone.py runs it in an empty folder.
"""

import gc
import importlib.util
import inspect
import io
import linecache
import sys
import warnings
import weakref
from pathlib import Path

MODEL = """from __future__ import annotations
import dataclasses, importlib, importlib.resources, typing
from shop import NAMES

@dataclasses.dataclass
class Item:
    name: str
    kinds: typing.ClassVar[list] = []

    class Price:
        amount = 3

def look_up():
    return (
        importlib.import_module("shop.other").VALUE,
        importlib.resources.files("shop").joinpath("data.txt").read_text(),
        typing.get_type_hints(Item)["name"],
        NAMES,
    )
"""


def main() -> None:
    """Both protocols, twice around, and no trace left."""
    warnings.simplefilter("error")
    package = Path("shop")
    package.mkdir()
    package.joinpath("__init__.py").write_text("NAMES = ['shop']\n")
    package.joinpath("model.py").write_text(MODEL)
    package.joinpath("other.py").write_text("VALUE = 4\n")
    sys.path.insert(0, str(Path.cwd()))
    import shop.model  # type: ignore[import-not-found]

    from tpkg_runtime import PackageExporter, PackageImporter, PackagingError, extract, sys_importer

    for protocol in (3, 4):
        buffer = io.BytesIO()
        with PackageExporter(buffer) as exporter:
            exporter.intern("shop.**")
            exporter.save_module("shop.other")
            exporter.save_text("shop", "data.txt", "hello")
            exporter.save_pickle("items", "x.pkl", [shop.model.Item("a"), shop.model.Item.Price()], True, protocol)
        importer = PackageImporter(buffer)
        loaded = importer.load_pickle("items", "x.pkl")
        assert loaded[1].amount == 3
        assert loaded[0] != shop.model.Item("a")
        model = importer.import_module("shop.model")
        assert model.look_up() == (4, "hello", str, ["shop"])
        assert inspect.getsource(model.Item).startswith("@dataclasses.dataclass")
        assert inspect.getmodule(loaded[0]).Item is model.Item  # type: ignore[union-attr]
        again = io.BytesIO()
        with PackageExporter(again, importer=[importer, sys_importer]) as exporter:
            exporter.intern("shop.**")
            exporter.save_pickle("items", "x.pkl", loaded, True, protocol)
        second = PackageImporter(again)
        second.verify()
        assert second.load_pickle("items", "x.pkl")[0].name == "a"
        extract(again, f"extracted{protocol}")
        assert PackageImporter(f"extracted{protocol}").load_pickle("items", "x.pkl")[0].name == "a"
    prefix, alive = importer.id(), weakref.ref(importer)
    del importer, second, loaded, model, exporter
    gc.collect()
    assert importlib.util.find_spec("_there_is_no_such_module") is None
    assert alive() is None
    assert not [name for name in [*sys.modules, *linecache.cache] if name.startswith(prefix)]
    try:
        with PackageExporter(buffer) as exporter:
            exporter.save_module("shop.model")
    except PackagingError as error:
        assert 'exporter.intern("shop.**")' in error.report  # noqa: PT017
    assert "torch" not in sys.modules
    print("done")


main()
