"""The mappings of a process that imports read and change: `sys.modules`, `globals()`, `os.environ`; and plain ones."""

from collections.abc import Iterable

from tpkg_analyzer.scan.toplevel.finding import Finding
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Beginning,
    Instance,
    Method,
    Namespace,
    RaisedError,
    Row,
    Table,
    Value,
    forget,
    is_known,
)

_CHANGING = frozenset({"add", "clear", "discard", "pop", "remove", "reverse", "sort", "popitem"})
_NEVER_EMPTY = frozenset({"PATH", "HOME", "USER", "PWD", "LANG", "SHELL", "TMPDIR", "TEMP"})


class Mappings(Finding):
    """The part of a process that looks into mappings and changes them."""

    def item_of(self, owner: Value, index: Value) -> Value:
        """Return an item, also of `sys.modules`, `globals()` and `os.environ`."""
        if isinstance(owner, Namespace):
            return self._method_of_process(owner, "__getitem__", [index])
        return super().item_of(owner, index)

    def contains(self, container: Value, item: Value) -> bool | None:
        """Tell whether `item` is in `container`, also for the mappings of the process."""
        if isinstance(container, Namespace):
            answer = self._method_of_process(container, "__contains__", [item])
            return None if answer is UNKNOWN else bool(answer)
        return super().contains(container, item)

    def store_item(self, owner: Value, index: Value, value: Value) -> None:
        """Set an item of `sys.modules`, `globals()` or `os.environ`."""
        self._method_of_process(owner, "__setitem__", [index, value])

    def call_method(self, method: Method, arguments: list[Value], named: dict[str, Value]) -> Value:
        """Call a method of a plain value: Python computes it where everything is known."""
        owner = method.owner
        if isinstance(owner, Namespace):
            return self._method_of_process(owner, method.name, [*arguments, *named.values()])
        if isinstance(owner, list) and method.name in {"append", "insert", "extend"}:
            if method.name == "extend" and not isinstance(arguments[0] if arguments else None, (list, tuple)):
                if isinstance(owner, Row):
                    owner.is_open = True
                return None
            self.change(owner)
            return self.compute(getattr(owner, method.name), *arguments)
        if isinstance(owner, dict) and method.name in {"get", "setdefault", "pop", "keys", "values", "items"}:
            result = self.compute(getattr(owner, method.name), *arguments) if is_known(arguments[:1]) else UNKNOWN
            if result is UNKNOWN or (isinstance(owner, Table) and owner.is_open and not arguments):
                return UNKNOWN
            if method.name in {"setdefault", "pop"}:
                self.change(owner)
            is_view = method.name in {"keys", "values", "items"}
            return Row(result, self.uncertain) if is_view and isinstance(result, Iterable) else result
        if isinstance(owner, dict) and method.name == "update":
            if len(arguments) == 1 and isinstance(arguments[0], dict):
                owner.update(arguments[0])
            elif arguments and isinstance(owner, Table):
                owner.is_open = True
            owner.update(named)
            self.change(owner)
            return None
        if method.name in _CHANGING:
            self.change(owner)
        if not (is_known(owner) and is_known(arguments) and is_known(named)):
            if method.name in _CHANGING and isinstance(owner, (Row, Table)):
                forget(owner)
            return UNKNOWN
        return self.compute(lambda: getattr(owner, method.name)(*arguments, **named))

    def _method_of_process(self, owner: Namespace, name: str, arguments: list[Value]) -> Value:
        """Act out a method of `sys.modules`, `globals()`, `os.environ` or `sys.meta_path`."""
        key = arguments[0] if arguments else None
        if owner.kind == "environ":
            return environment_variable(name, arguments)
        if owner.kind == "finders":
            # Whoever installs a finder serves names below its own.
            if name in {"append", "insert"}:
                self.finders.update(self.running)
                self.finder_objects.extend(item for item in arguments if isinstance(item, Instance))
            return UNKNOWN
        names = self.modules if owner.kind == "modules" or owner.module is None else owner.module.names
        is_open = owner.kind == "globals" and owner.module is not None and owner.module.is_open
        if not isinstance(key, str):
            if isinstance(key, Beginning) and owner.module is not None:
                owner.module.prefixes.add(key.prefix)
            elif name in {"__setitem__", "setdefault"} and owner.module is not None:
                owner.module.is_open = True
            if name == "update":
                _update(owner, names, key)
            return UNKNOWN
        if name == "__contains__":
            return True if key in names else UNKNOWN if is_open else False
        if name == "__setitem__":
            names[key] = arguments[1]
            return None
        if name == "setdefault":
            return names.setdefault(key, arguments[1] if len(arguments) > 1 else None)
        if name in {"__getitem__", "get", "pop"}:
            if key in names:
                return names.pop(key) if name == "pop" else names[key]
            if is_open:
                return UNKNOWN
            if name == "get" or len(arguments) > 1:
                return arguments[1] if len(arguments) > 1 else None
            raise RaisedError(KeyError, key, is_computed=True)
        return UNKNOWN


def _update(owner: Namespace, names: dict[str, Value], added: Value) -> None:
    if isinstance(added, dict) and all(isinstance(name, str) for name in added):
        names.update(added)
    elif owner.module is not None:
        owner.module.is_open = True


def environment_variable(name: str, arguments: list[Value]) -> Value:
    """The export's environment variables are not known: those that no system sets by itself are taken as not set."""
    key = arguments[0] if arguments else None
    if not isinstance(key, str) or key in _NEVER_EMPTY:
        return UNKNOWN
    if name == "__contains__":
        return False
    if name in {"get", "setdefault", "pop"}:
        return arguments[1] if len(arguments) > 1 else None
    if name == "__getitem__":
        raise RaisedError(KeyError, key, is_computed=True)
    return None
