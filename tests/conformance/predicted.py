"""What is predicted of an export that was recorded."""

import sys
from functools import cache
from pathlib import Path
from typing import Any

from tools.score_truth import Score, compare, package_of_case
from tpkg_analyzer.scan.closure import build_closure
from tpkg_analyzer.scan.environment import StaticEnvironment
from tpkg_analyzer.scan.reader import FactsReader
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.interpreter import ask_interpreter
from tpkg_analyzer.sources.store import Store, default_cache_folder


@cache
def _reader() -> FactsReader:
    """Read what the cases have in common once: torch and the standard library."""
    return FactsReader(Disk(), sys.version_info[:2], Store(default_cache_folder()))


def score_of(case: dict[str, Any], folder: Path) -> Score:
    """Compare a record, whose paths are those of `folder`, with what is predicted."""
    roots = [str(folder / path) for path in case["extra_paths"]]
    environment = StaticEnvironment(Disk(), ask_interpreter(sys.executable), roots, reader=_reader())
    return compare(case, build_closure(package_of_case(case, folder), environment))
