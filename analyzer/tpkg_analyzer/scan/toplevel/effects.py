"""What may have changed because functions ran where nobody follows them: decorators, callbacks, generators."""

from collections.abc import Iterator, Mapping, Set

from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.objects import MODULE_TYPE, Objects
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Bound,
    Class,
    Function,
    Instance,
    Members,
    Method,
    Module,
    Row,
    Table,
    Value,
    ancestors,
    classes_of,
    forget,
)
from tpkg_analyzer.scan.toplevel.writes import Writes, names_in_term

MOST_GIVEN = 50
"""The most items of a container that are looked at when it is handed on."""

_DEEPEST_EFFECT = 2
_BINDING = frozenset({"global", "nonlocal"})

_NO_OPERATORS = frozenset({"__init__", "__new__", "__doc__", "__module__", "__slots__", "__call__", "__all__"})

Effect = tuple[dict[str, Value], str, bool]
"""Names and one of them, which is bound anew, or else stands for what is changed."""


class Effects(Objects):
    """The part of the machine that forgets."""

    def __init__(self) -> None:
        super().__init__()
        self.is_believed = False
        """Whether all that is imported now is known to go well, whatever runs in it."""
        self._effects_of_classes: dict[Class, tuple[Effect, ...]] = {}
        self._effects: dict[tuple[Module, tuple[int, int], int], tuple[Effect, ...]] = {}

    def may_run(self, *values: Value, depth: int = 0) -> None:
        """Note that functions may be called by what is not followed: nothing is known any more of what they change."""
        for value in values if not self.is_believed else ():
            if isinstance(value, Function):
                for names, name, is_bound in self._effects_of(value):
                    _let_change(names, name, is_bound=is_bound)
            elif isinstance(value, Bound):
                value.owner.is_open |= self.writes_of(value.function).changes_first
                self.may_run(value.function)
            elif isinstance(value, Method) and isinstance(value.owner, (Row, Table, Members)):
                value.owner.open_up()
            elif isinstance(value, Instance):
                value.is_open = True
                self.may_change_by(value.of)
            elif isinstance(value, (tuple, Row)) and depth < _DEEPEST_EFFECT and len(value) < MOST_GIVEN:
                self.may_run(*value, depth=depth + 1)

    def lose(self, *values: Value) -> None:
        """Note that what has these values from here on is not known: they may be changed, and called."""
        for value in values:
            if isinstance(value, (Row, Table, Members)):
                inside = [*(value.values() if isinstance(value, Table) else value)][:MOST_GIVEN]
                forget(value)
                self.lose(*inside)
            elif isinstance(value, Class):
                self.may_change_by(value)
            elif not (isinstance(value, Instance) and MODULE_TYPE in ancestors(value.of)):  # as for any other module
                self.may_run(value)

    def may_change_by(self, cls: Value) -> None:
        """Note that any method of a class may be called."""
        if self.is_believed or not isinstance(cls, Class):
            return
        if cls not in self._effects_of_classes:
            effects = (effect for item in classes_of(cls) for effect in self._effects_of_methods(item))
            self._effects_of_classes[cls] = tuple(effects)
        for names, name, is_bound in self._effects_of_classes[cls]:
            _let_change(names, name, is_bound=is_bound)

    def may_run_given(self, value: Value) -> None:
        """Note that what a value holds may be called, or what a call of it gives: what it names, as far as is known."""
        if isinstance(value, dict):
            self.may_run(*value.values())
        elif isinstance(value, Function) and not self.is_believed:
            for name, names in _names_with(value, self.words_of(value)).items():
                self.may_change_by(names[name])

    def _effects_of_methods(self, cls: Class) -> Iterator[Effect]:
        if cls.module is None or cls.lines is None:
            return
        whole = Function(cls.name, cls.module, cls.lines)
        words = self.words_of(whole)
        named = _names_with(whole, words)
        if _is_harmless(words, named):
            methods = [names[name] for name, names in named.items()]  # what they may call
        else:
            methods = [*self.members_of(cls).values()]
        for method in methods:
            if isinstance(method, Function):
                yield from self._effects_of(method)

    def operated(self, *values: Value) -> None:
        """Note that operators of objects may run: the methods with two underscores, where a class has its own."""
        for value in values:
            if isinstance(value, Instance) and value.text is None and self._has_operators(value.of):
                self.may_run(value)

    def _has_operators(self, cls: Value) -> bool:
        return any(_is_operator(name) for item in classes_of(cls) for name in self.members_of(item))

    def may_make(self, cls: Class) -> None:
        """Note that a class is made: its metaclass and the hooks of its bases have seen it."""
        if self.is_believed:
            return
        if isinstance(cls.metaclass, Class):
            self.may_change_by(cls.metaclass)
        for item in (item for base in cls.bases for item in classes_of(base)):
            if item.has_hook:
                self.may_run(self.members_of(item).get("__init_subclass__"))

    def may_change(self, value: Value) -> bool:
        """Tell whether a function may change anything of others."""
        return isinstance(value, Bound) or (isinstance(value, Function) and bool(self._effects_of(value)))

    def writes_of(self, function: Function) -> Writes:
        """Return what a function may change; the process knows where to read it."""
        raise NotImplementedError

    def words_of(self, function: Function) -> frozenset[str]:
        """Return the words in the text of a function; the process knows where to read it."""
        raise NotImplementedError

    def member_of(self, owner: Value, name: str) -> Value:
        """Return an attribute that can be told without running anything, UNKNOWN for others."""
        if isinstance(owner, Module):
            return owner.names.get(name, UNKNOWN)
        if isinstance(owner, Class):
            return self.members_of(owner).get(name, UNKNOWN)
        return self.attribute_of_object(owner, name) if isinstance(owner, Instance) else UNKNOWN

    def _effects_of(self, function: Function, depth: int = 0) -> tuple[Effect, ...]:
        """Return what a function may change or bind, and what the functions may that it calls."""
        if function.expression is not None:
            named = _names_with(function, frozenset(names_in_term(function.expression)))
            return tuple((names, name, False) for name, names in named.items())
        key = function.module, function.lines, depth
        if key in self._effects:
            return self._effects[key]
        words = self.words_of(function)
        named = _names_with(function, words)
        # Most functions name nothing that could be changed, and need no closer look.
        writes = Writes(called=words) if _is_harmless(words, named) else self.writes_of(function)
        found = dict.fromkeys(writes.changed, False) | dict.fromkeys(writes.bound, True)
        effects = [(named.get(name, function.module.names), name, is_bound) for name, is_bound in found.items()]
        for name in writes.called & named.keys() if depth < _DEEPEST_EFFECT else ():
            called = named[name][name]
            if isinstance(called, Function) and called is not function:
                effects += self._effects_of(called, depth + 1)
        told = tuple(effect for effect in effects if _can_change(*effect))
        if function.enclosing is None:  # what it names is there when it runs for the first time
            self._effects[key] = told
        return told


