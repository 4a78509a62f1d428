"""How deep Python lets the exporter recurse: from each module that it interns into what that needs, and into imports.

It has 1000 frames, most of which are the exporter's own at the end of a chain of five hundred modules. There it can
import nothing new any more; then it cannot scan a module, a deeply nested one first; then it cannot even read one.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tpkg_analyzer.model.package import RootKind
from tpkg_analyzer.scan.depth import NOT_VISITED

_MOST = 1000
MOST_OF_IMPORTS = 995
"""Frames that imports within imports can have, from the top level of a script."""
_BEFORE_ROOT = 8
"""Those of them that are in use where the exporter imports a root."""
_PER_MODULE = 2
_OF_CALL: Mapping[RootKind, int] = {RootKind.OBJECT: 4, RootKind.PICKLE: 4, RootKind.SOURCE: 2}
_OF_OTHER_CALLS = 3
_OF_SCAN = 2
_PER_LEVEL = 2
_SELDOM_MORE = 100
"""Frames for the scan of a file: for more it has to be nested in fifty levels."""


@dataclass(frozen=True, slots=True)
class Frames:
    """What one version of CPython needs, measured on 3.11 and 3.13."""

    per_import: int
    per_submodule: int
    """More, where `from package import submodule` asks for it."""
    more_for_call: int
    """More for a call in a file that is scanned than for an import."""
    most_before_reading: int

    def before_import(self, n_frames: int) -> int:
        """Return how many are in use for an import where the exporter has `n_frames` itself; 0 stands for a root."""
        return n_frames + self.per_import - 1 if n_frames else _BEFORE_ROOT


_OLDER = Frames(per_import=7, per_submodule=3, more_for_call=1, most_before_reading=991)
_SINCE_312 = Frames(per_import=6, per_submodule=2, more_for_call=0, most_before_reading=994)


def frames_of(version: tuple[int, ...]) -> Frames:
    """Return what a version of Python needs; functions in C have no frames since 3.12."""
    return _SINCE_312 if version >= (3, 12) else _OLDER


@dataclass(frozen=True, slots=True)
class Recursion:
    """Where the exporter is: below `chain()` modules of a root of some kind."""

    frames: Frames
    kind: RootKind
    chain: Callable[[], int]

    def n_frames(self) -> int:
        """Return how many frames are in use where a module is interned, 0 for a root itself."""
        chain = self.chain()
        return _OF_CALL.get(self.kind, _OF_OTHER_CALLS) + _PER_MODULE * chain if chain else 0

    def can_read(self) -> bool:
        """Tell whether the source of a module can be read here."""
        return self.n_frames() <= self.frames.most_before_reading

    def can_scan(self, source: Callable[[], str]) -> bool:
        """Tell whether the imports in a source can be found here; where any source's can, it is not asked for."""
        left = _MOST - self.n_frames() - _OF_SCAN
        return left >= _SELDOM_MORE or left >= frames_scanned(source(), self.frames)


def frames_scanned(source: str, frames: Frames) -> int:
    """Return how many frames the exporter's scan needs for the nodes of a source. Raises what parsing raises."""
    most, level = 0, 0
    nodes: list[ast.AST] = [ast.parse(source)]
    while nodes:
        level += 1
        most = max(most, _PER_LEVEL * level + max(_more_for(node, frames) for node in nodes))
        within = (node for node in nodes if type(node) not in NOT_VISITED)
        nodes = [child for node in within for child in ast.iter_child_nodes(node)]
    return most


def _more_for(node: ast.AST, frames: Frames) -> int:
    if isinstance(node, ast.Import):
        return 0
    if isinstance(node, ast.Call):
        return frames.more_for_call
    return 2 if isinstance(node, ast.Constant) else 1
