"""The values of the interpreter: what is known of an object at run time, and why the rest is not."""

import ast
from dataclasses import dataclass, field
from typing import Any

from tpkg_analyzer.model.package import Place, Unknown

_MOST_NAMED = 16
"""Of how many objects of libraries a value may be one: a loop from an object to its attributes gives ever more."""


@dataclass(frozen=True, slots=True)
class Known:
    """A constant. `place` is the literal that a text comes from, `is_literal` whether it is all of that text."""

    value: Any
    place: Place | None = None
    is_literal: bool = False


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that nobody knows before the program runs, and the expression that makes it so."""

    cause: Unknown
    is_scalar: bool = False
    """Whether it certainly is a text, a number, True, False or None, of whatever value."""


@dataclass(frozen=True, slots=True)
class Either:
    """One of several values; which, depends on `cause`."""

    options: tuple["Value", ...]
    cause: Unknown


@dataclass(slots=True, eq=False)
class Items:
    """A list, tuple, set or the like. `doubt` says why there may be more or fewer items."""

    kind: str
    items: list["Value"]
    level: int = 0
    doubt: Unknown | None = None
    place: Place | None = None
    is_all_there_can_be: bool = False
    """Whether the doubt is only that some of the items may be missing."""


@dataclass(slots=True, eq=False)
class Table:
    """A dictionary, by pairs, because keys need not be constants."""

    kind: str = "dict"
    pairs: list[tuple["Value", "Value"]] = field(default_factory=list)
    level: int = 0
    doubt: Unknown | None = None
    of: "Instance | None" = None
    """The object whose attributes these are, if it is such a table."""

    def put(self, key: "Value", value: "Value") -> None:
        """Give a key its value; one that is there already keeps its position."""
        for position, (known, _) in enumerate(self.pairs):
            if known is key or (isinstance(known, Known) and isinstance(key, Known) and known.value == key.value):
                self.pairs[position] = (known, value)
                return
        self.pairs.append((key, value))

    def put_all(self, other: "Table") -> None:
        """Give all keys of another table their values there."""
        for key, value in other.pairs:
            self.put(key, value)
        self.doubt = self.doubt or other.doubt


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """A module, by its dotted name."""

    name: str


@dataclass(frozen=True, slots=True)
class External:
    """Something of a module whose source is not interpreted, by its dotted name."""

    name: str


@dataclass(frozen=True, slots=True)
class Imported:
    """A name that `from module import name` binds; it is looked up when it is used."""

    module: str
    name: str


@dataclass(slots=True, eq=False)
class Namespace:
    """Names of a module, a class body or a call, inside those of `outer`."""

    module: str
    values: dict[str, "Value"] = field(default_factory=dict)
    outer: "Namespace | None" = None
    is_class: bool = False
    declared_global: set[str] = field(default_factory=set)
    declared_nonlocal: set[str] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class ClassValue:
    """A class with its source."""

    module: str
    qualname: str
    node: ast.ClassDef
    names: Namespace
    bases: tuple["Value", ...] = ()
    is_local: bool = False
    keywords: dict[str, "Value"] = field(default_factory=dict)
    order: tuple["Value", ...] = ()
    """The class and its bases in the order in which attributes are looked up, once that has been asked for."""
    members: dict[str, "Instance"] = field(default_factory=dict)
    """The members of an enumeration, once they have been asked for."""

    @property
    def dotted(self) -> str:
        """Return the full name."""
        return f"{self.module}.{self.qualname}"


@dataclass(slots=True, eq=False)
class FunctionValue:
    """A function with its source and the names around it."""

    module: str
    qualname: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    names: Namespace
    defaults: dict[str, "Value"] = field(default_factory=dict)
    is_local: bool = False
    role: str = ""
    """staticmethod, classmethod or property, where a decorator makes it one."""
    owner: ClassValue | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A function with its first argument, or a method of a value that the interpreter knows by name."""

    receiver: "Value"
    function: "FunctionValue | str"


@dataclass(slots=True, eq=False)
class Instance:
    """An object of a class. `payload` is what the interpreter knows of it besides its attributes."""

    cls: "ClassValue | External"
    attributes: dict[str, "Value"] = field(default_factory=dict)
    level: int = 0
    doubt: Unknown | None = None
    payload: Any = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Super:
    """`super()` of an object, looking behind `after` in the order of its classes."""

    receiver: "Value"
    after: ClassValue


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of a type that a storage of its own name has; only its kind matters to a pickle."""

    is_parameter: bool = False


@dataclass(frozen=True, slots=True)
class PartialCall:
    """functools.partial."""

    function: "Value"
    arguments: tuple["Value", ...]
    keywords: tuple[tuple[str, "Value"], ...]


Value = (
    Known
    | Opaque
    | Either
    | Items
    | Table
    | ModuleValue
    | External
    | Imported
    | ClassValue
    | FunctionValue
    | Bound
    | Instance
    | Super
    | Tensor
    | PartialCall
)

NONE = Known(None)


_FALSE_WHERE_IT_RUNS = frozenset({"typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"})


def truth(value: Value) -> bool | None:
    """Return whether a value counts as true, None where that is not known."""
    match value:
        case Known(value=known):
            return bool(known)
        case Items(items=items, doubt=doubt):
            return True if items and doubt is None else None if doubt is not None else False
        case Table(pairs=pairs, doubt=doubt):
            return True if pairs and doubt is None else None if doubt is not None else False
        case Either(options=options):
            answers = {truth(option) for option in options}
            return answers.pop() if len(answers) == 1 else None
        case Opaque():
            return None
        case Instance(payload=Items() | Table() as inner):
            return truth(inner)
        case Instance(cls=cls):
            return None if _has_truth(cls) else True
        case Tensor():
            return None
        case External(name=name):
            return False if name in _FALSE_WHERE_IT_RUNS else None
        case _:
            return True


def _has_truth(cls: Value) -> bool:
    """Tell whether a class decides itself whether its objects count as true."""
    if not isinstance(cls, ClassValue):
        return False
    own = cls.names.values
    return "__bool__" in own or "__len__" in own or any(_has_truth(base) for base in cls.bases)


def doubt_of(value: Value) -> Unknown | None:
    """Return why a value is not known, looking only at itself."""
    match value:
        case Opaque(cause=cause) | Either(cause=cause):
            return cause
        case Items(doubt=doubt) | Table(doubt=doubt) | Instance(doubt=doubt):
            return doubt
        case _:
            return None


def same(left: Value, right: Value) -> bool:
    """Tell whether two values are certainly one."""
    return left is right or left == right


def either(options: list[Value], cause: Unknown) -> Value:
    """Join the values that several ways through the code give."""
    flat: list[Value] = []
    for option in options:
        for item in option.options if isinstance(option, Either) else (option,):
            if not any(same(item, other) for other in flat):
                flat.append(item)
    if sum(isinstance(item, External) for item in flat) > _MOST_NAMED:
        flat = [item for item in flat if not isinstance(item, External)]
        flat += [] if Opaque(cause) in flat else [Opaque(cause)]
    return flat[0] if len(flat) == 1 else Either(tuple(flat), cause)
