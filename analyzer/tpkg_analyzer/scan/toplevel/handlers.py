"""Exceptions on their way: handlers, last blocks, and context managers that swallow them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from tpkg_analyzer.scan.toplevel.blocks import may_raise, names_bound_in, steps_in
from tpkg_analyzer.scan.toplevel.calls import Signal
from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.guards import Guard
from tpkg_analyzer.scan.toplevel.loops import Loops
from tpkg_analyzer.scan.toplevel.outline import Outline, Step
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Bound,
    Class,
    Function,
    Generated,
    Instance,
    RaisedError,
    Suppressor,
    Value,
    is_caught_by,
)


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
        raising = [bool(handler) and handler[-1][0] == "raise" for _, _, handler in handlers]
        guard = Guard(lambda: [self._expected(handler, frame) for handler in handlers], raising)
        n_untold, ends = self.n_untold, list[Signal]()
        try:
            with self._guarded(guard):
                signal = self.run(body, frame)
        except RaisedError as error:
            if not guard.reached or guard.reached == {self._first_handler(error.type, handlers, frame)}:
                return self._handle(error, handlers, frame)
            self.doubt(error, frame.module)  # it may not have come so far
        else:
            if not guard.reached:
                signal = self._run_after(n_untold, otherwise, frame) if signal is None else signal
                self._note_handlers(body, handlers, frame)
                if self.is_certain(frame):
                    return signal
                guard.reached.update(range(len(handlers)))
                ends.append(signal)
            elif signal is None:
                self.branch(otherwise, frame, ends)
            else:
                ends.append(signal)
        self.note_left(ends, frame)
        for position in sorted(guard.reached):
            _, name, handler = handlers[position]
            self.branch(handler, frame, ends, None if name is None else (["name", name], UNKNOWN))
        return self.joined(ends, frame)

    @contextmanager
    def _guarded(self, guard: Guard) -> Iterator[None]:
        self.guards.append(guard)
        try:
            yield
        finally:
            self.guards.pop()
            self.uncertain -= bool(guard.reached)

    def _run_after(self, n_untold: int, otherwise: Outline, frame: Frame) -> Signal:
        """Act out what follows where nothing was raised; if the code before is not understood, that is a guess."""
        try:
            return self.run(otherwise, frame)
        except RaisedError as error:
            if self.n_untold == n_untold:
                raise
            self.doubt(error, frame.module)
            return None

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
        guard = Guard(lambda: [self._swallowed_by(value) for value in entered], [False] * len(entered))
        try:
            with self._guarded(guard):
                signal = self.run(body, frame)
        except RaisedError as error:
            for value in reversed(entered):
                is_swallowed = self._swallows(value, error, frame)
                if is_swallowed is None:
                    self.doubt(error, frame.module)
                if is_swallowed is not False:
                    return None
            if not guard.reached:
                raise
            self.doubt(error, frame.module)  # it may not have come so far
            return None
        if not guard.reached:
            return signal
        ends: list[Signal] = [signal, None]
        self.note_left(ends, frame)
        return self.joined(ends, frame)

    def _swallowed_by(self, value: Value) -> Value:
        """Return what a context manager may swallow."""
        if isinstance(value, Suppressor):
            return value.types
        if isinstance(value, Generated):
            body = self.body_of(value.function)
            return UNKNOWN if body is not None and any(step[0] == "try" for step in steps_in(body.steps)) else ()
        if not (isinstance(value, Instance) and isinstance(value.of, Class)):
            return ()
        leave = self.members_of(value.of).get("__exit__")
        body = self.body_of(leave) if isinstance(leave, Function) else None
        returned = [step[2] for step in steps_in(body.steps) if step[0] == "return"] if body is not None else [["?"]]
        return UNKNOWN if any(term[0] != "constant" or term[1] for term in returned) else ()

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
