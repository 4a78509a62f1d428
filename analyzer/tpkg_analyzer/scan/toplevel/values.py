"""Values as far as they can be known without running anything.

Plain constants and containers stand for themselves, builtin exception classes too. Everything else is one of the
classes below, and what is not known is `UNKNOWN`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from tpkg_analyzer.scan.resolver import Location

Value = Any


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()
"""A value that cannot be told from the sources."""


@dataclass(slots=True, eq=False)
class Module:
    """A module that is or was imported in a simulated process; `names` are its globals."""

    name: str
    location: Location | None
    names: dict[str, Value] = field(default_factory=dict)
    is_open: bool = False
    """Whether it may have names that are not in `names`."""
    late: set[str] = field(default_factory=set)
    """Names that its functions may bind when they are called."""
    prefixes: set[str] = field(default_factory=set)
    """Beginnings of names that it may have besides."""
    perhaps: set[str] = field(default_factory=set)
    """Those of `names` that were bound, or taken away, in a branch that may not have been taken."""
    is_ready: bool = False
    doubt: str | None = None
    """What could not be decided and was assumed to go well."""
    unstable: str | None = None
    """Why another history of the process would have led elsewhere."""
    certain_at: int = 0
    """The depth of uncertain branches in which its import began."""
    rebound: dict[str, int] = field(default_factory=dict)
    """Names that were bound anew or taken away, with the number of definitions before."""

    def may_have(self, name: str) -> bool:
        """Tell whether there may be a name that is not in `names`."""
        return self.is_open or name in self.late or any(name.startswith(prefix) for prefix in self.prefixes)

    def has(self, name: str) -> bool | None:
        """Tell whether there is a name, None where that is not known."""
        if name in self.names:
            return None if name in self.perhaps else True
        return None if self.may_have(name) or name in _MADE_WHEN_ASKED else False

    def note_bound(self, name: str, *, is_certain: bool) -> None:
        """Note that a name is about to be bound, certainly or only perhaps."""
        if is_certain:
            self.perhaps.discard(name)
        elif name not in self.names:
            self.perhaps.add(name)

    @property
    def package(self) -> str:
        """Return the package from which its relative imports start; empty for a plain top-level module."""
        return self.name if "__path__" in self.names else self.name.rpartition(".")[0]


_MADE_WHEN_ASKED = frozenset({"__annotations__", "__annotate__", "__warningregistry__"})
"""Names that a module gets from Python itself at some time."""


@dataclass(slots=True, eq=False)
class Function:
    """A function of the simulated process. Its body is written down when it is first called."""

    name: str
    module: Module
    lines: tuple[int, int]
    is_async: bool = False
    decorators: tuple[Any, ...] = ()
    """The terms of its decorators, innermost last; they are applied when it is called for the first time."""
    enclosing: Any = None
    """The frame whose names it sees, where it was made by a function."""
    defined_in: Any = None
    """The frame in which its defaults are evaluated, where that is not its module."""
    parameters: list[Any] | None = None
    expression: list[Any] | None = None
    """The body of a lambda."""
    results: dict[Any, Value] = field(default_factory=dict)
    """What it returned below `lru_cache`, by its arguments."""
    is_context: bool = False
    """Whether `contextlib.contextmanager` was applied to it."""
    attributes: dict[str, Value] | None = None
    """What was set on it."""
    defined_at: int = 0
    """Its place among all definitions of the process: what it looked up then is evaluated later."""

    def attribute(self, name: str) -> Value:
        """Return an attribute, UNKNOWN where it cannot be told."""
        if self.attributes is not None and name in self.attributes:
            return self.attributes[name]
        return self.name if name == "__name__" and not self.decorators else UNKNOWN


@dataclass(slots=True, eq=False)
class Class:
    """A class of the simulated process; `object` is not among its bases."""

    name: str
    bases: tuple[Value, ...] = ()
    names: dict[str, Value] = field(default_factory=dict)
    module: Module | None = None
    is_plain: bool = False
    """Whether it is what its statement says: no metaclass, no decorator."""
    lines: tuple[int, int] | None = None
    """Where its body is."""
    is_read: bool = True
    """Whether `names` holds what is in its body; if not, that is read when somebody asks for it."""
    metaclass: Value = None
    """The class that makes it, where it or a base names one."""
    has_hook: bool = False
    """Whether it has an `__init_subclass__` of its own."""
    is_set: bool = False
    """Whether attributes of it are known that were set from outside."""
    is_certain: bool = False
    """Whether all names in its body are bound, whatever is true."""
    defined_at: int = 0
    """Its place among all definitions, and that of its methods."""
    is_listed: bool = False
    """Whether it certainly has no other names than those in its body, which has been read."""


@dataclass(slots=True, eq=False)
class Instance:
    """An object of a known class. `text` is its content where the class is a `str`."""

    of: Value
    arguments: tuple[Value, ...] = ()
    text: str | None = None
    attributes: dict[str, Value] = field(default_factory=dict, repr=False)
    is_open: bool = True
    """Whether its attributes may have been set by what nobody has looked into."""
    may_have_more: bool = False
    """Whether attributes may have been added, those that are known still being what they are."""
    certain_at: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A method of an object, still to be called."""

    function: Function
    owner: Instance


