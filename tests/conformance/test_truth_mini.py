"""Real exports of little packages with odd semantics, predicted set by set.

The records were made by torch.package 2.13; `tools/score_truth.py` scores more of them, of real libraries.
"""

import json
import sys
from functools import cache
from pathlib import Path

import pytest

from tools.score_truth import compare, package_of_case
from tpkg_analyzer.scan.closure import build_closure
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.reader import FactsReader
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter
from tpkg_analyzer.sources.store import Store, default_cache_folder

pytestmark = pytest.mark.torch

FOLDER = Path(__file__).parent.parent / "data" / "truth"
CASES = sorted(path.stem for path in (FOLDER / "cases").glob("*.json"))


@cache
def _reader() -> FactsReader:
    """Read what the cases have in common once: torch and the standard library."""
    return FactsReader(Disk(), sys.version_info[:2], Store(default_cache_folder()))


@pytest.mark.parametrize("name", CASES)
def test_the_prediction_is_the_export(name: str) -> None:
    case = json.loads((FOLDER / "cases" / f"{name}.json").read_text())
    recorded = case["environment"]["python"]
    if not recorded.startswith(f"{sys.version_info.major}.{sys.version_info.minor}."):
        pytest.skip(f"recorded with Python {recorded}, whose standard library and syntax are others")
    roots = [str(FOLDER / path) for path in case["extra_paths"]]
    environment = StaticEnvironment(Disk(), ask_interpreter(sys.executable), roots, reader=_reader())
    score = compare(case, build_closure(package_of_case(case, FOLDER), environment))
    assert score.is_exact, score
