"""What an export of a package made by lot would contain is told as torch.package finds it."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.packages_by_lot import TOP, Lot
from tests.conformance.predicted import score_of
from tools.record_truth import record

pytestmark = pytest.mark.torch


def differing(folder: Path, seeds: range) -> dict[str, Any]:
    """Return how the closures that are told differ from those of real exports."""
    cases: list[dict[str, Any]] = []
    for seed in seeds:
        lot, name = Lot(seed), f"lot{seed}"
        lot.write(folder / name)
        saves = [["save_module", module] for module in lot.saved]
        steps = [["intern", f"{TOP}.**"], ["extern" if seed % 4 else "mock", "**"], *saves]
        cases.append({"name": name, "lib": TOP, "kind": "m", "extra_paths": [name], "setup": "", "steps": steps})
    assert record(cases, folder, sys.executable, 60, jobs=2) == len(cases)
    found = {}
    for path in sorted((folder / "cases").iterdir()):
        case = json.loads(path.read_text())
        score = score_of(case, folder)
        if not score.is_exact:
            found[case["name"]] = score
    return found


def test_a_few(tmp_path: Path) -> None:
    assert differing(tmp_path, range(6)) == {}


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_many(tmp_path: Path) -> None:
    assert differing(tmp_path, range(6, 206)) == {}
