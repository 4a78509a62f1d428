"""What is known of a process's modules at one moment, so that it can be known again after another has gone on.

Modules that are loaded already are shared by all exports that go on from there. What one of them does to such a module
(submodules that it imports are bound there, functions of it are called, it registers things) is nothing that the next
one finds.
"""

from collections.abc import Callable, Iterable

from tpkg_analyzer.scan.toplevel.values import Instance, Members, Module, Row, Table, Value

_KINDS = frozenset({Module, Instance, Row, Table, Members})


class Snapshot:
    """The modules of a process and the containers and objects that their names lead to."""

    def __init__(self, values: Iterable[Value]) -> None:
        self._restoring: list[Callable[[], None]] = []
        self._seen: set[int] = set()
        self.is_left = False
        """Whether somebody goes on from there, and may have changed what it holds."""
        stack = [value for value in values if type(value) in _KINDS]
        while stack:
            value = stack.pop()
            if id(value) not in self._seen:
                self._seen.add(id(value))
                stack += [held for held in self._held_by(value) if type(held) in _KINDS]

    def __contains__(self, value: object) -> bool:
        """Tell whether a module was there."""
        return id(value) in self._seen

    def restore(self) -> None:
        """Put everything back."""
        for restore in self._restoring:
            restore()
        self.is_left = False

    def _held_by(self, value: Value) -> Iterable[Value]:
        """Note what a value is, and return what it holds."""
        match value:
            case Module():
                names, sets = dict(value.names), (set(value.late), set(value.prefixes))
                marks = value.is_open, value.doubt, value.unstable
                self._restoring.append(lambda: _restore_module(value, names, sets, marks))
                return names.values()
            case Instance():
                attributes, is_open, may_have_more = dict(value.attributes), value.is_open, value.may_have_more
                self._restoring.append(lambda: _restore_object(value, attributes, is_open, may_have_more))
                return attributes.values()
            case Row():
                items, is_open, n_certain = list(value), value.is_open, value.n_certain
                self._restoring.append(lambda: _restore_row(value, items, is_open, n_certain))
                return items
            case Table():
                table, is_open = dict(value), value.is_open
                self._restoring.append(lambda: _restore_filled(value, table, is_open))
                return table.values()
            case Members():
                members, is_open = set(value), value.is_open
                self._restoring.append(lambda: _restore_filled(value, members, is_open))
        return ()


def _restore_module(
    module: Module,
    names: dict[str, Value],
    sets: tuple[set[str], set[str]],
    marks: tuple[bool, str | None, str | None],
) -> None:
    module.names.clear()
    module.names.update(names)
    module.late, module.prefixes = map(set, sets)
    module.is_open, module.doubt, module.unstable = marks


def _restore_object(value: Instance, attributes: dict[str, Value], is_open: bool, may_have_more: bool) -> None:
    value.attributes.clear()
    value.attributes.update(attributes)
    value.is_open, value.may_have_more = is_open, may_have_more


def _restore_row(row: Row, items: list[Value], is_open: bool, n_certain: int | None) -> None:
    row[:] = items
    row.is_open, row.n_certain = is_open, n_certain


def _restore_filled(value: Table | Members, content: dict[Value, Value] | set[Value], is_open: bool) -> None:
    value.clear()
    value.update(content)
    value.is_open = is_open
