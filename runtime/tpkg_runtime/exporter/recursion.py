"""The original recurses into dependencies; what that does to long chains of imports, for `compat="torch"`.

torch.package spends two frames on each module of a chain, and imports and scans from there. At the interpreter's
recursion limit an import fails and is taken for an absent module, a scan becomes an error of its module, and anything
else ends the call with RecursionError. Our walk has no such depth. Here each question to the environment is asked under
the limit that is left at this place of the original's recursion, whatever frames of our own are on the stack.
"""

import ast
import operator
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import TypeVar

from tpkg_runtime.exporter.environment import ImportedEnvironment
from tpkg_runtime.spec.imports import Reference
from tpkg_runtime.spec.walk import ModuleSource

T = TypeVar("T")

_FRAMES_PER_MODULE = 2
"""`add_dependency` and `_intern_module`; of a module that is saved itself, `save_module` and `_intern_module`."""


class RecursingEnvironment:
    """Answers a walk as `ImportedEnvironment` does, with as many frames left as the original would have."""

    def __init__(self, environment: ImportedEnvironment) -> None:
        self._environment = environment
        self._entry = 0
        self.chain: Callable[[], int] = int
        """How many modules the walk is below the one that was saved."""

    def enter(self, extra: int = 0) -> None:
        """Note the caller as the method of the exporter that a save began with.

        `extra` counts the frames by which the original's own is further from its first module than `save_module`.
        """
        self._entry = _depth(sys._getframe(1)) + extra - 1

    def exists(self, module: str) -> bool:
        """Tell whether importing `module` works; at the limit it does not."""
        return self._at(2, lambda: self._environment.exists(module))

    def module(self, module: str) -> ModuleSource:
        """Return the source of a module. Raises RecursionError at the limit, and what importing raises."""
        return self._at(0, lambda: self._environment.module(module))

    def references(self, module: ModuleSource) -> Sequence[Reference]:
        """Return what the source imports. Raises RecursionError at the limit, and what scanning raises."""
        self._at(2, lambda: _Scan().run(module.source or ""))
        return self._environment.references(module)

    def _at(self, below_module: int, ask: Callable[[], T]) -> T:
        theirs = self._entry + _FRAMES_PER_MODULE * (self.chain() + 1) + below_module
        ours = _depth(sys._getframe()) + 2  # the lambda, and what it calls
        limit = sys.getrecursionlimit()
        # Raises RecursionError where the original would be past its limit already.
        sys.setrecursionlimit(max(limit - theirs + ours, 1))
        try:
            return ask()
        finally:
            sys.setrecursionlimit(limit)


class _Scan(ast.NodeVisitor):
    """Visits a source with the frames that the original's scanner needs; what it finds is found elsewhere."""

    def run(self, source: str) -> None:
        """Raises RecursionError where too few frames are left, and what parsing raises."""
        self.visit(ast.parse(source))

    def visit_Import(self, node: ast.Import) -> None:
        """Go no deeper."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Take one frame more, for making the name absolute."""
        self._absolute(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Go no deeper, but compare the function's name: Python 3.11 counts a comparison as a frame."""
        if hasattr(node.func, "id"):
            operator.eq(node.func.id, "__import__")  # never made a faster instruction, which would not count

    def _absolute(self, node: ast.ImportFrom) -> None:
        del node


def _depth(frame: FrameType | None) -> int:
    depth = 0
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    return depth
