"""What is known of a process's modules at one moment, so that it can be known again after another has gone on.

Modules that are loaded already are shared by all exports that go on from there. What one of them does to such a module
(submodules that it imports are bound there, functions of it are called, it registers things) is nothing that the next
one finds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tpkg_analyzer.scan.toplevel.values import Class, Function, Instance, Members, Module, Row, Table, Value

_KINDS = frozenset({Module, Instance, Row, Table, Members})

_State = tuple[Any, tuple[Any, ...]]
"""What something holds, and the marks on it."""


class Snapshot:
    """The modules of a process, the containers and objects that their names lead to, and what was noted of them."""

    def __init__(self, values: Iterable[Value] = ()) -> None:
        self._states: list[tuple[Value, _State]] = []
        self._seen: set[int] = set()
        self.is_left = False
        """Whether somebody goes on from there, and may have changed what it holds."""
        stack = [value for value in values if type(value) in _KINDS]
        while stack:
            value = stack.pop()
            if id(value) not in self._seen:
                self._seen.add(id(value))
                content, marks = _state_of(value)
                self._states.append((value, (content, marks)))
                held = content.values() if isinstance(content, dict) else content
                stack += [item for item in held if type(item) in _KINDS]

    def __contains__(self, value: object) -> bool:
        """Tell whether a module was there."""
        return id(value) in self._seen

    def note(self, value: Class | Function) -> None:
        """Note something of a module that is here, which is about to be changed; hardly any class or function is."""
        if value.module in self and id(value) not in self._seen:
            self._seen.add(id(value))
            self._states.append((value, _state_of(value)))

    def restore(self) -> None:
        """Put everything back."""
        for value, state in self._states:
            _put_back(value, *state)
        self.is_left = False

    def changes(self) -> Snapshot:
        """Return what is here and has changed, as it is now."""
        changed = Snapshot()
        changed._seen = set(self._seen)
        now = ((value, state, _state_of(value)) for value, state in self._states)
        changed._states = [(value, state) for value, before, state in now if _is_other(before, state)]
        return changed


def _state_of(value: Value) -> _State:
    match value:
        case Module():
            sets = frozenset(value.late), frozenset(value.prefixes), frozenset(value.perhaps)
            return dict(value.names), (value.is_open, value.doubt, value.unstable, *sets)
        case Instance():
            return dict(value.attributes), (value.is_open, value.may_have_more)
        case Row():
            return list(value), (value.is_open, value.n_certain)
        case Class():
            return dict(value.names), (value.is_set, value.is_read, value.is_plain)
        case Function():
            return dict(value.results), (value.attributes,)
        case Table():
            return dict(value), (value.is_open,)
        case _:
            return set(value), (value.is_open,)


def _is_other(before: _State, now: _State) -> bool:
    try:
        return before != now
    except RecursionError:  # something holds itself
        return True


def _put_back(value: Value, content: Any, marks: tuple[Any, ...]) -> None:
    match value:
        case Module():
            value.names.clear()
            value.names.update(content)
            value.is_open, value.doubt, value.unstable = marks[:3]
            value.late, value.prefixes, value.perhaps = map(set, marks[3:])
        case Instance():
            value.attributes.clear()
            value.attributes.update(content)
            value.is_open, value.may_have_more = marks
        case Class():
            value.names = dict(content)
            value.is_set, value.is_read, value.is_plain = marks
        case Function():
            value.results = dict(content)
            (value.attributes,) = marks
        case Row():
            value[:] = content
            value.is_open, value.n_certain = marks
        case _:
            value.clear()
            value.update(content)
            (value.is_open,) = marks
