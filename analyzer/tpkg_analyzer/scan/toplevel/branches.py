"""Blocks that may not be reached: what they bind and import is only perhaps so, and so is what comes after.

What such a block raises raises nothing. It is a doubt, and handlers further out may have met it.
"""

from tpkg_analyzer.scan.toplevel.calls import Calls, Signal
from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.outline import Outline, Step
from tpkg_analyzer.scan.toplevel.terms import Term
from tpkg_analyzer.scan.toplevel.values import UNKNOWN, Beginning, RaisedError, Value

_STRONGEST = ("return", "break", "continue")
"""Ways to leave a block: one that may also leave by an earlier one may be left farther."""


class Branches(Calls):
    """The part of the machine that goes several ways at once."""

    def run_rest(self, steps: Outline, frame: Frame) -> Signal:
        """Act out what follows a branch that may have left the block. Return how it ends if all ways end like that."""
        ends: list[Signal] = [frame.may_have_left]
        frame.may_have_left = None
        self.branch(steps, frame, ends)
        return self.joined(ends, frame)

    def branch(self, steps: Outline, frame: Frame, ends: list[Signal], bound: tuple[Term, Value] | None = None) -> None:
        """Act out a block that may not be reached, and note how it ends, unless it raises.

        `bound` is a target that has a value in it from the start.
        """
        with self.perhaps(frame):
            if bound is not None:
                self.assign(*bound, frame)
            ends.append(self.run(steps, frame))
        self.note_left(ends, frame)

    def note_left(self, ends: list[Signal], frame: Frame) -> None:
        """Add how the block may have been left to its ends."""
        if frame.may_have_left is not None:
            ends.append(frame.may_have_left)
            frame.may_have_left = None

    def joined(self, ends: list[Signal], frame: Frame) -> Signal:
        """Return how all branches end; where they differ, nothing, and note how the block may have been left."""
        if len(set(ends)) <= 1:
            return ends[0] if ends else None
        frame.may_have_left = next(way for way in _STRONGEST if way in ends)
        return None

    def _if(self, step: Step, frame: Frame) -> Signal:
        _, line, test, body, otherwise = step
        answer = self.truth_of(self.value(test, frame))
        if answer is not None:
            try:
                return self.run(body if answer else otherwise, frame)
            except RaisedError as error:
                if error.unstable is None and _asks_what_is_imported(test):
                    error.unstable = f"line {line} of {frame.module.name} asks what was imported before"
                raise
        ends: list[Signal] = []
        raised: list[RaisedError] = []
        for branch in (body, otherwise):
            self.uncertain += 1
            learned = self._learn(test, frame) if branch is body else ()
            try:
                ends.append(self.run(branch, frame))
            except RaisedError as error:
                raised.append(error.with_traceback(None))
            finally:
                self.uncertain -= 1
                for name in learned:
                    if isinstance(frame.names.get(name), Beginning):
                        frame.names[name] = UNKNOWN
            self.note_left(ends, frame)
        if not ends:
            raise raised[0]
        if raised:
            self.doubt(raised[0], frame.module)
        return self.joined(ends, frame)

    def _learn(self, test: Term, frame: Frame) -> list[str]:
        """Note what a test that holds says of unknown names: how the texts begin. Return these names."""
        match test:
            case ["and", parts]:
                return [name for part in parts for name in self._learn(part, frame)]
            case ["call", ["attribute", ["name", str(name)], "startswith"], [["constant", str(prefix)]], []]:
                if frame.names.get(name) is UNKNOWN:
                    frame.names[name] = Beginning(prefix)
                    return [name]
        return []


def _asks_what_is_imported(term: Term) -> bool:
    if not isinstance(term, list):
        return False
    return term == ["attribute", ["name", "sys"], "modules"] or any(map(_asks_what_is_imported, term))
