"""How far the exporter can recurse along a chain of imports: from each module that it interns into what that needs.

Python lets it have 1000 frames, most of which are its own at the end of a chain of five hundred modules. What an import
needs of them is counted where imports are simulated. What the exporter needs itself decides here: it cannot scan a
module any more, a deeply nested one first, and a little later it cannot even read one. Measured on CPython 3.11, from
the top level of a script.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tpkg_analyzer.model.package import RootKind

_MOST_FRAMES = 999
_FRAMES_PER_MODULE = 2
_FRAMES_OF_CALL: Mapping[RootKind, int] = {RootKind.OBJECT: 4, RootKind.PICKLE: 4, RootKind.SOURCE: 2}
_FRAMES_OF_OTHER_CALLS = 3
_FRAMES_TO_READ = 8
_FRAMES_TO_SCAN = 2
_FRAMES_PER_LEVEL = 2
_SELDOM_MORE = 100
"""Frames for the scan of a file: for more it has to be nested in fifty levels."""


@dataclass(frozen=True, slots=True)
class Recursion:
    """Where the exporter is: below `chain()` modules of a root of some kind."""

    chain: Callable[[], int]
    kind: RootKind

    def n_frames(self) -> int:
        """Return how many frames are in use where a module is interned, 0 for a root itself."""
        chain = self.chain()
        call = _FRAMES_OF_CALL.get(self.kind, _FRAMES_OF_OTHER_CALLS)
        return call + _FRAMES_PER_MODULE * chain if chain else 0

    def can_read(self) -> bool:
        """Tell whether the source of a module can be read here."""
        return _MOST_FRAMES - self.n_frames() >= _FRAMES_TO_READ

    def can_scan(self, source: Callable[[], str]) -> bool:
        """Tell whether the imports in a source can be found here; where any source's can, it is not asked for."""
        left = _MOST_FRAMES - self.n_frames() - _FRAMES_TO_SCAN
        return left >= _SELDOM_MORE or left >= _FRAMES_PER_LEVEL * levels_scanned(source())


def levels_scanned(source: str) -> int:
    """Return how many levels of the syntax tree the exporter's scan goes down. Raises what parsing raises."""
    n_levels = 0
    nodes: list[ast.AST] = [ast.parse(source)]
    while nodes:
        n_levels += 1
        within = (node for node in nodes if not isinstance(node, ast.Import | ast.ImportFrom | ast.Call))
        nodes = [child for node in within for child in ast.iter_child_nodes(node)]
    return n_levels
