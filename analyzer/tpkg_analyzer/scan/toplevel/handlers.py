"""Exceptions on their way: handlers, last blocks, and context managers that swallow them."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from tpkg_analyzer.scan.toplevel.blocks import may_raise, names_bound_in
from tpkg_analyzer.scan.toplevel.calls import Signal
from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.loops import Loops
from tpkg_analyzer.scan.toplevel.outline import Outline, Step
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Bound,
    Class,
    Function,
    Generated,
    Instance,
    Module,
    RaisedError,
    Suppressor,
    Value,
    is_caught_by,
    is_same,
)


class _Before(NamedTuple):
    """What was known when a block began in which something may be raised."""

    raised: Mapping[Value, int]
    n_untold: int
    names: dict[str, Value]


class Handlers(Loops):
    """The part of the machine that knows where exceptions end."""

    def _try(self, step: Step, frame: Frame) -> Signal:
        _, _, body, handlers, otherwise, final = step
        try:
            signal = self._handled(body, handlers, otherwise, frame)
        except RaisedError:
            ended = self._run_last(final, frame)
            if ended is None:
                raise
            return ended  # a `return`, `break` or `continue` in the last block drops the exception
        return self._run_last(final, frame) or signal

    def _run_last(self, steps: Outline, frame: Frame) -> Signal:
        left, frame.may_have_left = frame.may_have_left, None
        signal = self.run(steps, frame)
        frame.may_have_left = frame.may_have_left or left
        return signal

    def _handled(self, body: Outline, handlers: Sequence[Step], otherwise: Outline, frame: Frame) -> Signal:
        before = self._now(frame)
        ends: list[Signal] = []
        try:
            signal = self.run(body, frame)
        except RaisedError as error:
            perhaps = self._perhaps_handled(before, handlers, frame)
            if not perhaps or perhaps == {self._first_handler(error.type, handlers, frame)}:
                return self._handle(error, handlers, frame)
            self.doubt(error, frame.module)  # it may not have come so far
        else:
            perhaps = self._perhaps_handled(before, handlers, frame)
            if not perhaps:
                signal = self._run_after(before, otherwise, frame) if signal is None else signal
                self._note_handlers(body, handlers, frame)
                if self.is_certain(frame):
                    return signal
                perhaps.update(range(len(handlers)))
                before = before._replace(names=frame.names)
                ends.append(signal)
            elif signal is None:
                self.branch(otherwise, frame, ends)
            else:
                ends.append(signal)
        self.note_left(ends, frame)
        after, n_ends = dict(frame.names), len(ends)
        for position in sorted(perhaps):
            _, name, handler = handlers[position]
            with self.perhaps(frame):
                if name is not None:
                    self.bind(name, UNKNOWN, frame)
                self.branch(handler, frame, ends)
        if len(ends) > n_ends:
            self._unbind(before, after, frame)
        return self.joined(ends, frame)

    def _run_after(self, before: _Before, otherwise: Outline, frame: Frame) -> Signal:
        """Act out what follows where nothing was raised; if the code before is not understood, that is a guess."""
        try:
            return self.run(otherwise, frame)
        except RaisedError as error:
            if self.n_untold == before.n_untold:
                raise
            self.doubt(error, frame.module)
            return None

    def _now(self, frame: Frame) -> _Before:
        return _Before(self.perhaps_raised.copy(), self.n_untold, dict(frame.names))

    def _unbind(self, before: _Before, after: dict[str, Value], frame: Frame) -> None:
        """Take what was bound between two moments, and not since, as perhaps bound."""
        names = before.names
        for name, value in after.items() if names is not frame.names else ():
            if frame.names.get(name) is not value or (name in names and names[name] is value):
                continue
            if name not in names and frame.names is frame.module.names:
                frame.module.perhaps.add(name)
            is_kept = name not in names and isinstance(value, (Module, Function, Class))
            if not is_kept and not is_same(names.get(name, UNKNOWN), value):
                frame.names[name] = UNKNOWN

    def _perhaps_handled(self, before: _Before, handlers: Sequence[Step], frame: Frame) -> set[int]:
        """Return which handlers may have been reached since; what one certainly ends is raised no farther."""
        found: set[int] = set()
        perhaps_raised = self._perhaps_raised_since(before)
        if not perhaps_raised:
            return found
        expected = [self._expected(handler, frame) for handler in handlers]
        for raised in perhaps_raised:
            for position, classes in enumerate(expected):
                is_caught = is_caught_by(raised, classes)
                if is_caught is not False:
                    found.add(position)
                if is_caught:
                    self.perhaps_raised[raised] = before.raised.get(raised, 0)
                    break
        return found

    def _expected(self, handler: Step, frame: Frame) -> Value:
        """Return the classes that a handler names, which raises nothing as long as nobody asks."""
        with suppress(RaisedError):
            return BaseException if handler[0] is None else self.evaluate(handler[0], frame)
        return UNKNOWN

    def _first_handler(self, raised: Value, handlers: Sequence[Step], frame: Frame) -> int | None:
        for position, (expected, _, _) in enumerate(handlers):
            if expected is None or is_caught_by(raised, self.evaluate(expected, frame)) is not False:
                return position
        return None

    def _note_handlers(self, body: Outline, handlers: Iterable[Step], frame: Frame) -> None:
        """What nobody followed may have raised: then a handler has bound what it binds."""
        names = {name for handler in handlers for name in names_bound_in(handler[2]) if name not in frame.names}
        if names and may_raise(body):
            if frame.kind == "module":
                frame.module.late.update(names)
            else:
                frame.names |= dict.fromkeys(names, UNKNOWN)

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

    def _with(self, step: Step, frame: Frame) -> Signal:
        _, _, items, body = step
        entered = []
        for term, target in items:
            value = self.value(term, frame)
            entered.append(value)
            given = self._entered(value, frame)
            if target is not None:
                self.assign(target, given, frame)
        suppressors = [value for value in entered if isinstance(value, Suppressor)]
        before = self._now(frame) if suppressors else None
        try:
            signal = self.run(body, frame)
        except RaisedError as error:
            for value in reversed(entered):
                is_swallowed = self._swallows(value, error, frame)
                if is_swallowed is None:
                    self.doubt(error, frame.module)
                if is_swallowed is not False:
                    return None
            if before is None or not self._may_have_swallowed(before, suppressors):
                raise
            self.doubt(error, frame.module)  # it may not have come so far
            return None
        if before is None or not self._may_have_swallowed(before, suppressors):
            return signal
        ends: list[Signal] = [signal, None]
        self.note_left(ends, frame)
        self._unbind(before, dict(frame.names), frame)
        return self.joined(ends, frame)

    def _may_have_swallowed(self, before: _Before, suppressors: Sequence[Suppressor]) -> bool:
        raised = self._perhaps_raised_since(before)
        return any(is_caught_by(item, value.types) is not False for item in raised for value in suppressors)

    def _perhaps_raised_since(self, before: _Before) -> list[Value]:
        return [raised for raised, times in self.perhaps_raised.items() if times > before.raised.get(raised, 0)]

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
