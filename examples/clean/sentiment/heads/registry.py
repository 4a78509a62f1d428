"""Heads by name, so that a configuration can choose one."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from torch import nn

from sentiment.heads.attention import AttentionHead
from sentiment.heads.mean import MeanHead

HEADS: Final[Mapping[str, Callable[[int, int], nn.Module]]] = MappingProxyType(
    {"attention": AttentionHead, "mean": MeanHead}
)


def available_heads() -> list[str]:
    """The names that `create_head` takes."""
    return sorted(HEADS)


def create_head(name: str, width: int, labels: int) -> nn.Module:
    """A new head with random weights."""
    try:
        return HEADS[name](width, labels)
    except KeyError:
        raise ValueError(f"unknown head {name!r}; there are {', '.join(available_heads())}") from None
