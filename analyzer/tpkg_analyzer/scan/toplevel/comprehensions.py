"""Comprehensions and generator expressions, evaluated as far as somebody asks for their values."""

from collections import deque
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from tpkg_analyzer.scan.toplevel.comparisons import LONGEST_RESULT
from tpkg_analyzer.scan.toplevel.expressions import Expressions, Frame
from tpkg_analyzer.scan.toplevel.terms import Term
from tpkg_analyzer.scan.toplevel.values import UNKNOWN, Row, Table, Value, is_known

_ALWAYS = 1 << 30
"""A depth of uncertain branches: what a comprehension goes over has its names for itself, and only as long."""

_Values = Iterator[tuple[Value, bool]]
"""The values of a comprehension, each with whether there certainly is one."""


class Comprehensions(Expressions):
    """The part of the machine that repeats an expression."""

    def comprehension(self, term: Term, frame: Frame) -> Value:
        """Return what a comprehension makes; for a generator that `next` is given, a tuple of what it asks for."""
        kind, item, loops = term[1:]
        over = self.iterated(self.evaluate(loops[0][1], frame))
        inner = Frame(frame.module, dict(frame.names) if frame.kind != "module" else {}, frame.enclosing, "function")
        inner.certain_at, inner.binds_in, inner.own = _ALWAYS, frame.binds_in or frame, frame.own
        if over is None:
            with self.skippable():
                _exhaust(self._values(item, loops, [UNKNOWN], inner))
            return UNKNOWN
        results = None
        with self.skippable() if kind == "later" else nullcontext():  # nobody has asked for its values yet
            results = self._asked(kind, self._values(item, loops, over, inner))
        if results is None:
            return UNKNOWN
        if kind == "set":
            return self.compute(set, results) if is_known(results) else UNKNOWN
        if kind == "dict":
            return self.compute(Table, results, self.uncertain) if all(is_known(key) for key, _ in results) else UNKNOWN
        return tuple(results) if kind == "next" else Row(results, self.uncertain)

    def _asked(self, kind: str, values: _Values) -> list[Value] | None:
        """Ask for as many values as somebody does; None where it cannot be told which they are."""
        results: list[Value] = []
        is_told = True
        for value, is_there in values:
            results.append(value)
            is_told &= is_there
            is_enough = self._is_enough(kind, value)
            if is_enough and is_there:
                break
            if is_enough is not False:  # the rest may not be asked for
                others: list[tuple[Value, bool]] = []
                with self.skippable():
                    others += values
                results += [other for other, _ in others]
                is_told &= kind != "next" and all(is_there for _, is_there in others)
            if len(results) > LONGEST_RESULT:
                return None
        return results if is_told else None

    def _is_enough(self, kind: str, value: Value) -> bool | None:
        """Tell whether somebody who has got a value asks for no more, None where that is not known."""
        if kind not in {"any", "all"}:
            return kind == "next"
        answer = self.truth_of(value)
        return None if answer is None else answer is (kind == "any")

    def _values(self, item: Term, loops: list[Any], over: list[Value], frame: Frame) -> _Values:
        (target, _, tests), *rest = loops
        for value in over:
            self.assign(target, value, frame)
            passes = self._passes(tests, frame)
            if passes is False:
                continue
            inner = self.iterated(self.evaluate(rest[0][1], frame)) if rest else None
            if passes and inner is not None:
                yield from self._values(item, rest, inner, frame)
            elif passes and not rest:
                yield self.evaluate(item, frame), True
            else:
                with self.skippable():
                    if rest:
                        _exhaust(self._values(item, rest, [UNKNOWN] if inner is None else inner, frame))
                    else:
                        self.evaluate(item, frame)
                yield UNKNOWN, False

    def _passes(self, tests: list[Term], frame: Frame) -> bool | None:
        """Tell whether all tests are met, None where that is not known; those behind one that is not are not made."""
        passes: bool | None = True
        for test in tests:
            answer: bool | None = None
            with nullcontext() if passes else self.skippable():
                answer = self.truth_of(self.evaluate(test, frame))
            if answer is False:
                return False
            passes = passes and answer
        return passes


def _exhaust(values: _Values) -> None:
    deque(values, maxlen=0)
