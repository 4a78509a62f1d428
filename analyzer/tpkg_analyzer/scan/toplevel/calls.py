"""Calls of functions, classes and modelled functions, as far as their results can be told.

Every statement has a budget of steps, and every call; what exceeds it has an unknown result.
"""

from collections.abc import Callable
from dataclasses import replace

from tpkg_analyzer.scan.toplevel.effects import MOST_GIVEN, Effects
from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.objects import MODULE_TYPE
from tpkg_analyzer.scan.toplevel.outline import Outline
from tpkg_analyzer.scan.toplevel.terms import Term
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Bound,
    Class,
    Function,
    GaveUpError,
    Generated,
    Instance,
    Many,
    Members,
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
    join,
    truth,
)
from tpkg_analyzer.scan.toplevel.writes import names_in_term

STEPS_PER_STATEMENT = 4_000
_DEEPEST_CALL = 40
_MOST_FRUITLESS = 1_500
"""The steps after which a function that returned nothing known and imported nothing is not followed any more."""

_MADE_ONCE = frozenset({"list", "dict", "set", "comprehension", "call"})
"""Kinds of defaults that all calls of a function share."""

_INERT = frozenset({type(UNKNOWN), type(None), str, int, float, bool})
"""The types of most values that are handed on, with which nobody can change anything."""

Signal = str | None
"""How a block ended: None at its end, else "return", "break" or "continue"."""


