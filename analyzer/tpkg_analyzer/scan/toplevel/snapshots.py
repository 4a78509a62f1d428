"""What is known of a process's modules at one moment, so that it can be known again after another has gone on.

Modules that are loaded already are shared by all exports that go on from there. What one of them does to such a module
(submodules that it imports are bound there, functions of it are called, it registers things) is nothing that the next
one finds.
"""

from collections.abc import Callable, Iterable
from functools import partial

from tpkg_analyzer.scan.toplevel.values import Instance, Members, Module, Row, Table, Value


class Snapshot:
    """The modules of a process and the containers and objects that their names lead to."""

    def __init__(self, values: Iterable[Value]) -> None:
        self._restoring: list[Callable[[], None]] = []
        self._seen: set[int] = set()
        stack = list(values)
        while stack:
            value = stack.pop()
            if isinstance(value, (Module, Instance, Row, Table, Members)) and id(value) not in self._seen:
                self._seen.add(id(value))
                stack.extend(self._take(value))

    def __contains__(self, value: object) -> bool:
        """Tell whether a module was there."""
        return id(value) in self._seen

    def restore(self) -> None:
        """Put everything back."""
        for restore in self._restoring:
            restore()

    def _take(self, value: Module | Instance | Row | Table | Members) -> list[Value]:
        """Note what a value is, and return what it holds."""
        if isinstance(value, Module):
            module = (
                dict(value.names),
                value.is_open,
                set(value.late),
                set(value.prefixes),
                value.doubt,
                value.unstable,
            )
            self._restoring.append(partial(_restore_module, value, *module))
            return [*module[0].values()]
        if isinstance(value, Instance):
            attributes = dict(value.attributes)
            self._restoring.append(partial(_restore_object, value, attributes, value.is_open, value.may_have_more))
            return [*attributes.values()]
        if isinstance(value, Row):
            items = list(value)
            self._restoring.append(partial(_restore_row, value, items, value.is_open, value.n_certain))
            return items
        if isinstance(value, Table):
            table = dict(value)
            self._restoring.append(partial(_restore_filled, value, table, value.is_open))
            return [*table.values()]
        self._restoring.append(partial(_restore_filled, value, set(value), value.is_open))
        return []


def _restore_module(
    module: Module,
    names: dict[str, Value],
    is_open: bool,
    late: set[str],
    prefixes: set[str],
    doubt: str | None,
    unstable: str | None,
) -> None:
    module.names.clear()
    module.names.update(names)
    module.late, module.prefixes = late, prefixes
    module.is_open, module.doubt, module.unstable = is_open, doubt, unstable


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
