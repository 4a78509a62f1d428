"""Compound statements: branches, handlers, loops and blocks of context managers, as far as they can be told.

A branch whose test is not known is acted out for what it may bind and import; what it raises raises nothing, and is
noted as a doubt.
"""

from collections.abc import Iterable, Sequence

from tpkg_analyzer.scan.toplevel.blocks import may_raise, names_bound_in
from tpkg_analyzer.scan.toplevel.calls import Calls, Signal
from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.outline import Outline, Step
from tpkg_analyzer.scan.toplevel.terms import Term
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Beginning,
    Bound,
    Class,
    Function,
    Generated,
    Instance,
    Lazy,
    Many,
    RaisedError,
    Suppressor,
    Value,
    is_caught_by,
)
from tpkg_analyzer.scan.toplevel.writes import names_in_term

_MOST_ROUNDS = 300


class Compound(Calls):
    """The part of the machine that acts out statements with blocks in them."""

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
        if len(raised) == 2:
            raise raised[0]
        if raised:
            self.doubt(raised[0], frame.module)
        if len(ends) == 1 or ends[0] == ends[1]:
            return ends[0]
        left = [end for end in ends if end is not None]
        frame.may_have_left = "return" if "return" in (*left, frame.may_have_left) else left[0]
        return None

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

    def _try(self, step: Step, frame: Frame) -> Signal:
        _, _, body, handlers, otherwise, final = step
        before = self.perhaps_raised.copy()
        try:
            try:
                signal = self.run(body, frame)
            except RaisedError as error:
                others = self._perhaps_handled(self.perhaps_raised - before, handlers, frame)
                if not others or others == {self._first_handler(error.type, handlers, frame)}:
                    signal = self._handle(error, handlers, frame)
                else:  # it may not have come so far
                    self.doubt(error, frame.module)
                    signal = None
                    self._perhaps_handle(handlers, frame)
            else:
                signal = self.run(otherwise, frame) if signal is None else signal
                self._note_handlers(body, handlers, frame)
                # What was unknown in the body may have raised.
                if not self.is_certain(frame) or self._perhaps_handled(self.perhaps_raised - before, handlers, frame):
                    self._perhaps_handle(handlers, frame)
        except RaisedError:
            ended = self.run(final, frame)
            if ended is None:
                raise
            return ended  # a `return`, `break` or `continue` in the last block drops the exception
        return self.run(final, frame) or signal

    def _note_handlers(self, body: Outline, handlers: Iterable[Step], frame: Frame) -> None:
        """What nobody followed may have raised: then a handler has bound what it binds."""
        names = {name for handler in handlers for name in names_bound_in(handler[2]) if name not in frame.names}
        if names and may_raise(body):
            if frame.kind == "module":
                frame.module.late.update(names)
            else:
                frame.names |= dict.fromkeys(names, UNKNOWN)

    def _perhaps_handled(
        self, raised: Iterable[type[Exception]], handlers: Sequence[Step], frame: Frame
    ) -> set[int | None]:
        """Return which handlers may have been the first for what was perhaps raised; what none handles was not."""
        return {self._first_handler(type_, handlers, frame) for type_ in raised} - {None}

    def _first_handler(self, raised: Value, handlers: Sequence[Step], frame: Frame) -> int | None:
        for position, (expected, _, _) in enumerate(handlers):
            if expected is None or is_caught_by(raised, self.evaluate(expected, frame)) is not False:
                return position
        return None

    def _perhaps_handle(self, handlers: Iterable[Step], frame: Frame) -> None:
        for _, name, handler in handlers:
            with self.perhaps(frame):
                if name is not None:
                    self.bind(name, UNKNOWN, frame)
                self.run(handler, frame)

    def _handle(self, error: RaisedError, handlers: Iterable[Step], frame: Frame) -> Signal:
        for expected, name, body in handlers:
            is_caught = True if expected is None else is_caught_by(error.type, self.evaluate(expected, frame))
            if is_caught is False:
                continue
            if is_caught is None:
                self.doubt(error, frame.module)
            if name is not None:
                self.bind(name, Instance(error.type, (error.message,), error.message), frame)
            frame.names["*exception*"] = error
            try:
                return self.run(body, frame)
            finally:
                frame.names.pop("*exception*", None)
                if name is not None:
                    frame.names.pop(name, None)
        raise error

    def _for(self, step: Step, frame: Frame) -> Signal:
        _, _, target, over, body, otherwise = step
        value = self.in_full(self.value(over, frame))
        values: Iterable[Value] | None
        if isinstance(value, Many):
            values = self._asked_for(value.values, target, body, frame)
        else:
            values = value.values if isinstance(value, Lazy) else self.iterated(value)
        if values is None or (isinstance(values, list) and len(values) > _MOST_ROUNDS):
            with self.perhaps(frame):
                self.assign(target, UNKNOWN, frame)
                if self._round(body, frame) == "return":
                    frame.may_have_left = "return"
            return self.run(otherwise, frame)
        for value in values:
            self.assign(target, value, frame)
            signal = self._round(body, frame)
            if signal == "break":
                return None
            if signal == "return":
                return signal
        return self.run(otherwise, frame)

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

    def _round(self, body: Outline, frame: Frame) -> Signal:
        signal = self.run(body, frame)
        if frame.may_have_left != "return":
            frame.may_have_left = None  # a `break` or `continue` that may have been leaves the loop only
        return signal

    def _while(self, step: Step, frame: Frame) -> Signal:
        _, _, test, body, otherwise = step
        for _ in range(_MOST_ROUNDS):
            answer = self.truth_of(self.value(test, frame))
            if answer is False:
                return self.run(otherwise, frame)
            if answer is None:
                with self.perhaps(frame):
                    if self._round(body, frame) == "return":
                        frame.may_have_left = "return"
                return self.run(otherwise, frame)
            signal = self._round(body, frame)
            if signal == "return":
                return signal
            if signal == "break":
                return None
        return None

    def _with(self, step: Step, frame: Frame) -> Signal:
        _, _, items, body = step
        entered = []
        for term, target in items:
            value = self.value(term, frame)
            entered.append(value)
            given = self._entered(value, frame)
            if target is not None:
                self.assign(target, given, frame)
        try:
            return self.run(body, frame)
        except RaisedError as error:
            for value in reversed(entered):
                is_swallowed = self._swallows(value, error, frame)
                if is_swallowed is None:
                    self.doubt(error, frame.module)
                if is_swallowed is not False:
                    return None
            raise

    def _entered(self, value: Value, frame: Frame) -> Value:
        """Enter a context manager; return what it gives to the block, UNKNOWN for one that is not followed."""
        if not isinstance(value, Instance):
            return UNKNOWN
        enter, leave = (self.attribute_of(value, name) for name in ("__enter__", "__exit__"))
        self.may_run(leave)
        if isinstance(enter, Bound):
            return self.value(["call", ["constant", enter], [], []], frame)
        value.is_open = True
        return UNKNOWN

    def _swallows(self, value: Value, error: RaisedError, frame: Frame) -> bool | None:
        """Tell whether a context manager lets the block end without the exception; None where it is not known."""
        if isinstance(value, Suppressor):
            return is_caught_by(error.type, value.types)
        if isinstance(value, Generated):
            return self.told(lambda: self.throw_into(value, error))
        if not (isinstance(value, Instance) and isinstance(value.of, Class)):
            return False
        leave = self.members_of(value.of).get("__exit__")
        if not isinstance(leave, Function):
            return None
        self.fruitless.pop(leave, None)  # whoever is asked at the end of each block says no most of the time
        asked = [value, error.type, UNKNOWN, UNKNOWN]
        return self.told(lambda: self.truth_of(self.call(leave, asked, {}, frame)))


def _asks_what_is_imported(term: Term) -> bool:
    if not isinstance(term, list):
        return False
    return term == ["attribute", ["name", "sys"], "modules"] or any(map(_asks_what_is_imported, term))
