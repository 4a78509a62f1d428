"""What a load gives, by the archive that is there: data pickles again, an object of a packaged class does not."""

import importlib
import sys
from pathlib import Path

import pytest

from tests.rules.scenarios import findings_in
from tpkg_runtime.archive.extract import extract

_NET = "class Net:\n    pass\n"
_SERVE = """
import torch
from torch.package import PackageExporter, PackageImporter

importer = PackageImporter("dist/net.pt")
meta = importer.load_pickle("res", "meta.pkl")
layer = importer.load_pickle("res", "layer.pkl")
net = importer.load_pickle("res", "net.pkl")
torch.save(meta, "a.pt")
torch.save(layer, "a.pt")
torch.save(net, "a.pt")
with PackageExporter("new.pt") as exporter:
    exporter.extern("**")
    exporter.save_pickle("res", "meta.pkl", meta)
    exporter.save_pickle("res", "layer.pkl", layer)
    exporter.save_pickle("res", "net.pkl", net)
"""


@pytest.mark.torch
@pytest.mark.parametrize("is_extracted", [False, True])
def test_the_archive_at_hand_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_extracted: bool) -> None:
    from torch.nn import Linear
    from torch.package import PackageExporter

    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "netmodel.py").write_text(_NET, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path / "sources")
    monkeypatch.delitem(sys.modules, "netmodel", raising=False)
    net = importlib.import_module("netmodel").Net()
    project = tmp_path / "project"
    (project / "dist").mkdir(parents=True)
    packed = tmp_path / "packed.pt" if is_extracted else project / "dist" / "net.pt"
    with PackageExporter(packed) as exporter:
        exporter.intern("netmodel")
        exporter.save_pickle("res", "meta.pkl", {"size": 3})
        exporter.save_pickle("res", "layer.pkl", Linear(1, 1))
        exporter.save_pickle("res", "net.pkl", net)
    if is_extracted:
        extract(packed, project / "dist" / "net.pt")
    (project / "serve.py").write_text(_SERVE.lstrip(), encoding="utf-8")
    found = [(item.code, item.span.line) for item in findings_in(project) if item.code in ("TPK509", "TPK510")]
    assert sorted(found) == [("TPK509", 15), ("TPK510", 10)]
