"""What the pickles of TorchScript are made of, as far as their check has to know."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Global:
    """A name on the stack: a function that builds something, a class, a kind of storage."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Tuple:
    """A tuple, and how deeply values lie in it."""

    items: tuple[Any, ...]
    depth: int


@dataclass(slots=True, eq=False)
class List:
    """A list, and how deeply values lie in it."""

    items: list[Any] = field(default_factory=list)
    depth: int = 1


@dataclass(slots=True, eq=False)
class Dict:
    """A dictionary, as pairs: two tensors that are alike are two keys."""

    items: list[tuple[Any, Any]] = field(default_factory=list)
    depth: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Storage:
    """A storage of the archive: the kind of its elements, how many bytes are claimed, whether it has none by design."""

    kind: str
    key: str
    size: int
    is_meta: bool


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A tensor over a storage."""

    storage: Storage
    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int


@dataclass(frozen=True, slots=True, eq=False)
class Sparse:
    """A sparse tensor: COO with one tensor of indices, CSR with two."""

    sizes: tuple[int, ...]
    indices: tuple[Tensor, ...]
    values: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """An object of a class, and how deeply values lie in it."""

    depth: int


@dataclass(frozen=True, slots=True, eq=False)
class Opaque:
    """A value that nobody looks into: a complex number, a device, a member of an enum, an OrderedDict."""


DEEP = frozenset({Tuple, List, Dict, Instance})
"""The values that have others in them."""


def depth_of(value: Any) -> int:
    """Return how deeply values lie in each other."""
    return int(value.depth) if type(value) in DEEP else 0
