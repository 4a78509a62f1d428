"""Acts out a module's outline: steps, branches, exceptions and calls, as far as they can be told.

A branch whose test is not known is acted out for what it may bind and import; what it raises raises nothing, and is
noted as a doubt. Every call has a budget of steps; one that exceeds it has an unknown result.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from tpkg_analyzer.scan.toplevel.blocks import holds_call, names_bound_in
from tpkg_analyzer.scan.toplevel.calls import Calls, Signal
from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.outline import Outline, Step
from tpkg_analyzer.scan.toplevel.terms import Term
from tpkg_analyzer.scan.toplevel.uses import CALLED, GIVEN
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Beginning,
    Bound,
    Class,
    Function,
    GaveUpError,
    Generated,
    Instance,
    Lazy,
    Method,
    Module,
    Namespace,
    Native,
    RaisedError,
    Row,
    Suppressor,
    Table,
    Value,
    forget,
    is_caught_by,
    is_known,
    metaclass_of,
)

_STEPS_PER_STATEMENT = 4_000
_MOST_ROUNDS = 300


class Machine(Calls):
    """Runs outlines. What an import does is left to the process that is built on it."""

    def __init__(self) -> None:
        super().__init__()
        self.steps_left = _STEPS_PER_STATEMENT
        self._steps: dict[str, Callable[[Step, Frame], Signal]] = {
            "names": self._names,
            "use": self._use,
            "set": self._set_step,
            "def": self._def,
            "class": self._class,
            "import": self._import,
            "from": self._from,
            "star": self._star,
            "if": self._if,
            "try": self._try,
            "evaluate": self._evaluate,
            "augment": self._augment,
            "for": self._for,
            "while": self._while,
            "with": self._with,
            "raise": self._raise,
            "assert": self._assert,
            "delete": self._delete,
            "return": self._return,
            "break": lambda *_: "break",
            "continue": lambda *_: "continue",
            "global": self._global,
            "nonlocal": self._nonlocal,
            "open": self._open,
            "late": self._late,
            "calls": self._called,
        }

    def run(self, steps: Outline, frame: Frame) -> Signal:
        """Act out a block. Raises RaisedError for what certainly goes wrong in it."""
        handlers = self._steps
        is_top = frame.kind == "module"
        for position, step in enumerate(steps, 1):
            if is_top:
                self.steps_left = _STEPS_PER_STATEMENT
            try:
                signal = handlers[step[0]](step, frame)
            except RaisedError as error:
                if is_top and (not error.trail or error.trail[-1][0] != frame.module.name):
                    error.trail.append((frame.module.name, step[1]))
                raise
            if signal is not None:
                return signal
            if frame.may_have_left:
                with self.perhaps(frame):
                    return self.run(steps[position:], frame)
                return None
        return None

    def _names(self, step: Step, frame: Frame) -> Signal:
        for name in step[1]:
            self.bind(name, UNKNOWN, frame)
        return None

    def _use(self, step: Step, frame: Frame) -> Signal:
        for name, attribute in step[2]:
            value = self.look_up(name, frame)
            if attribute is not None and value is not UNKNOWN:
                self.attribute_of(value, attribute)
        return None

    def _set_step(self, step: Step, frame: Frame) -> Signal:
        self.assign(step[2], self.value(step[3], frame), frame)
        return None

    def _evaluate(self, step: Step, frame: Frame) -> Signal:
        self.value(step[2], frame)
        return None

    def value(self, term: Term, frame: Frame) -> Value:
        """Evaluate at a statement: at the top level, too many steps mean an unknown value."""
        if frame.kind != "module":
            return self.evaluate(term, frame)
        uncertain, calls, imported = self.uncertain, self._calls, self.n_imported
        try:
            return self.evaluate(term, frame)
        except GaveUpError:
            self.uncertain, self._calls = uncertain, calls
            self.steps_left = _STEPS_PER_STATEMENT
            self.imports_more |= self.n_imported > imported
            return UNKNOWN

    def _def(self, step: Step, frame: Frame) -> Signal:
        _, line, name, end_line, is_async, decorators = step
        # The names of a class's body are seen where defaults are evaluated, and not from the function.
        enclosing = frame if frame.kind == "function" else frame.enclosing
        function = Function(name, frame.module, (line, end_line), is_async, tuple(decorators), enclosing)
        function.defined_in = frame if frame.kind == "class" else enclosing
        self._decorate(decorators, function, frame)
        self.bind(name, function, frame)
        return None

    def _class(self, step: Step, frame: Frame) -> Signal:
        _, _, name, bases, body, decorators, is_plain, is_folded, lines, metaclass, has_hook = step
        values = tuple(self.value(base, frame) for base in bases)
        if None in values:
            raise RaisedError(TypeError, "NoneType takes no arguments")
        place = tuple(lines) if lines is not None else None
        own = Class(name, values, {}, frame.module, is_plain, place, is_read=not is_folded, has_hook=has_hook)
        own.is_certain = is_folded  # nothing in such a body is bound under a condition
        own.metaclass = metaclass_of(values) if metaclass is None else self.value(metaclass, frame)
        if body:
            enclosing = frame if frame.kind == "function" else None
            self.run(body, Frame(frame.module, own.names, enclosing, "class", self.uncertain))
        self.bind(name, own, frame)
        self.may_make(own)
        for decorator in decorators:
            function = self.value(decorator, frame) if decorator[0] != "call" else None
            if isinstance(function, Native):
                function.call(self, frame, [own], {})
        self._decorate(decorators, own, frame)
        return None

    def _called(self, step: Step, frame: Frame) -> Signal:
        for name, *attributes in step[2] if not self.is_believed else ():
            value = frame.names.get(name) or frame.module.names.get(name)
            for attribute in attributes:
                if attribute == GIVEN:
                    self.may_run_given(value)
                elif attribute != CALLED:
                    value = self.member_of(value, attribute)
                elif isinstance(value, Class):
                    self.may_change_by(value)
            self.may_run(value)
        return None

    def _decorate(self, decorators: Sequence[Term], made: Value, frame: Frame) -> None:
        """Act out decorators that may change something; what they give is told when it is called, if at all."""
        for term in reversed(decorators) if not self.is_believed else ():
            with suppress(RaisedError):
                decorator = self.value(term[1] if term[0] == "call" else term, frame)
                if not self.may_change(decorator) or not self.told(lambda: self._applied(term, made, frame)):  # noqa: B023
                    self.may_run(decorator)

    def _applied(self, term: Term, made: Value, frame: Frame) -> bool:
        self.call(self.evaluate(term, frame), [made], {}, frame)
        return True

    def _import(self, step: Step, frame: Frame) -> Signal:
        _, _, name, alias = step
        self.want(name)
        value = self.import_named(name)
        if alias is None:
            top = name.partition(".")[0]
            self.bind(top, value if top == name else self.import_named(top), frame)
        else:
            self.bind(alias, value, frame)
        return None

    def _from(self, step: Step, frame: Frame) -> Signal:
        _, _, name, level, names = step
        name = self.absolute(name, level, frame.module)
        self.want(name)
        owner = self.import_named(name)
        for item, alias in names:
            self.bind(alias or item, self.imported_name(owner, item, name), frame)
        return None

    def _star(self, step: Step, frame: Frame) -> Signal:
        name = self.absolute(step[2], step[3], frame.module)
        self.want(name)
        owner = self.import_named(name)
        names = self.public_names(owner)
        if names is None:
            frame.module.is_open = True
            if isinstance(owner, Module):
                names = {name: value for name, value in owner.names.items() if not name.startswith("_")}
        for name, value in (names or {}).items():
            self.bind(name, value, frame)
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
                raised.append(error)
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
        try:
            try:
                signal = self.run(body, frame)
            except RaisedError as error:
                signal = self._handle(error, handlers, frame)
            else:
                signal = self.run(otherwise, frame) if signal is None else signal
                self._note_handlers(body, handlers, frame)
                if not self.is_certain(frame):  # what was unknown in the body may have raised
                    for _, name, handler in handlers:
                        with self.perhaps(frame):
                            if name is not None:
                                self.bind(name, UNKNOWN, frame)
                            self.run(handler, frame)
        except RaisedError:
            ended = self.run(final, frame)
            if ended is None:
                raise
            return ended  # a `return`, `break` or `continue` in the last block drops the exception
        return self.run(final, frame) or signal

    def _note_handlers(self, body: Outline, handlers: Iterable[Step], frame: Frame) -> None:
        """A call that nobody followed may have raised: then a handler has bound what it binds."""
        names = {name for handler in handlers for name in names_bound_in(handler[2]) if name not in frame.names}
        if names and holds_call(body):
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

    def _augment(self, step: Step, frame: Frame) -> Signal:
        _, _, target, sign, term = step
        added = self.value(term, frame)
        if target[0] not in {"name", "attribute", "item"}:
            return None
        current = self.evaluate(target, frame)
        if sign == "+" and isinstance(current, list) and isinstance(added, (list, tuple)):
            self.change(current)
            current.extend(added)  # in place: `__path__ += ...` and `sys.path += ...` are seen by the process
            return None
        value = self.evaluate(["binary", sign, ["constant", current], ["constant", added]], frame)
        self.assign(target, value, frame)
        return None

    def _for(self, step: Step, frame: Frame) -> Signal:
        _, _, target, over, body, otherwise = step
        value = self.value(over, frame)
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

    def _raise(self, step: Step, frame: Frame) -> Signal:
        if step[2] is None:
            current = self._current_exception(frame)
            raise current or RaisedError(Exception)
        value = self.evaluate(step[2], frame)
        if isinstance(value, Instance):
            message = value.arguments[0] if value.arguments and isinstance(value.arguments[0], str) else ""
            raise RaisedError(value.of, message)
        if isinstance(value, (type, Class)):
            raise RaisedError(value)
        raise RaisedError(UNKNOWN)

    def _current_exception(self, frame: Frame | None) -> RaisedError | None:
        while frame is not None:
            error = frame.names.get("*exception*")
            if isinstance(error, RaisedError):
                return error
            frame = frame.enclosing
        return None

    def _assert(self, step: Step, frame: Frame) -> Signal:
        if self.truth_of(self.value(step[2], frame)) is False:
            raise RaisedError(AssertionError, is_computed=True)
        return None

    def _delete(self, step: Step, frame: Frame) -> Signal:
        for target in step[2]:
            if target[0] == "name" and self.is_certain(frame):
                frame.names.pop(target[1], None)
            elif target[0] == "name" and frame.names is frame.module.names:
                frame.module.perhaps.add(target[1])
            elif target[0] == "attribute":
                owner = self.evaluate(target[1], frame)
                if isinstance(owner, Module) and self.is_certain(owner):
                    owner.names.pop(target[2], None)
                elif isinstance(owner, Instance) and self.is_certain(owner):
                    owner.attributes.pop(target[2], None)
                elif isinstance(owner, (Class, Module, Instance)):
                    self.set_attribute(owner, target[2], UNKNOWN)
            elif target[0] == "item":
                owner, index = self.evaluate(target[1], frame), self.evaluate(target[2], frame)
                if isinstance(owner, Namespace):
                    self.call_method(Method(owner, "pop"), [index, None], {})
                elif isinstance(owner, Table) and is_known(index) and self.is_certain(owner):
                    owner.pop(index, None)
                elif isinstance(owner, (Row, Table)):
                    forget(owner)
                elif isinstance(owner, Instance):
                    owner.is_open = True
        return None

    def _return(self, step: Step, frame: Frame) -> Signal:
        frame.returned.append(self.evaluate(step[2], frame))
        return "return"

    def _global(self, step: Step, frame: Frame) -> Signal:
        frame.shared = frame.shared | frozenset(step[1])
        return None

    def _nonlocal(self, step: Step, frame: Frame) -> Signal:
        frame.outer = frame.outer | frozenset(step[1])
        return None

    def _open(self, _step: Step, frame: Frame) -> Signal:
        frame.module.is_open = True
        return None

    def _late(self, step: Step, frame: Frame) -> Signal:
        frame.module.late.update(step[1])
        return None


def _asks_what_is_imported(term: Term) -> bool:
    if not isinstance(term, list):
        return False
    return term == ["attribute", ["name", "sys"], "modules"] or any(map(_asks_what_is_imported, term))
