"""Evaluates terms: what an expression's value is, as far as it can be known, and whether it certainly raises."""

import builtins
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tpkg_analyzer.scan.toplevel.comparisons import LONGEST_RESULT, OPERATIONS, Comparisons, is_key
from tpkg_analyzer.scan.toplevel.guards import Guard
from tpkg_analyzer.scan.toplevel.record import Match
from tpkg_analyzer.scan.toplevel.terms import FAILING, Term
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Class,
    Function,
    GaveUpError,
    Instance,
    Members,
    Method,
    Module,
    Namespace,
    RaisedError,
    Row,
    Table,
    Value,
    is_known,
    truth,
)

_MOST_REPETITIONS = 300
_PLAIN_TYPES = (str, list, dict, set, frozenset, tuple, int, float)
_NO_NAMES: frozenset[str] = frozenset()


@dataclass(slots=True)
class Frame:
    """The names of a running module, class body or function."""

    module: Module
    names: dict[str, Value]
    enclosing: "Frame | None" = None
    kind: str = "module"
    certain_at: int = 0
    function: Function | None = None
    """The function that runs, where it is one that was called."""
    returned: list[Value] = field(default_factory=list)
    shared: frozenset[str] = _NO_NAMES
    """Names declared global."""
    outer: frozenset[str] = _NO_NAMES
    """Names declared nonlocal."""
    own: frozenset[str] = _NO_NAMES
    """Names that a function binds somewhere: outside of it they stand for something else."""
    thrown: Exception | None = None
    """What the `yield` of a generator raises."""
    has_yielded: bool = False
    rebound: dict[str, int] = field(default_factory=dict)
    """As that of a module, for the names of a function or a class."""
    binds_in: "Frame | None" = None
    """Where `:=` binds in a comprehension: outside of it."""
    may_have_left: str | None = None
    """What a branch that may have been taken did to leave the block: "return", "break" or "continue"."""


