"""Acts out a module's outline: steps, branches, exceptions and calls, as far as they can be told.

A branch whose test is not known is acted out for what it may bind and import; what it raises raises nothing, and is
noted as a doubt. Every call has a budget of steps; one that exceeds it has an unknown result.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from tpkg_analyzer.scan.toplevel.expressions import Expressions, Frame
from tpkg_analyzer.scan.toplevel.outline import Outline, Step
from tpkg_analyzer.scan.toplevel.terms import Term
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Beginning,
    Class,
    Function,
    GaveUpError,
    Instance,
    Method,
    Module,
    Namespace,
    Native,
    RaisedError,
    Row,
    Suppressor,
    Table,
    Value,
    is_caught_by,
    is_known,
    is_same,
    join,
    truth,
)

_STEPS_PER_STATEMENT = 4_000
_DEEPEST_CALL = 40
_MOST_ROUNDS = 300
_MOST_FRUITLESS = 1_500
"""The steps after which a function that returned nothing known and imported nothing is not followed any more."""

Signal = str | None
"""How a block ended: None at its end, else "return", "break" or "continue"."""


class Machine(Expressions):
    """Runs outlines. What an import does is left to the process that is built on it."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: set[str] = set()
        """Names that some import statement takes for modules: an extension module may provide them."""
        self.uncertain = 0
        """The depth of branches that may not be taken."""
        self.steps_left = _STEPS_PER_STATEMENT
        self._calls = 0
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
            "nonlocal": lambda *_: None,
            "open": self._open,
            "late": self._late,
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

    # -- what the process does

    def import_named(self, name: str) -> Value:
        """Import a module by its absolute name and return what `sys.modules` then holds."""
        raise NotImplementedError

    def absolute(self, name: str, level: int, module: Module) -> str:
        """Make the name of an import in `module` absolute."""
        raise NotImplementedError

    def imported_name(self, owner: Value, name: str, owner_name: str) -> Value:
        """Return what `from owner import name` gives."""
        raise NotImplementedError

    def public_names(self, owner: Value) -> dict[str, Value] | None:
        """Return what `from owner import *` binds, None where it cannot be told."""
        raise NotImplementedError

    def body_of(self, function: Function) -> tuple[list[Value], Outline] | None:
        """Return parameters and body of a function, None where it is not to be followed."""
        raise NotImplementedError

    def store_item(self, owner: Value, index: Value, value: Value) -> None:
        """Set an item of a mapping that belongs to the process."""
        raise NotImplementedError

    def call_method(self, method: Method, arguments: list[Value], named: dict[str, Value]) -> Value:
        """Call a method of a plain value or of a mapping of the process."""
        raise NotImplementedError

    @property
    def n_imported(self) -> int:
        """The number of modules in the process."""
        raise NotImplementedError

    # -- binding

    def want(self, name: str) -> None:
        """Note that an import takes `name`, and so each of its parents, for a module."""
        while name and name not in self.wanted:
            self.wanted.add(name)
            name = name.rpartition(".")[0]

    def bind(self, name: str, value: Value, frame: Frame) -> None:
        """Bind a name; in a branch that may not be taken only what is the same either way stays known."""
        names = frame.module.names if name in frame.shared else frame.names
        certain_at = frame.module.certain_at if names is frame.module.names else frame.certain_at
        if self.uncertain > certain_at and not is_same(names.get(name, UNKNOWN), value):
            is_new = name not in names
            value = value if is_new and isinstance(value, (Module, Function, Class)) else UNKNOWN
        names[name] = value

    def assign(self, target: Term, value: Value, frame: Frame) -> None:
        """Bind any target of an assignment."""
        kind = target[0]
        if kind == "name":
            self.bind(target[1], value, frame)
        elif kind in {"tuple", "list"}:
            parts = self.iterated(value) if not any(part[0] == "star" for part in target[1]) else None
            if parts is None or len(parts) != len(target[1]):
                parts = [UNKNOWN] * len(target[1])
            for part, item in zip(target[1], parts, strict=True):
                self.assign(part, item, frame)
        elif kind == "star":
            self.assign(target[1], UNKNOWN, frame)
        elif kind == "attribute":
            self.set_attribute(self.evaluate(target[1], frame), target[2], value)
        elif kind == "item":
            owner, index = self.evaluate(target[1], frame), self.evaluate(target[2], frame)
            if isinstance(owner, Namespace):
                self.store_item(owner, index, value)
            elif isinstance(owner, Table):
                if isinstance(index, (str, int)) and self.uncertain <= owner.certain_at:
                    owner[index] = value
                else:
                    owner.is_open = True
            elif isinstance(owner, list) and isinstance(index, slice) and isinstance(value, (list, tuple)):
                self.compute(owner.__setitem__, index, list(value))

    def set_attribute(self, owner: Value, name: str, value: Value) -> None:
        """Set an attribute of a module or class; other objects' attributes are not followed."""
        if isinstance(owner, Module):
            certain = self.uncertain <= owner.certain_at
            owner.names[name] = value if certain else UNKNOWN
        elif isinstance(owner, Class):
            owner.names[name] = value if not self.uncertain else UNKNOWN

    def change(self, value: Value) -> None:
        """Note that a container is changed: in a branch that may not be taken, nobody knows what it holds then."""
        if isinstance(value, (Row, Table)) and self.uncertain > value.certain_at:
            value.is_open = True

    @contextmanager
    def perhaps(self, frame: Frame) -> Iterator[None]:
        """Act out what may not happen: what is raised inside raises nothing and is a doubt of the module."""
        self.uncertain += 1
        try:
            yield
        except RaisedError as error:
            self._doubt(error, frame.module)
        finally:
            self.uncertain -= 1

    def _doubt(self, error: RaisedError, module: Module) -> None:
        if module.doubt is None:
            module.doubt = f"{error.type_name}: {error.message}"

    # -- steps

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
        uncertain, calls = self.uncertain, self._calls
        try:
            return self.evaluate(term, frame)
        except GaveUpError:
            self.uncertain, self._calls = uncertain, calls
            self.steps_left = _STEPS_PER_STATEMENT
            return UNKNOWN

    def _def(self, step: Step, frame: Frame) -> Signal:
        _, line, name, end_line, column, is_async, decorators = step
        enclosing = None if frame.kind == "module" else frame
        function = Function(name, frame.module, (line, end_line), column, is_async, tuple(decorators), enclosing)
        self.bind(name, function, frame)
        return None

    def _decorated(self, function: Function) -> Value:
        """Return what the decorators make of a function; UNKNOWN where that cannot be told."""
        bare = Function(
            function.name, function.module, function.lines, function.column, function.is_async, (), function.enclosing
        )
        frame = Frame(function.module, {}, function.enclosing, "function", self.uncertain)
        value: Value = bare
        for decorator in reversed(function.decorators):
            made = self.evaluate(decorator, frame)
            if not isinstance(made, (Native, Function)):
                return UNKNOWN
            value = self.call(made, [value], {}, frame)
        return value

    def _class(self, step: Step, frame: Frame) -> Signal:
        _, _, name, bases, body, decorators = step
        values = tuple(self.value(base, frame) for base in bases)
        if None in values:
            raise RaisedError(TypeError, "NoneType takes no arguments")
        own = Class(name, values)
        if body:
            enclosing = frame if frame.kind == "function" else None
            self.run(body, Frame(frame.module, own.names, enclosing, "class", self.uncertain))
        self.bind(name, own, frame)
        for decorator in decorators:
            function = self.value(decorator, frame)
            if isinstance(function, Native):
                function.call(self, frame, [own], {})
        return None

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
        _, _, test, body, otherwise = step
        answer = truth(self.value(test, frame))
        if answer is not None:
            return self.run(body if answer else otherwise, frame)
        ends: list[Signal] = []
        raised: list[RaisedError] = []
        for branch in (body, otherwise):
            self.uncertain += 1
            try:
                if branch is body:
                    self._learn(test, frame)
                ends.append(self.run(branch, frame))
            except RaisedError as error:
                raised.append(error)
            finally:
                self.uncertain -= 1
        if len(raised) == 2:
            raise raised[0]
        if raised:
            self._doubt(raised[0], frame.module)
        if len(ends) == 1 or ends[0] == ends[1]:
            return ends[0]
        left = [end for end in ends if end is not None]
        frame.may_have_left = "return" if "return" in (*left, frame.may_have_left) else left[0]
        return None

    def _learn(self, test: Term, frame: Frame) -> None:
        """Note what a test that holds says of an unknown name: how the text begins."""
        match test:
            case ["and", parts]:
                for part in parts:
                    self._learn(part, frame)
            case ["call", ["attribute", ["name", name], "startswith"], [["constant", str(prefix)]], []]:
                if frame.names.get(name) is UNKNOWN:
                    frame.names[name] = Beginning(prefix)

    def _try(self, step: Step, frame: Frame) -> Signal:
        _, _, body, handlers, otherwise, final = step
        try:
            try:
                signal = self.run(body, frame)
            except RaisedError as error:
                signal = self._handle(error, handlers, frame)
            else:
                signal = self.run(otherwise, frame) if signal is None else signal
                if self.uncertain > frame.certain_at:  # what was unknown in the body may have raised
                    for _, name, handler in handlers:
                        with self.perhaps(frame):
                            if name is not None:
                                self.bind(name, UNKNOWN, frame)
                            self.run(handler, frame)
        finally:
            ended = self.run(final, frame)
        return ended or signal

    def _handle(self, error: RaisedError, handlers: Iterable[Step], frame: Frame) -> Signal:
        for expected, name, body in handlers:
            is_caught = True if expected is None else is_caught_by(error.type, self.evaluate(expected, frame))
            if is_caught is False:
                continue
            if is_caught is None:
                self._doubt(error, frame.module)
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
        if target[0] == "name":
            self.bind(target[1], value, frame)
        return None

    def _for(self, step: Step, frame: Frame) -> Signal:
        _, _, target, over, body, otherwise = step
        values = self.iterated(self.value(over, frame))
        if values is None or len(values) > _MOST_ROUNDS:
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
        _, _, test, body, _ = step
        for _ in range(_MOST_ROUNDS):
            answer = truth(self.value(test, frame))
            if answer is False:
                return None
            if answer is None:
                with self.perhaps(frame):
                    if self._round(body, frame) == "return":
                        frame.may_have_left = "return"
                return None
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
            if target is not None:
                self.assign(target, UNKNOWN, frame)
        try:
            return self.run(body, frame)
        except RaisedError as error:
            for value in entered:
                if isinstance(value, Suppressor):
                    is_caught = is_caught_by(error.type, value.types)
                    if is_caught is True:
                        return None
                elif not (isinstance(value, Instance) and isinstance(value.of, Class)):
                    continue
                self._doubt(error, frame.module)  # the object's __exit__ may swallow it
                return None
            raise

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
        if truth(self.value(step[2], frame)) is False:
            raise RaisedError(AssertionError, is_computed=True)
        return None

    def _delete(self, step: Step, frame: Frame) -> Signal:
        for target in step[2]:
            if target[0] == "name" and self.uncertain <= frame.certain_at:
                frame.names.pop(target[1], None)
            elif target[0] == "item":
                owner, index = self.evaluate(target[1], frame), self.evaluate(target[2], frame)
                if isinstance(owner, Namespace):
                    self.call_method(Method(owner, "pop"), [index, None], {})
        return None

    def _return(self, step: Step, frame: Frame) -> Signal:
        frame.returned.append(self.evaluate(step[2], frame))
        return "return"

    def _global(self, step: Step, frame: Frame) -> Signal:
        frame.shared = frame.shared | frozenset(step[1])
        return None

    def _open(self, _step: Step, frame: Frame) -> Signal:
        frame.module.is_open = True
        return None

    def _late(self, step: Step, frame: Frame) -> Signal:
        frame.module.late.update(step[1])
        return None

    # -- calls

    def call(self, callee: Value, arguments: list[Value], named: dict[str, Value], frame: Frame) -> Value:
        """Return the result of a call, UNKNOWN for what is not followed. Raises RaisedError."""
        match callee:
            case Native():
                return callee.call(self, frame, arguments, named)
            case Method():
                return self.call_method(callee, arguments, named)
            case Function():
                return self._call_function(callee, arguments, named, frame)
            case Class():
                self.note_escape(arguments, named, frame)
                return self._instance(callee, arguments)
            case type() if issubclass(callee, BaseException):
                return Instance(callee, tuple(arguments))
            case type():
                known = is_known(arguments) and is_known(named)
                return self.compute(callee, *arguments) if known and not named else UNKNOWN
            case None:
                raise RaisedError(TypeError, "'NoneType' object is not callable")
            case _:
                self.note_escape(arguments, named, frame)
                return UNKNOWN

    def note_escape(self, arguments: list[Value], named: dict[str, Value], frame: Frame) -> None:
        """A module whose globals, or whose name beside other arguments, go where nobody looks may get names there."""
        values = [*arguments, *named.values()]
        for value in values:
            if isinstance(value, Namespace) and value.kind == "globals" and value.module is not None:
                value.module.is_open = True
            elif isinstance(value, (Row, Table)):
                value.is_open = True
        if len(values) > 1 and frame.module.name in [value for value in values if isinstance(value, str)]:
            frame.module.is_open = True

    def _instance(self, callee: Class, arguments: list[Value]) -> Value:
        from_text = str in callee.bases and len(arguments) == 1 and isinstance(arguments[0], str)
        return Instance(callee, tuple(arguments), arguments[0] if from_text else None)

    def _call_function(
        self, function: Function, arguments: list[Value], named: dict[str, Value], caller: Frame
    ) -> Value:
        if function.decorators:
            key = tuple(arguments) if not named and is_known(arguments) and _is_cached(function) else None
            if key in function.results:
                return function.results[key]
            made = self._decorated(function)
            if isinstance(made, Function) and not made.decorators:
                result = self._call_function(made, arguments, named, caller)
                if key is not None and is_known(result):
                    function.results[key] = result
                return result
            self.note_escape(arguments, named, caller)
            return UNKNOWN
        is_followed = self._calls < _DEEPEST_CALL and function.fruitless < _MOST_FRUITLESS
        body = self.body_of(function) if is_followed else None
        if body is None:
            self.note_escape(arguments, named, caller)
            return UNKNOWN
        parameters, steps = body
        frame = Frame(function.module, {}, function.enclosing, "function", self.uncertain)
        if not self._pass(parameters, arguments, named, frame):
            return UNKNOWN
        self._calls += 1
        before, imported = self.steps_left, self.n_imported
        try:
            if function.expression is not None:
                return self.evaluate(function.expression, frame)
            signal = self.run(steps, frame)
        except RaisedError as error:
            if not error.is_computed:
                raise
            self._doubt(error, function.module)
            return UNKNOWN
        finally:
            self._calls -= 1
        if signal != "return":
            frame.returned.append(None)
        result = join(frame.returned)
        if (result is UNKNOWN or result is None) and imported == self.n_imported:
            function.fruitless += max(before - self.steps_left, 0)
        else:
            function.fruitless = 0
        return result

    def _pass(self, parameters: list[Value], arguments: list[Value], named: dict[str, Value], frame: Frame) -> bool:
        """Bind arguments to parameters; False where they do not fit, which is not followed."""
        positional, keywords, rest, others, defaults = parameters
        names = frame.names
        names.update(zip(positional, arguments, strict=False))
        if len(arguments) > len(positional) and rest is None:
            return False
        if rest is not None:
            names[rest] = tuple(arguments[len(positional) :])
        extra: dict[str, Value] = {}
        for name, value in named.items():
            if name in positional or name in keywords:
                names[name] = value
            else:
                extra[name] = value
        if others is not None:
            names[others] = extra
        elif extra:
            return False
        outside = Frame(frame.module, {}, frame.enclosing, "function", frame.certain_at)
        for name in (*positional, *keywords):
            if name in names:
                continue
            if name not in defaults:
                return False
            names[name] = self.evaluate(defaults[name], outside)
        return True


def _is_cached(function: Function) -> bool:
    outermost = function.decorators[0]
    term = outermost[1] if outermost[0] == "call" else outermost
    return bool(term[-1] in {"lru_cache", "cache"})