class Calls(Effects):
    """The part of the machine that calls. Every call has a budget of steps."""

    def __init__(self) -> None:
        super().__init__()
        self.steps_left = STEPS_PER_STATEMENT
        self._calls = 0

    def run(self, steps: Outline, frame: Frame) -> Signal:
        """Act out a block; the machine knows the steps."""
        raise NotImplementedError

    def value(self, term: Term, frame: Frame) -> Value:
        """Evaluate at a statement: at the top level, too many steps mean an unknown value."""
        if frame.kind != "module":
            return self.evaluate(term, frame)
        imported = self.n_imported
        try:
            return self.evaluate(term, frame)
        except GaveUpError:
            self.steps_left = STEPS_PER_STATEMENT
            self.imports_more |= self.n_imported > imported
            return UNKNOWN

    def call(self, callee: Value, arguments: list[Value], named: dict[str, Value], frame: Frame) -> Value:
        """Return the result of a call, UNKNOWN for what is not followed. Raises RaisedError."""
        match callee:
            case Native():
                result = callee.call(self, frame, arguments, named)
                if result is UNKNOWN:
                    self.may_run(*arguments, *named.values())
                return result
            case Method():
                return self.call_method(callee, arguments, named)
            case Function():
                return self.call_function(callee, arguments, named, frame)
            case Bound():
                return self.call_function(callee.function, [callee.owner, *arguments], named, frame)
            case Class() if self.is_made_otherwise(callee):
                self.may_change_by(callee.metaclass)
                self.note_escape(arguments, named, frame)
                return UNKNOWN
            case Class() if callee is not MODULE_TYPE:
                made = self.made(callee, arguments, named, frame)
                if made.is_open:
                    self.note_escape(arguments, named, frame)
                return made
            case type() if issubclass(callee, BaseException):
                return Instance(callee, tuple(arguments))
            case type():
                if is_known(arguments) and not named:
                    return self.compute(callee, *arguments)
                if callee in {list, tuple} and arguments and isinstance(all_of_it := self.in_full(arguments[0]), Many):
                    return all_of_it
                self.may_run(*arguments, *named.values())
                if callee in {int, float}:
                    self.may_raise(TypeError, ValueError)
                return UNKNOWN
            case Instance() if isinstance(asked := self.attribute_of_object(callee, "__call__"), Bound):
                return self.call_function(asked.function, [callee, *arguments], named, frame)
            case None:
                raise RaisedError(TypeError, "'NoneType' object is not callable")
            case _:
                self.note_escape(arguments, named, frame)
                self.may_run(callee)
                return UNKNOWN

    def in_full(self, value: Value) -> Value:
        """Return what a loop goes over in place of a mapping that the process has many names in."""
        raise NotImplementedError

    def told(self, ask: Callable[[], bool | None]) -> bool | None:
        """Return an answer that may take a call, None where that takes too many steps or raises."""
        try:
            return ask()
        except (GaveUpError, RaisedError):
            return None

    def truth_of(self, value: Value) -> bool | None:
        """Return whether a value counts as true, as its class says; None where it is not known."""
        if not isinstance(value, Instance) or value.text is not None:
            return truth(value)
        name = next((name for name in ("__bool__", "__len__") if not self.lacks(value, name)), None)
        if name is None:
            return True
        asked = self.attribute_of_object(value, name)
        if not isinstance(asked, Bound):
            return None
        frame = Frame(asked.function.module, {}, kind="function", certain_at=self.uncertain)
        return self.told(lambda: truth(self.call(asked, [], {}, frame)))

    def note_escape(self, arguments: list[Value], named: dict[str, Value], frame: Frame) -> None:
        """A module whose globals, or whose name beside other arguments, go where nobody looks may get names there."""
        given = [*arguments, *named.values()]
        if len(given) > 1 and frame.module.name in [value for value in given if isinstance(value, str)]:
            frame.module.is_open = True
        values = [value for value in given if type(value) not in _INERT]
        if not values:
            return
        inside = [item for value in values if isinstance(value, (tuple, Row)) for item in value[:MOST_GIVEN]]
        for value in (*values, *inside):
            if isinstance(value, Namespace) and value.kind == "globals" and value.module is not None:
                value.module.is_open |= value.module.name != "builtins"  # which nobody but its readers wants
            elif isinstance(value, Members):
                forget(value)
            elif isinstance(value, (Row, Table, Instance)) or value is frame.module:
                value.is_open = True
        self.may_run(*values)

    def item_of(self, owner: Value, index: Value) -> Value:
        """Return `owner[index]`; what an object gives is not followed."""
        if isinstance(owner, Instance):
            self.may_run(self.attribute_of_object(owner, "__getitem__"))
            self.lend(owner)
        elif isinstance(owner, Class):
            self.may_run(self.member_of(owner, "__class_getitem__"))
        return super().item_of(owner, index)

    def iterated(self, value: Value) -> list[Value] | None:
        """Return what iterating over a value yields; what an object yields is not followed."""
        if isinstance(value, Instance):
            self.may_run(self.attribute_of_object(value, "__iter__"))
            self.lend(value)
        return super().iterated(value)

    def call_function(
        self, function: Function, arguments: list[Value], named: dict[str, Value], caller: Frame
    ) -> Value:
        """Call a function and return its result, UNKNOWN where it is not followed. Raises RaisedError."""
        if function.decorators:
            key = tuple(arguments) if not named and is_known(arguments) and _is_cached(function) else None
            if key in function.results:
                return function.results[key]
            made = self._decorated(function)
            if isinstance(made, Function) and made.is_context:
                self.may_run(made)  # its end comes later
                return Generated(made, tuple(arguments), named)
            if isinstance(made, Function) and not made.decorators:
                result = self.call_function(made, arguments, named, caller)
                if key is not None and is_known(result):
                    self.note_change(function)
                    function.results[key] = result
                return result
            self._leave(function, arguments, named, caller)
            return UNKNOWN
        is_followed = self._calls < _DEEPEST_CALL and self.fruitless[function] < _MOST_FRUITLESS
        body = self.body_of(function) if is_followed else None
        if body is None:
            self._leave(function, arguments, named, caller)
            return UNKNOWN
        frame = Frame(function.module, {}, function.enclosing, "function", self.uncertain, function, own=body.names)
        if not self._pass(function, body.parameters, arguments, named, frame):
            self._leave(function, arguments, named, caller)
            return UNKNOWN
        self._calls += 1
        before, imported = self.steps_left, self.n_imported
        try:
            if function.expression is not None:
                return self.evaluate(function.expression, frame)
            signal = self.run(body.steps, frame)
        except GaveUpError:
            self.fruitless[function] += before
            self._leave(function, arguments, named, caller)
            raise
        except RaisedError as error:
            if not error.is_computed:
                raise
            self.doubt(error, function.module)
            self._leave(function, arguments, named, caller)
            return UNKNOWN
        finally:
            self._calls -= 1
        if signal != "return":
            frame.returned.append(None)
        result = join(frame.returned)
        if result is UNKNOWN:
            self.lose(*frame.returned)
        if (result is UNKNOWN or result is None) and imported == self.n_imported:
            self.fruitless[function] += max(before - self.steps_left, 0)
        else:
            self.fruitless.pop(function, None)
        return result

    def _leave(self, function: Function, arguments: list[Value], named: dict[str, Value], caller: Frame) -> None:
        """Note that a function is called and not followed to its end."""
        self.note_escape(arguments, named, caller)
        modules = [value for value in (*arguments, *named.values()) if isinstance(value, Module)]
        if modules and not self.is_believed and self.writes_of(function).changes_given:
            for module in modules:
                module.is_open = True  # by an attribute that it sets, or another class
        self.may_run(function)

    def throw_into(self, context: Generated, error: RaisedError) -> bool | None:
        """Tell whether a generator that has `error` thrown into its `yield` ends without it; None where unknown."""
        function = context.function
        body = self.body_of(function) if self._calls < _DEEPEST_CALL else None
        if body is None:
            return None
        frame = Frame(function.module, {}, function.enclosing, "function", self.uncertain, own=body.names, thrown=error)
        if not self._pass(function, body.parameters, list(context.arguments), context.named, frame):
            return None
        self._calls += 1
        try:
            self.run(body.steps, frame)
        except RaisedError as raised:
            return False if raised is error else None
        finally:
            self._calls -= 1
        return True if frame.has_yielded else None

    def _pass(
        self, function: Function, parameters: list[Value], arguments: list[Value], named: dict[str, Value], frame: Frame
    ) -> bool:
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
        outside = Frame(frame.module, {}, function.defined_in, "function", frame.certain_at)
        for name in (*positional, *keywords):
            if name in names:
                continue
            if name not in defaults:
                return False
            names[name] = self._defined(defaults[name], function, outside)
            if defaults[name][0] in _MADE_ONCE and isinstance(names[name], (Row, Table, Members)):
                forget(names[name])  # by what calls before this one did
        return True

    def _defined(self, term: Term, function: Function, frame: Frame) -> Value:
        """Evaluate what a definition has evaluated; UNKNOWN where a name in it stands for something else by now."""
        if term[0] == "constant":
            return self.evaluate(term, frame)
        if any(self._is_rebound(name, function.defined_at, frame) for name in names_in_term(term)):
            return UNKNOWN
        if term[0] != "attribute":
            return self.evaluate(term, frame)
        owner = self.evaluate(term[1], frame)
        is_kept = not (isinstance(owner, Instance) or (isinstance(owner, Class) and owner.is_set))
        return self.attribute_of(owner, term[2]) if is_kept else UNKNOWN

    def _is_rebound(self, name: str, defined_at: int, frame: Frame) -> bool:
        home: Frame | None = frame
        while home is not None:
            if home.rebound.get(name, -1) >= defined_at:
                return True
            if name in home.names:
                return False
            home = home.enclosing
        return frame.module.rebound.get(name, -1) >= defined_at

    def _decorated(self, function: Function) -> Value:
        """Return what the decorators make of a function; UNKNOWN where that cannot be told."""
        bare = replace(function, decorators=(), results={})
        frame = Frame(function.module, {}, function.defined_in, "function", self.uncertain)
        value: Value = bare
        for decorator in reversed(function.decorators):
            made = self._defined(decorator, function, frame)
            if not isinstance(made, (Native, Function)):
                return UNKNOWN
            value = self.call(made, [value], {}, frame)
        return value


def _is_cached(function: Function) -> bool:
    outermost = function.decorators[0]
    term = outermost[1] if outermost[0] == "call" else outermost
    return bool(term[-1] in {"lru_cache", "cache"})
