"""Blocks in which something may be raised, as long as they are acted out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tpkg_analyzer.scan.toplevel.values import UNKNOWN, Value, is_caught_by


@dataclass(slots=True)
class Guard:
    """A block whose exceptions somebody handles. Once one may have been, the rest of the block may be skipped."""

    expected: Callable[[], Sequence[Value]]
    """Returns the classes that each handler names."""
    raising: Sequence[bool]
    """Whether each handler raises something in the end: behind it, the block has been acted out as a whole."""
    reached: set[int] = field(default_factory=set)
    """Which handlers may have been reached."""
    _classes: Sequence[Value] | None = None

    def meet(self, raised: Value) -> Value | None:
        """Note what may have been raised. Return what goes on from here, None where that certainly ends here."""
        if self._classes is None:
            self._classes = ()  # should asking for them raise something itself
            self._classes = self.expected()
        for position, (classes, is_raising) in enumerate(zip(self._classes, self.raising, strict=False)):
            is_caught = is_caught_by(raised, classes)
            if is_caught is False:
                continue
            if is_raising:
                return UNKNOWN
            self.reached.add(position)
            if is_caught:
                return None
        return raised
