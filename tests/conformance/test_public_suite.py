"""PyTorch's own tests of torch.package, run with our runtime in its place.

They are not part of this repository. `TPKG_PYTORCH=<checkout of pytorch>` names where they are; what they assert is
asserted by the other tests of this folder as well.
"""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import tpkg_runtime

ROOT = Path(__file__).parents[2]
CHECKOUT = os.environ.get("TPKG_PYTORCH")
SMALL_SUITE = """
    import io
    from torch.package import PackageExporter, PackageImporter, analyze
    from torch.package._digraph import DiGraph
    from torch.package._mangling import PackageMangler, demangle
    from torch.package.package_exporter import PackagingError

    def pack():
        buffer = io.BytesIO()
        with PackageExporter(buffer) as exporter:
            exporter.save_source_string("m", "import math")
        buffer.seek(0)
        return buffer

    def test_passes_with_both():
        assert PackageImporter(pack()).import_module("m").math.pi > 3
        assert demangle(PackageMangler().mangle("x")) == "x"
        assert "a" not in DiGraph()
        assert issubclass(PackagingError, Exception)
        assert analyze.trace_dependencies

    def test_passes_with_ours_only():
        PackageImporter(pack()).close()

    def test_passes_with_the_original_only():
        assert PackageImporter.__module__.startswith("torch")
    """


def outcomes(suite: Path, mapped: bool, place: Path) -> dict[str, str]:
    """Run a folder of tests; return what became of each, by its id."""
    result = place / f"outcomes-{mapped}.json"
    path = [str(ROOT), str(Path(tpkg_runtime.__file__).parents[1]), str(suite)]
    path += filter(None, [os.environ.get("PYTHONPATH")])  # where the suite's own needs may be: expecttest, torchvision
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path), "TPKG_OUTCOMES": str(result)}
    environment |= {"TPKG_MAPPED": "1"} if mapped else {}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conformance.mapped", "-p", "no:cacheprovider"]
    command += ["-c", os.devnull, "--rootdir", str(suite), str(suite)]
    run = subprocess.run(command, cwd=suite, env=environment, capture_output=True, text=True, check=False)
    assert result.exists(), run.stdout + run.stderr
    found: dict[str, str] = json.loads(result.read_text(encoding="utf-8"))
    return found


def passed(found: dict[str, str]) -> set[str]:
    """Return the tests that passed."""
    return {name.rpartition("::")[2] for name, outcome in found.items() if outcome == "passed"}


def test_the_mapping_maps(tmp_path: Path) -> None:
    """With a small suite: our names are really in the place of the original's."""
    suite = tmp_path / "suite"
    suite.mkdir()
    (suite / "test_small.py").write_text(textwrap.dedent(SMALL_SUITE))
    assert passed(outcomes(suite, False, tmp_path)) == {"test_passes_with_both", "test_passes_with_the_original_only"}
    assert passed(outcomes(suite, True, tmp_path)) == {"test_passes_with_both", "test_passes_with_ours_only"}


@pytest.mark.slow
@pytest.mark.skipif(CHECKOUT is None, reason="TPKG_PYTORCH names no checkout of pytorch")
def test_the_public_suite(tmp_path: Path) -> None:
    """Whatever passes with the original passes with ours."""
    suite = Path(CHECKOUT or "", "test", "package").resolve()
    expected = passed(outcomes(suite, False, tmp_path))
    assert expected
    assert sorted(expected - passed(outcomes(suite, True, tmp_path))) == []