def _names_with(function: Function, wanted: Set[str]) -> dict[str, dict[str, Value]]:
    """Return the names among which a function finds each of others: those of a function around it, or its module."""
    found = dict.fromkeys(function.module.names.keys() & wanted, function.module.names)
    around: list[Frame] = []
    frame: Frame | None = function.enclosing
    while frame is not None:
        around.append(frame)
        frame = frame.enclosing
    for frame in reversed(around):
        found |= dict.fromkeys(frame.names.keys() & wanted, frame.names)
    return found


def _is_harmless(words: Set[str], named: Mapping[str, Mapping[str, Value]]) -> bool:
    """Tell whether a text with some words, which stand for these names, can change nothing by itself."""
    return words.isdisjoint(_BINDING) and not any(_is_changeable(names[name]) for name, names in named.items())


def _can_change(names: dict[str, Value], name: str, is_bound: bool) -> bool:
    return is_bound or _is_changeable(names.get(name))


def _is_operator(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in _NO_OPERATORS


def _is_changeable(value: Value) -> bool:
    """Tell whether there is anything that is known of a value and may change."""
    if isinstance(value, Instance):
        return not value.is_open
    return isinstance(value, (Row, Table, Members)) or (isinstance(value, Class) and value.is_set)


def _let_change(names: dict[str, Value], name: str, *, is_bound: bool) -> None:
    value = names.get(name, UNKNOWN)
    if isinstance(value, (Row, Table, Members)):
        forget(value)
    elif isinstance(value, Instance):
        value.is_open = True
    elif isinstance(value, Class):
        value.names |= {name: UNKNOWN for name, item in value.names.items() if not isinstance(item, (Function, Class))}
    if is_bound and name in names:
        names[name] = UNKNOWN
