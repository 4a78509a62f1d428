"""Loops, round by round as long as it is known how they go on."""

from collections.abc import Iterable, Sequence

from tpkg_analyzer.scan.toplevel.branches import Branches
from tpkg_analyzer.scan.toplevel.calls import Signal
from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.outline import Outline, Step
from tpkg_analyzer.scan.toplevel.terms import Term
from tpkg_analyzer.scan.toplevel.values import UNKNOWN, Lazy, Many, Value
from tpkg_analyzer.scan.toplevel.writes import names_in_term

_MOST_ROUNDS = 300


class Loops(Branches):
    """The part of the machine that repeats blocks."""

    def _for(self, step: Step, frame: Frame) -> Signal:
        _, _, target, over, body, otherwise = step
        value = self.in_full(self.value(over, frame))
        values: Iterable[Value] | None
        if isinstance(value, Many):
            values = self._asked_for(value.values, target, body, frame)
        else:
            values = value.values if isinstance(value, Lazy) else self.iterated(value)
        if values is None or (isinstance(values, list) and len(values) > _MOST_ROUNDS):
            is_over = self._perhaps_round(body, frame, (target, UNKNOWN))
            return self._end(otherwise, frame, may_be_over=is_over)
        may_be_over = False
        for value in values:
            if may_be_over:
                self._perhaps_round(body, frame, (target, value))
                continue
            self.assign(target, value, frame)
            signal, may_be_over = self._round(body, frame)
            if signal == "break":
                return None
            if signal == "return":
                return signal
        return self._end(otherwise, frame, may_be_over=may_be_over)

    def _while(self, step: Step, frame: Frame) -> Signal:
        _, _, test, body, otherwise = step
        for _ in range(_MOST_ROUNDS):
            answer = self.truth_of(self.value(test, frame))
            if answer is False:
                return self.run(otherwise, frame)
            if answer is None:
                return self._end(otherwise, frame, may_be_over=self._perhaps_round(body, frame))
            signal, may_be_over = self._round(body, frame)
            if signal == "break":
                return None
            if signal == "return":
                return signal
            if may_be_over:
                self._perhaps_round(body, frame)
                return self._end(otherwise, frame, may_be_over=True)
        return None

    def _round(self, body: Outline, frame: Frame) -> tuple[Signal, bool]:
        """Act out one round; return how it ends, and whether the loop may be over by a branch that may be taken."""
        signal = self.run(body, frame)
        left = frame.may_have_left
        if left != "return":
            frame.may_have_left = None  # a `break` or `continue` that may have been leaves the loop only
        return signal, left in {"return", "break"}

    def _perhaps_round(self, body: Outline, frame: Frame, item: tuple[Term, Value] | None = None) -> bool:
        """Act out a round that there may not be; return whether the loop may be over with it before its end."""
        ends: list[Signal] = [None]
        self.branch(body, frame, ends, item)
        if "return" in ends:
            frame.may_have_left = "return"
        return "return" in ends or "break" in ends

    def _end(self, otherwise: Outline, frame: Frame, *, may_be_over: bool) -> Signal:
        """Act out what follows the last round."""
        if not may_be_over:
            return self.run(otherwise, frame)
        ends: list[Signal] = [None]
        self.branch(otherwise, frame, ends)
        return self.joined(ends, frame)

    def _asked_for(self, names: Sequence[Value], target: Term, body: Outline, frame: Frame) -> Sequence[Value]:
        """Return those of many names that pass the test which is all of a loop's body, where it asks how they begin.

        The last name is among them: it is what the loop leaves behind.
        """
        match body, target:
            case [["if", _, test, _, []]], ["name", variable]:
                tests = test[1] if test[0] == "or" else [test]
            case _:
                return names
        beginnings: list[str] = []
        for item in tests:
            match item:
                case ["compare", ["name", asked], [["==", other]]] if asked == variable:
                    pass
                case ["call", ["attribute", ["name", asked], "startswith"], [other], []] if asked == variable:
                    pass
                case _:
                    return names
            text = self.evaluate(other, frame) if variable not in names_in_term(other) else UNKNOWN
            if not isinstance(text, str):
                return names
            beginnings.append(text)
        begins = tuple(beginnings)
        return (*(name for name in names[:-1] if isinstance(name, str) and name.startswith(begins)), *names[-1:])
