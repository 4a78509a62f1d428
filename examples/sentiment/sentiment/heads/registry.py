"""Heads by name, so that a configuration can choose one."""

from collections.abc import Callable
from typing import TypeVar

from torch import nn

HeadType = TypeVar("HeadType", bound=type[nn.Module])

HEADS: dict[str, Callable[[int, int], nn.Module]] = {}


def register_head(name: str) -> Callable[[HeadType], HeadType]:
    """Make a head known under a name; the class takes the width and the number of labels."""

    def register(head: HeadType) -> HeadType:
        HEADS[name] = head
        return head

    return register


def available_heads() -> list[str]:
    """The names that `create_head` takes."""
    return sorted(HEADS)


def create_head(name: str, width: int, labels: int) -> nn.Module:
    """A new head with random weights."""
    try:
        return HEADS[name](width, labels)
    except KeyError:
        raise ValueError(f"unknown head {name!r}; there are {', '.join(available_heads())}") from None
