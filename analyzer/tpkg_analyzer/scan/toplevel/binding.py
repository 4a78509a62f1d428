"""Binding names, attributes and items, with what is only perhaps so; and what an import system is asked for."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tpkg_analyzer.scan.toplevel.comprehensions import Comprehensions
from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.outline import Outline
from tpkg_analyzer.scan.toplevel.terms import Term
from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Class,
    Function,
    Instance,
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


class Body(NamedTuple):
    """What calling a function does."""

    parameters: list[Value]
    steps: Outline
    names: frozenset[str] = frozenset()
    """Those that it binds somewhere, and that are its own for that."""


class Binding(Comprehensions):
    """The part of the machine that binds. What an import does is left to the process that is built on it."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: set[str] = set()
        """Names that some import statement takes for modules: an extension module may provide them."""
        self.n_defined = 0
        """How many functions and classes have been defined."""
        self.uncertain = 0
        """The depth of branches that may not be taken."""
        self.imports_more = False
        """Whether it has imported modules that cannot be told from the code: any may be loaded already."""
        self.fruitless = Counter[Function]()
        """The steps of all calls of a function that told nothing; what a call did tell makes up for them."""

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

    def body_of(self, function: Function) -> Body | None:
        """Return the body of a function, None where it is not to be followed."""
        raise NotImplementedError

    def store_item(self, owner: Value, index: Value, value: Value) -> None:
        """Set an item of a mapping that belongs to the process."""
        raise NotImplementedError

    def call_method(self, method: Method, arguments: list[Value], named: dict[str, Value]) -> Value:
        """Call a method of a plain value or of a mapping of the process."""
        raise NotImplementedError

    def note_change(self, value: Class | Function) -> None:
        """Note that a class or a function is about to be changed."""
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
        if name in frame.outer:
            home = frame.enclosing
            while home is not None and name not in home.names:
                home = home.enclosing
            frame = home or frame
        module = frame.module
        names = module.names if name in frame.shared else frame.names
        is_certain = self.uncertain <= (module.certain_at if names is module.names else frame.certain_at)
        is_new = name not in names
        if names is module.names:
            module.note_bound(name, is_certain=is_certain)
        if not is_new or name in self.builtin_names:
            (module if names is module.names else frame).rebound[name] = self.n_defined
        is_kept = is_certain or (is_new and isinstance(value, (Module, Function, Class)))
        if not is_kept and not is_same(names.get(name, UNKNOWN), value):
            self.lose(*(item for item in (value, names.get(name)) if isinstance(item, (Function, Class))))
            value = UNKNOWN
        names[name] = value

    def assign(self, target: Term, value: Value, frame: Frame) -> None:
        """Bind any target of an assignment."""
        kind = target[0]
        if kind == "name":
            self.bind(target[1], value, frame)
        elif kind in {"tuple", "list"}:
            for part, item in zip(target[1], self._unpacked(target[1], value), strict=True):
                self.assign(part, item, frame)
        elif kind == "star":
            self.assign(target[1], value, frame)
        elif kind == "attribute":
            self.set_attribute(self.evaluate(target[1], frame), target[2], value)
        elif kind == "item":
            owner, index = self.evaluate(target[1], frame), self.evaluate(target[2], frame)
            if isinstance(owner, Namespace):
                self.store_item(owner, index, value)
            elif isinstance(owner, Instance):
                owner.is_open = True
            elif isinstance(owner, Table):
                self.store_in(owner, index, value)
            elif isinstance(owner, list):
                self._store_at(owner, index, value)

    def _store_at(self, owner: list[Value], index: Value, value: Value) -> None:
        """Set an item or a slice of a list; in a branch that may not be taken, nobody knows then what it is."""
        is_certain = not isinstance(owner, Row) or self.is_certain(owner)
        if not is_certain:
            self.lose(value)
        is_slice = isinstance(index, slice)
        if isinstance(owner, Row) and (owner.is_open or not is_known(index) or (is_slice and not is_certain)):
            forget(owner)
        elif is_slice and isinstance(value, (list, tuple)):
            self.compute(owner.__setitem__, index, list(value))
        elif isinstance(index, int):
            self.compute(owner.__setitem__, index, value if is_certain else UNKNOWN)

    def _unpacked(self, targets: list[Term], value: Value) -> list[Value]:
        parts = self.iterated(value)
        if parts is None:
            return [UNKNOWN] * len(targets)
        starred = [position for position, target in enumerate(targets) if target[0] == "star"]
        rest = len(parts) - len(targets)
        if (rest and not starred) or rest < -1:
            said = f"{len(parts)} values do not fit {len(targets)} names"
            raise RaisedError(ValueError, said, is_computed=True)
        for first in starred:
            last = first + rest + 1
            parts[first:last] = [Row(parts[first:last], self.uncertain)]
        return parts

    def set_attribute(self, owner: Value, name: str, value: Value) -> None:
        """Set an attribute of a module, a class, an object of one or a function; those of others are not followed."""
        is_certain = self.is_certain(owner) if isinstance(owner, (Module, Instance)) else not self.uncertain
        if not is_certain:
            self.lose(value)
        if isinstance(owner, Module):
            owner.note_bound(name, is_certain=is_certain)
            owner.rebound[name] = self.n_defined
            owner.names[name] = value if is_certain else UNKNOWN
            owner.is_open |= name == "__class__"  # which may have attributes of its own, and computes them
        elif isinstance(owner, Class):
            self.note_change(owner)
            owner.names[name] = value if is_certain else UNKNOWN
            owner.is_set = True
        elif isinstance(owner, Instance):
            owner.attributes[name] = value if is_certain else UNKNOWN
        elif isinstance(owner, Function):
            self.note_change(owner)
            owner.attributes = {**(owner.attributes or {}), name: value if is_certain else UNKNOWN}

    def delete_attribute(self, owner: Value, name: str) -> None:
        """Take an attribute away; in a branch that may not be taken, it may be there still."""
        if isinstance(owner, Module):
            owner.rebound[name] = self.n_defined
            if self.is_certain(owner):
                owner.names.pop(name, None)
            elif name in owner.names:
                owner.perhaps.add(name)
        elif isinstance(owner, Instance) and self.is_certain(owner):
            owner.attributes.pop(name, None)
        elif isinstance(owner, (Class, Instance)):
            self.set_attribute(owner, name, UNKNOWN)

    def is_certain(self, changed: Row | Table | Members | Module | Instance | Frame) -> bool:
        """Tell whether what is done to something now is certainly done, and in no branch that may not be taken."""
        return self.uncertain <= changed.certain_at

    def store_in(self, table: Table, key: Value, value: Value) -> None:
        """Set an item of a dictionary; in a branch that may not be taken, of which nobody then knows what it is."""
        if isinstance(key, (str, int)) and self.is_certain(table):
            table[key] = value
            return
        self.lose(value)
        table.is_open = True
        for changed in table if key is UNKNOWN else (key,) if isinstance(key, (str, int)) and key in table else ():
            if not is_same(table[changed], value):
                table[changed] = UNKNOWN

    def change(self, value: Value) -> None:
        """Note that a container is changed: in a branch that may not be taken, nobody knows what it holds then."""
        if isinstance(value, (Row, Table)) and not self.is_certain(value):
            value.open_up()

    @contextmanager
    def perhaps(self, frame: Frame) -> Iterator[None]:
        """Act out what may not happen: what is raised inside raises nothing and is a doubt of the module."""
        self.uncertain += 1
        try:
            yield
        except RaisedError as error:
            self.doubt(error, frame.module)
        finally:
            self.uncertain -= 1

    def doubt(self, error: RaisedError, module: Module) -> None:
        """Note that something may be raised."""
        self.may_raise(error.type)
        if module.doubt is None:
            module.doubt = f"{error.type_name}: {error.message}" if error.message else error.type_name