class Expressions(Comparisons):
    """The part of the machine that reads terms. What it cannot tell is UNKNOWN; what certainly fails is RaisedError."""

    steps_left: int
    uncertain: int
    builtin_names: frozenset[str]
    natives: dict[str, Value]

    def __init__(self) -> None:
        self.guards: list[Guard] = []
        """The blocks that are acted out now whose exceptions are handled, the innermost last."""
        self.n_untold = 0
        """How often something that may raise anything came out unknown."""
        self._kinds: dict[str, Callable[[Term, Frame], Value]] = {
            "attribute": self._attribute,
            "call": self._call,
            "compare": self._compare,
            "and": self._and_or,
            "or": self._and_or,
            "unary": self._unary,
            "binary": self._binary,
            "item": self._item,
            "choice": self._choice,
            "walrus": self._walrus,
            "tuple": self._tuple,
            "list": self._list,
            "set": self._set,
            "dict": self._dict,
            "slice": self._slice,
            "format": self._format,
            "lambda": self._lambda,
            "comprehension": self.comprehension,
            "yield": self._yield,
            "text": lambda _, __: UNKNOWN,
            "?": lambda _, __: UNKNOWN,
        }

    def evaluate(self, term: Term, frame: Frame) -> Value:
        """Return the value of a term. Raises RaisedError, and GaveUpError after too many steps."""
        self.steps_left -= 1
        if self.steps_left < 0:
            raise GaveUpError
        kind = term[0]
        if kind == "name":  # as half of them are
            return self.look_up(term[1], frame)
        if kind == "constant":
            return term[1]
        follow = self._kinds.get(kind)
        value = UNKNOWN if follow is None else follow(term, frame)
        if value is UNKNOWN and kind in FAILING:
            self.n_untold += 1
        return value

    def may_raise(self, *classes: Value) -> None:
        """Note what may have been raised: the rest of the block that it ends may be skipped."""
        for raised in classes if self.guards else ():
            goes_on: Value | None = raised
            for guard in reversed(self.guards):
                is_certain = not guard.reached
                goes_on = guard.meet(goes_on)
                self.uncertain += is_certain and bool(guard.reached)
                if goes_on is None:
                    break

    @contextmanager
    def skippable(self) -> Iterator[None]:
        """Compute what may be skipped: what it changes may be so, and what it raises raises nothing."""
        self.uncertain += 1
        try:
            yield
        except RaisedError as error:
            self.may_raise(error.type)
        finally:
            self.uncertain -= 1

    def look_up(self, name: str, frame: Frame) -> Value:
        """Return what a name stands for. Raises RaisedError with NameError for one that is certainly not bound."""
        module = frame.module
        if name in frame.names and name not in frame.shared and frame.names is not module.names:
            return frame.names[name]
        if name in frame.own:
            self.may_raise(UnboundLocalError)
            return UNKNOWN
        outer = frame.enclosing
        while outer is not None:
            if name in outer.names:
                return outer.names[name]
            if name in outer.own:
                self.may_raise(NameError)
                return UNKNOWN
            outer = outer.enclosing
        if name in module.names:
            if name in module.perhaps:
                self.may_raise(NameError)
            return module.names[name]
        native = self.natives.get(f"builtins.{name}")
        if native is not None:
            return native
        if name in self.builtin_names:
            found = getattr(builtins, name, UNKNOWN)
            return found if isinstance(found, type) and issubclass(found, (BaseException, *_PLAIN_TYPES)) else UNKNOWN
        if module.may_have(name):
            return UNKNOWN
        raise RaisedError(NameError, f"name '{name}' is not defined", name=name)

    def attribute_of(self, owner: Value, name: str) -> Value:
        """Return an attribute. Raises RaisedError with AttributeError where there is certainly none."""
        match owner:
            case Module():
                return self.module_attribute(owner, name)
            case Class(names=names):
                # A metaclass may have made something else of plain values: members of an enumeration, fields.
                if name == "__name__":
                    return names.get(name, owner.name)
                found = names.get(name, UNKNOWN)
                if found is UNKNOWN and owner.module is not None:
                    modelled = self.natives.get(f"{owner.module.name}.{owner.name}.{name}")
                    if modelled is not None:
                        return modelled
                is_told = (owner.is_plain and not owner.bases) or isinstance(found, (Function, Class))
                return found if is_told else UNKNOWN
            case Namespace():
                return Method(owner, name)
            case None:
                if hasattr(None, name):
                    return UNKNOWN
                raise RaisedError(
                    AttributeError, f"'NoneType' object has no attribute '{name}'", name=name, is_computed=True
                )
            case Function():
                return owner.attribute(name)
            case str() | list() | dict() | set() | tuple() | int() | float() if not isinstance(owner, type):
                if hasattr(owner, name):
                    value = getattr(owner, name)
                    return Method(owner, name) if callable(value) else value
                said = f"a {type(owner).__name__} has no attribute {name}"
                raise RaisedError(AttributeError, said, name=name, is_computed=True)
            case _:
                return self.known_attribute(owner, name)

    def module_attribute(self, module: Module, name: str) -> Value:
        """Return an attribute of a module; the process knows how."""
        raise NotImplementedError

    def known_attribute(self, owner: Value, name: str) -> Value:
        """Return an attribute of a modelled value, UNKNOWN by default."""
        raise NotImplementedError

    def call(self, callee: Value, arguments: list[Value], named: dict[str, Value], frame: Frame) -> Value:
        """Return the result of a call; statements and frames are the machine's."""
        raise NotImplementedError

    def assign(self, target: Term, value: Value, frame: Frame) -> None:
        """Bind a target; the machine knows how."""
        raise NotImplementedError

    def lose(self, *values: Value) -> None:
        """Note that what has these values from here on is not known: they may be changed, and called."""
        raise NotImplementedError

    def truth_of(self, value: Value) -> bool | None:
        """Return whether a value counts as true; None where it is not known. Objects are asked by the machine."""
        return truth(value)

    def item_of(self, owner: Value, index: Value) -> Value:
        """Return `owner[index]`; mappings of a process are the machine's."""
        if isinstance(owner, (str, list, tuple, dict)) and is_known(index):
            if isinstance(owner, (Row, Table)) and owner.is_open:
                return owner.get(index, UNKNOWN) if isinstance(owner, Table) and is_key(index) else UNKNOWN
            return self.compute(operator.getitem, owner, index)
        if isinstance(owner, Match) and is_known(index):
            return self.compute(operator.getitem, owner.found, index)
        if owner is None:
            raise RaisedError(TypeError, "'NoneType' object is not subscriptable", is_computed=True)
        return UNKNOWN

    def _attribute(self, term: Term, frame: Frame) -> Value:
        return self.attribute_of(self.evaluate(term[1], frame), term[2])

    def _call(self, term: Term, frame: Frame) -> Value:
        if term[1][0] == "attribute":
            owner = self.evaluate(term[1][1], frame)
            callee = self.attribute_of(owner, term[1][2])
            if callee is UNKNOWN and isinstance(owner, Class):
                self.lose(owner)
        else:
            callee = self.evaluate(term[1], frame)
        arguments: list[Value] = []
        is_complete = True
        for item in term[2]:
            if item[0] == "star":
                value = self.evaluate(item[1], frame)
                is_complete = is_complete and isinstance(value, (list, tuple))
                arguments.extend(value if isinstance(value, (list, tuple)) else ())
            else:
                arguments.append(self.evaluate(item, frame))
        named: dict[str, Value] = {}
        for key, item in term[3]:
            value = self.evaluate(item, frame)
            if key is not None:
                named[key] = value
            elif isinstance(value, dict) and all(isinstance(name, str) for name in value):
                named.update(value)
            else:
                is_complete = False
        if not is_complete and not isinstance(callee, Class):
            return UNKNOWN
        return self.call(callee, arguments, named, frame)

    def _compare(self, term: Term, frame: Frame) -> Value:
        left = self.evaluate(term[1], frame)
        result: Value = True
        for sign, other in term[2]:
            right = self.evaluate(other, frame)
            answer = self.compared(left, sign, right)
            if truth(answer) is False:
                return answer
            result = UNKNOWN if truth(answer) is None or result is UNKNOWN else answer
            left = right
        return result

    def _and_or(self, term: Term, frame: Frame) -> Value:
        stops_at = term[0] == "or"
        result: Value = None
        is_certain = True
        for item in term[1]:
            if is_certain:
                result = self.evaluate(item, frame)
                answer = self.truth_of(result)
                if answer is stops_at:
                    return result
                is_certain = answer is not None
                continue
            value = self._perhaps_evaluated(item, frame)
            if self.truth_of(value) is stops_at:  # whatever came before, the outcome has this truth
                return stops_at if isinstance(value, bool) else UNKNOWN
        return result if is_certain else UNKNOWN

    def _perhaps_evaluated(self, term: Term, frame: Frame) -> Value:
        """Evaluate what may be skipped; nobody knows who has it then."""
        value: Value = UNKNOWN
        with self.skippable():
            value = self.evaluate(term, frame)
        self.lose(value)
        return value

    def _unary(self, term: Term, frame: Frame) -> Value:
        value = self.evaluate(term[2], frame)
        if term[1] == "not":
            answer = self.truth_of(value)
            return UNKNOWN if answer is None else not answer
        if isinstance(value, (int, float)):
            return -value if term[1] == "neg" else value if term[1] == "pos" else UNKNOWN
        self.operated(value)
        return UNKNOWN

    def _binary(self, term: Term, frame: Frame) -> Value:
        sign, left, right = term[1], self.evaluate(term[2], frame), self.evaluate(term[3], frame)
        self.operated(left, right)
        if sign not in OPERATIONS:
            return UNKNOWN
        if sign == "+" and type(left) is type(right) and isinstance(left, (list, tuple)):
            both = left + right
            return Row(both, self.uncertain) if isinstance(both, list) else both
        if sign == "*" and isinstance(left, (str, list, tuple)) and isinstance(right, int) and right > LONGEST_RESULT:
            return UNKNOWN
        if sign == "%" and isinstance(left, str):
            return UNKNOWN if not is_known(right) else self.compute(operator.mod, left, right)
        if not (is_known(left) and is_known(right)):
            if isinstance(left, bool) and isinstance(right, list):
                return Row(right if left else (), self.uncertain)
            return UNKNOWN
        try:
            return self.compute(OPERATIONS[sign], left, right)
        except RaisedError as error:
            if error.type is TypeError and not (_is_exact(left) and _is_exact(right)):
                return UNKNOWN  # views, named tuples and versions stand here as something simpler
            raise

    def _item(self, term: Term, frame: Frame) -> Value:
        value = self.item_of(self.evaluate(term[1], frame), self.evaluate(term[2], frame))
        if value is UNKNOWN:
            self.may_raise(IndexError, KeyError)
        return value

    def _choice(self, term: Term, frame: Frame) -> Value:
        answer = self.truth_of(self.evaluate(term[1], frame))
        if answer is None:
            for part in term[2:]:
                self._perhaps_evaluated(part, frame)
            return UNKNOWN
        return self.evaluate(term[2] if answer else term[3], frame)

    def _walrus(self, term: Term, frame: Frame) -> Value:
        value = self.evaluate(term[2], frame)
        self.assign(["name", term[1]], value, frame.binds_in or frame)
        return value

    def _yield(self, _term: Term, frame: Frame) -> Value:
        frame.has_yielded = True
        if frame.thrown is not None:
            raise frame.thrown
        return UNKNOWN

    def _tuple(self, term: Term, frame: Frame) -> Value:
        items = self._list(term, frame)
        return UNKNOWN if items.is_open else tuple(items)

    def _list(self, term: Term, frame: Frame) -> Row:
        row = Row((), self.uncertain)
        for item in term[1]:
            if item[0] != "star":
                row.append(self.evaluate(item, frame))
                continue
            value = self.evaluate(item[1], frame)
            is_told = isinstance(value, (list, tuple)) and not (isinstance(value, Row) and value.is_open)
            if not is_told:
                row.open_up()
            row.extend(value if isinstance(value, (list, tuple)) else ())
        return row

    def _set(self, term: Term, frame: Frame) -> Value:
        values = self._list(term, frame)
        self.operated(*values)
        return self.compute(set, values) if is_known(values) else UNKNOWN

    def _dict(self, term: Term, frame: Frame) -> Value:
        result = Table((), self.uncertain)
        for key, item in term[1]:
            value = self.evaluate(item, frame)
            if key is None:
                if not isinstance(value, dict):
                    return UNKNOWN
                result.update(value)
                continue
            name = self.evaluate(key, frame)
            self.operated(name)
            if not isinstance(name, (str, int, float, tuple)) or not is_known(name):
                return UNKNOWN
            result[name] = value
        return result

    def _slice(self, term: Term, frame: Frame) -> Value:
        parts = [self.evaluate(part, frame) for part in term[1:]]
        return slice(*parts) if all(is_known(part) for part in parts) else UNKNOWN

    def _format(self, term: Term, frame: Frame) -> Value:
        parts = [self.evaluate(part, frame) for part in term[1]]
        self.operated(*parts)
        texts = [part.text if isinstance(part, Instance) and part.text is not None else part for part in parts]
        return "".join(map(str, texts)) if all(is_known(text) for text in texts) else UNKNOWN

    def _lambda(self, term: Term, frame: Frame) -> Value:
        *names, defaults = term[1]
        values = {name: ["constant", self.evaluate(default, frame)] for name, default in defaults.items()}
        made = Function("<lambda>", frame.module, (0, 0), parameters=[*names, values], expression=term[2])
        made.enclosing = None if frame.kind == "module" else frame
        return made

    def comprehension(self, term: Term, frame: Frame) -> Value:
        """Return what a comprehension makes."""
        raise NotImplementedError

    def iterated(self, value: Value) -> list[Value] | None:
        """Return what iterating over `value` yields, None where it is not known."""
        if isinstance(value, (Row, Table, Members)) and value.is_open:
            return None
        if isinstance(value, (list, tuple, dict, set, frozenset, str, range)) and len(value) <= _MOST_REPETITIONS:
            return list(value)
        return None


def _is_exact(value: Value) -> bool:
    return value is None or type(value) in {str, int, float, bool}
