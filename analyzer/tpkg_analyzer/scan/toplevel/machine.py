"""Acts out a module's outline step by step, as far as that can be told."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from tpkg_analyzer.scan.toplevel.calls import STEPS_PER_STATEMENT, Signal
from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.handlers import Handlers
from tpkg_analyzer.scan.toplevel.outline import Outline, Step
from tpkg_analyzer.scan.toplevel.terms import Term
from tpkg_analyzer.scan.toplevel.uses import CALLED, GIVEN
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Class,
    Function,
    Instance,
    Method,
    Module,
    Namespace,
    Native,
    RaisedError,
    Row,
    Table,
    Value,
    forget,
    is_known,
    metaclass_of,
)


class Machine(Handlers):
    """Runs outlines. What an import does is left to the process that is built on it."""

    def __init__(self) -> None:
        super().__init__()
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
        for position, step in enumerate(steps):
            if frame.may_have_left is not None:
                return self.run_rest(steps[position:], frame)
            if is_top:
                self.steps_left = STEPS_PER_STATEMENT
            try:
                signal = handlers[step[0]](step, frame)
            except RaisedError as error:
                if is_top and (not error.trail or error.trail[-1][0] != frame.module.name):
                    error.trail.append((frame.module.name, step[1]))
                error.__traceback__ = None  # whose frames would hold whole outlines, and themselves
                raise
            if signal is not None:
                return signal
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

    def _def(self, step: Step, frame: Frame) -> Signal:
        _, line, name, end_line, is_async, decorators = step
        # The names of a class's body are seen where defaults are evaluated, and not from the function.
        enclosing = frame if frame.kind == "function" else frame.enclosing
        self.n_defined += 1
        function = Function(name, frame.module, (line, end_line), is_async, tuple(decorators), enclosing)
        function.defined_at = self.n_defined
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
        self.n_defined += 1
        own.defined_at = self.n_defined
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
            self.bind(alias, self._at_end_of(name) if "." in name else value, frame)
        return None

    def _at_end_of(self, name: str) -> Value:
        """Return what `import a.b.c as d` binds: the attribute `c` of `b` of `a`, which need not be the module."""
        owner_name, *rest = name.split(".")
        owner = self.import_named(owner_name)
        for item in rest:
            owner, owner_name = self.imported_name(owner, item, owner_name), f"{owner_name}.{item}"
        return owner

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
            if target[0] == "name" and frame.names is frame.module.names:
                if self.is_certain(frame) and frame.module.has(target[1]) is False:
                    raise RaisedError(NameError, f"name '{target[1]}' is not defined", name=target[1])
                self.delete_attribute(frame.module, target[1])
            elif target[0] == "name" and self.is_certain(frame):
                frame.names.pop(target[1], None)
                frame.rebound[target[1]] = self.n_defined
            elif target[0] == "attribute":
                self.delete_attribute(self.evaluate(target[1], frame), target[2])
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
