"""Real exports of little packages with odd semantics, predicted set by set.

The records were made by torch.package 2.13; `tools/score_truth.py` scores more of them, of real libraries.
"""

import json
import sys
from pathlib import Path

import pytest

from tests.conformance.predicted import score_of

pytestmark = pytest.mark.torch

FOLDER = Path(__file__).parent.parent / "data" / "truth"
CASES = sorted(path.stem for path in (FOLDER / "cases").glob("*.json"))


@pytest.mark.parametrize("name", CASES)
def test_the_prediction_is_the_export(name: str) -> None:
    case = json.loads((FOLDER / "cases" / f"{name}.json").read_text())
    recorded = case["environment"]["python"]
    if not recorded.startswith(f"{sys.version_info.major}.{sys.version_info.minor}."):
        pytest.skip(f"recorded with Python {recorded}, whose standard library and syntax are others")
    score = score_of(case, FOLDER)
    assert score.is_exact, score
