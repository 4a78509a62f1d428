"""The mappings of a process that imports read and change: `sys.modules`, `globals()`, `os.environ`; and plain ones."""

from collections.abc import Callable, Iterable

from tpkg_analyzer.scan.toplevel.finding import Finding
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Beginning,
    Class,
    Function,
    Instance,
    Many,
    Members,
    Method,
    Module,
    Namespace,
    RaisedError,
    Row,
    Table,
    Value,
    forget,
    is_known,
    is_same,
)

_GROWING = frozenset({"append", "insert", "extend"})
_VIEWS = frozenset({"keys", "values", "items"})
_WHOLE: dict[str, Callable[[dict[str, Value]], Iterable[Value]]] = {
    "keys": dict.keys,
    "copy": dict.keys,
    "values": dict.values,
    "items": dict.items,
}
"""Methods that give all of `sys.modules`, with what a loop over it goes over."""
_CHANGING = frozenset({"add", "clear", "discard", "pop", "remove", "reverse", "sort", "popitem"})
_NEVER_EMPTY = frozenset({"PATH", "HOME", "USER", "PWD", "LANG", "SHELL", "TMPDIR", "TEMP"})


class Mappings(Finding):
    """The part of a process that looks into mappings and changes them."""

    variables: dict[str, Value]
    """The environment variables that it has set."""
    may_have_variables: bool
    """Whether it may have set others as well."""

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
        if isinstance(owner, Namespace) and owner.kind == "environ" and method.name == "update":
            return self._set_variables(*arguments, named)
        if isinstance(owner, Namespace):
            return self._method_of_process(owner, method.name, [*arguments, *named.values()])
        if isinstance(owner, list) and method.name in _GROWING:
            return self._grown(owner, method.name, arguments)
        if isinstance(owner, Table) and method.name in {"update", "setdefault"}:
            return self._updated(owner, method.name, arguments, named)
        if isinstance(owner, dict) and method.name in {"get", "pop", *_VIEWS}:
            return self._looked_up(owner, method.name, arguments)
        is_told = is_known(owner) and is_known(arguments) and is_known(named)
        is_changed = method.name in _CHANGING or method.name.endswith("update")
        if is_changed and isinstance(owner, (Row, Table, Members)) and not (is_told and self.is_certain(owner)):
            forget(owner)
            return UNKNOWN
        return self.compute(lambda: getattr(owner, method.name)(*arguments, **named)) if is_told else UNKNOWN

    def _grown(self, owner: list[Value], name: str, arguments: list[Value]) -> Value:
        """Add to a list; what comes to it in a branch that may not be taken, it may hold."""
        if name == "extend" and not isinstance(arguments[0] if arguments else None, (list, tuple)):
            if isinstance(owner, Row):
                owner.open_up()
            return None
        self.change(owner)
        if name == "insert" and isinstance(owner, Row) and owner.is_open:
            owner.n_certain = 0
        return self.compute(getattr(owner, name), *arguments)

    def _looked_up(self, owner: dict[Value, Value], name: str, arguments: list[Value]) -> Value:
        """Look into a dictionary, or take an item out of it."""
        is_told = is_known(arguments[:1])
        if isinstance(owner, Table):
            if name == "pop" and not (is_told and self.is_certain(owner)):
                forget(owner)
            if owner.is_open and not (is_told and arguments and self.contains(owner, arguments[0])):
                return UNKNOWN
        result = self.compute(getattr(owner, name), *arguments) if is_told else UNKNOWN
        return Row(result, self.uncertain) if name in _VIEWS and isinstance(result, Iterable) else result

    def _updated(self, owner: Table, name: str, arguments: list[Value], named: dict[str, Value]) -> Value:
        """Set items of a dictionary all at once, or one that it has not yet."""
        if name == "setdefault":
            key, value = (*arguments, None, None)[:2]
            if isinstance(key, (str, int)) and key in owner:
                return owner[key]
            is_told = not owner.is_open and self.is_certain(owner)
            self.store_in(owner, key, value)
            return value if is_told and key in owner else UNKNOWN
        given = arguments[0] if len(arguments) == 1 and isinstance(arguments[0], dict) else {}
        for key, value in {**given, **named}.items():
            self.store_in(owner, key, value)
        if arguments and (given is not arguments[0] or (isinstance(given, Table) and given.is_open)):
            self.store_in(owner, UNKNOWN, UNKNOWN)
        return None

    def in_full(self, value: Value) -> Value:
        """Return the names of all imported modules in place of `sys.modules`."""
        return Many(tuple(self.modules)) if isinstance(value, Namespace) and value.kind == "modules" else value

    def _method_of_process(self, owner: Namespace, name: str, arguments: list[Value]) -> Value:
        """Act out a method of `sys.modules`, `globals()`, `os.environ` or `sys.meta_path`."""
        key = arguments[0] if arguments else None
        if owner.kind == "environ":
            return self.environment_variable(name, arguments)
        if owner.kind == "finders":
            # Whoever installs a finder serves names below its own.
            if name in {"append", "insert"}:
                self.finders.update(self.running)
                self.finder_objects.extend(item for item in arguments if isinstance(item, Instance))
            return UNKNOWN
        if self.uncertain > self._certain_in(owner) and name in {"__setitem__", "setdefault", "pop"}:
            return self._perhaps_set(owner, name, arguments)
        self.n_looks += 1
        names = self.modules if owner.kind == "modules" or owner.module is None else owner.module.names
        module = owner.module if owner.kind == "globals" else None
        if owner.kind == "modules" and name in _WHOLE and not arguments:
            return Many(tuple(_WHOLE[name](names)))
        if not isinstance(key, str):
            if isinstance(key, Beginning) and owner.module is not None:
                owner.module.prefixes.add(key.prefix)
            elif name in {"__setitem__", "setdefault"} and owner.module is not None:
                owner.module.is_open = True
            if name == "update":
                _update(owner, names, key)
            return UNKNOWN
        return self._told_of(names, module, name, key, *arguments[1:])

    def _told_of(self, names: dict[str, Value], module: Module | None, name: str, key: str, *given: Value) -> Value:
        """Act out a method with a known key of `sys.modules`, or of the names of a module."""
        is_there = module.has(key) if module is not None else key in names
        if module is not None and name in {"__setitem__", "setdefault"}:
            module.perhaps.discard(key)
        if name == "__contains__":
            return UNKNOWN if is_there is None else is_there
        if module is not None and name in {"__setitem__", "pop"}:
            module.rebound[key] = self.n_defined
        if name == "__setitem__":
            names[key] = given[0]
            return None
        if name == "setdefault":
            new = given[0] if given else None
            if is_there is None and not is_same(names.get(key, UNKNOWN), new):
                names[key] = UNKNOWN
            return names.setdefault(key, new)
        if name in {"__getitem__", "get", "pop"}:
            may_miss = name == "get" or bool(given)
            value = names.pop(key, UNKNOWN) if name == "pop" else names.get(key, UNKNOWN)
            if is_there or (is_there is None and not may_miss):
                return value
            if is_there is None:
                return UNKNOWN
            if may_miss:
                return given[0] if given else None
            raise RaisedError(KeyError, key, is_computed=True)
        return UNKNOWN

    def _certain_in(self, owner: Namespace) -> int:
        """Return how deep in uncertain branches a change of a mapping still is certain."""
        if owner.kind == "globals" and owner.module is not None:
            return owner.module.certain_at
        running = self.modules.get(self.running[-1]) if self.running else None
        return running.certain_at if isinstance(running, Module) else 0

    def _perhaps_set(self, owner: Namespace, name: str, arguments: list[Value]) -> Value:
        """Change a mapping in a branch that may not be taken: what it has may be another one, what is new is there."""
        names = self.modules if owner.module is None else owner.module.names
        key, value = (*arguments, None, None)[:2]
        if isinstance(key, Beginning) and owner.module is not None:
            owner.module.prefixes.add(key.prefix)
        elif not isinstance(key, str):
            if owner.module is not None:
                owner.module.is_open = True
        elif owner.module is not None and name == "pop":
            owner.module.perhaps.add(key)
        elif owner.module is not None:
            owner.module.late.add(key)
            if key in names and not is_same(names[key], value):
                names[key] = UNKNOWN
        elif name != "pop" and value is not None:
            names.setdefault(key, value)
        return UNKNOWN

    def _set_variables(self, *given: Value) -> Value:
        for values in given:
            known = values if isinstance(values, dict) else {}
            self.variables |= {name: UNKNOWN if self.uncertain else value for name, value in known.items()}
            self.may_have_variables |= known is not values or (isinstance(values, Table) and values.is_open)
        return None

    def environment_variable(self, name: str, arguments: list[Value]) -> Value:
        """Look into the environment of the export, of which only what the process itself has set is known.

        Variables that no system sets by itself are taken as not set.
        """
        key = arguments[0] if arguments else None
        if not isinstance(key, str) or key in _NEVER_EMPTY:
            return UNKNOWN
        if self.may_have_variables and key not in self.variables and name != "__setitem__":
            return UNKNOWN
        if name == "__setitem__" or (name == "setdefault" and key not in self.variables and len(arguments) > 1):
            self.variables[key] = UNKNOWN if self.uncertain else arguments[1]
        elif name == "pop" and key in self.variables:
            value = self.variables.pop(key)
            if self.uncertain:
                self.variables[key] = UNKNOWN
            return value
        if name == "__contains__":
            return UNKNOWN if self.variables.get(key) is UNKNOWN else key in self.variables
        if name in {"get", "setdefault", "pop"}:
            return self.variables.get(key, arguments[1] if len(arguments) > 1 else None)
        if name == "__getitem__":
            if key in self.variables:
                return self.variables[key]
            raise RaisedError(KeyError, key, is_computed=True)
        return None


def _update(owner: Namespace, names: dict[str, Value], added: Value) -> None:
    if isinstance(added, dict) and all(isinstance(name, str) for name in added):
        names.update(added)
    elif owner.module is not None:
        owner.module.is_open = True
        for name, value in names.items():
            if not (name.startswith("__") or isinstance(value, (Module, Function, Class))):
                names[name] = UNKNOWN
