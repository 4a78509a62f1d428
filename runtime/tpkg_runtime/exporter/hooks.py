"""Hooks that the exporter calls for each module of an action; the handle takes them out again."""

from collections import OrderedDict
from collections.abc import Callable
from itertools import count
from typing import Generic, TypeVar

Hook = TypeVar("Hook", bound=Callable[..., object])

_numbers = count()


class Handle(Generic[Hook]):
    """Takes out one hook. Like `torch.utils.hooks.RemovableHandle`, without torch."""

    def __init__(self, hooks: "OrderedDict[int, Hook]", hook: Hook) -> None:
        self.id = next(_numbers)
        self._hooks = hooks
        hooks[self.id] = hook

    def remove(self) -> None:
        """Take the hook out; a second time changes nothing."""
        self._hooks.pop(self.id, None)

    def __enter__(self) -> "Handle[Hook]":
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