@dataclass(frozen=True, slots=True, eq=False)
class Super:
    """An object, of which the bases behind one of its classes are asked: `line` are these, in their order."""

    owner: Instance
    line: tuple[Class, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Native:
    """A function whose effect is modelled: called with the machine, the frame, arguments and keywords."""

    name: str
    call: Callable[..., Value]


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """A method of a plain value, still to be called."""

    owner: Value
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Namespace:
    """The names of a module as a mapping: `globals()`, `sys.modules` (no module) or `os.environ` (nothing set)."""

    kind: str
    module: Module | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Beginning:
    """A text of which only the beginning is known, as a test of `startswith` tells."""

    prefix: str


@dataclass(frozen=True, slots=True, eq=False)
class Suppressor:
    """A context manager that swallows exceptions of these types."""

    types: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Generated:
    """The context manager that `contextlib.contextmanager` makes of a call of a generator function."""

    function: Function
    arguments: tuple[Value, ...]
    named: dict[str, Value]


class RaisedError(Exception):
    """An exception of the simulated program. `trail` holds module and line of each import it ended."""

    def __init__(self, type_: Value, message: str = "", *, name: str | None = None, is_computed: bool = False) -> None:
        super().__init__(message)
        self.is_computed = is_computed
        """Whether it comes from computing with values, which inside of functions is believed less than a `raise`."""
        self.type = type_
        self.message = message
        self.name = name
        self.trail: list[tuple[str, int]] = []
        self.unstable: str | None = None
        """Why another history of the process would not have led here."""

    @property
    def type_name(self) -> str:
        """Return the name of the exception's class."""
        return str(getattr(self.type, "__name__", None) or getattr(self.type, "name", "Exception"))


class GaveUpError(Exception):
    """An evaluation took more steps than it may."""


def ancestors(class_: Value) -> Iterable[Value]:
    """Yield a class and its bases; UNKNOWN among them means that there may be others."""
    if isinstance(class_, type):
        yield from class_.__mro__
    elif isinstance(class_, Class):
        yield class_
        for base in class_.bases:
            yield from ancestors(base)
    else:
        yield UNKNOWN


def classes_of(class_: Value) -> list["Class"]:
    """Return a class and its bases, as far as these are classes of the simulated process."""
    return [item for item in ancestors(class_) if isinstance(item, Class)]


def metaclass_of(bases: Iterable[Value]) -> Value:
    """Return the metaclass that a class has by its bases, None where it is the usual one."""
    return next((base.metaclass for base in bases if isinstance(base, Class) and base.metaclass is not None), None)


def is_caught_by(raised: Value, expected: Value) -> bool | None:
    """Tell whether an exception of class `raised` is caught where `expected` is named; None where it is not known."""
    if isinstance(expected, tuple):
        answers = [is_caught_by(raised, item) for item in expected]
        return True if True in answers else None if None in answers else False
    if not isinstance(expected, (type, Class)):
        return None
    line = list(ancestors(raised))
    if any(item is expected for item in line):
        return True
    return None if UNKNOWN in line else False


def truth(value: Value) -> bool | None:
    """Return whether a value counts as true; None where it is not known."""
    if value is UNKNOWN or isinstance(value, (Namespace, Method, Beginning, Lazy, Many)):
        return None
    if isinstance(value, Instance):
        return None if value.text is None else bool(value.text)
    if isinstance(value, Class):
        return True if value.is_plain else None
    if isinstance(value, (Module, Function, Native, Suppressor, Generated, Bound)):
        return True
    if isinstance(value, Row) and value.is_open:
        return True if value.certain else None
    if isinstance(value, Members) and value.is_open:
        return None
    if isinstance(value, Table) and value.is_open and not value:
        return None
    return bool(value)


def is_known(value: Value) -> bool:
    """Tell whether a value is plain and known all through, so that Python itself can compute with it."""
    if value is None or isinstance(value, (str, int, float, slice)):
        return True
    if isinstance(value, (Row, Table, Members)) and value.is_open:
        return False
    if isinstance(value, (tuple, list, set, frozenset)):
        return all(is_known(item) for item in value)
    if isinstance(value, dict):
        return all(is_known(key) and is_known(item) for key, item in value.items())
    return isinstance(value, (Comparable, PurePath))


class Row(list[Value]):
    """A list that was made at some depth of uncertain branches; open once it may hold something else."""

    def __init__(self, values: Iterable[Value] = (), certain_at: int = 0) -> None:
        super().__init__(values)
        self.certain_at = certain_at
        self.is_open = False
        self.n_certain: int | None = None
        """How many items, from the first on, it certainly holds, None for all; the others it may hold."""

    def open_up(self) -> None:
        """Let it hold more than it does: what comes from here on, it may hold."""
        self.is_open = True
        if self.n_certain is None:
            self.n_certain = len(self)

    @property
    def certain(self) -> list[Value]:
        """The items that it certainly holds."""
        return self if self.n_certain is None else self[: self.n_certain]


class Table(dict[Value, Value]):
    """A dictionary that was made at some depth of uncertain branches; open once it may hold something else."""

    def __init__(self, values: Iterable[tuple[Value, Value]] = (), certain_at: int = 0) -> None:
        super().__init__(values)
        self.certain_at = certain_at
        self.is_open = False

    def open_up(self) -> None:
        """Let it hold more than it does."""
        self.is_open = True


class Members(set[Value]):
    """A set that was made at some depth of uncertain branches; open once nobody knows what it holds."""

    certain_at = 0
    is_open = False

    def __init__(self, values: Iterable[Value] = (), certain_at: int = 0) -> None:
        super().__init__(values)
        self.certain_at = certain_at

    def open_up(self) -> None:
        """Let it hold something else than it does."""
        forget(self)


def forget(container: Row | Table | Members) -> None:
    """Leave nothing known of a container, not even what it held."""
    container.clear()
    container.is_open = True
    if isinstance(container, Row):
        container.n_certain = 0


@dataclass(frozen=True, slots=True, eq=False)
class Lazy:
    """What a loop goes over once, made while it goes on."""

    values: Iterator[Value]


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """What a loop goes over as often as it likes: more than is kept as a list, and nothing else is asked of it."""

    values: tuple[Value, ...]


class Comparable:
    """A known value with an order of its own, such as a version."""


def join(values: Iterable[Value]) -> Value:
    """Return the one value that all of `values` are, else UNKNOWN."""
    first, *others = values
    return first if all(other is first or (is_same(other, first)) for other in others) else UNKNOWN


def is_same(one: Value, other: Value) -> bool:
    """Tell whether two values are known to be equal."""
    return type(one) is type(other) and is_known(one) and is_known(other) and bool(one == other)
