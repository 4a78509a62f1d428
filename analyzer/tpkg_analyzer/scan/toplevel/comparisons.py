"""Comparisons, and what Python itself computes with values that are known."""

import operator
from collections.abc import Callable, Container
from typing import Any

from tpkg_analyzer.scan.toplevel.values import (
    UNKNOWN,
    Class,
    Comparable,
    Function,
    Members,
    Module,
    RaisedError,
    Row,
    Table,
    Value,
    is_known,
)

LONGEST_RESULT = 10_000
"""Items or characters of what is computed; what is longer is not kept."""

OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "|": operator.or_,
    "&": operator.and_,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Comparisons:
    """The part of the machine that compares."""

    uncertain: int

    def operated(self, *values: Value) -> None:
        """Note that operators of objects may run, where something is computed with them."""
        raise NotImplementedError

    def compute(self, function: Callable[..., Any], *values: Value) -> Value:
        """Let Python compute with known values; what it raises is raised in the simulated program."""
        try:
            result = function(*values)
        except RecursionError:
            return UNKNOWN
        except Exception as error:  # noqa: BLE001 - any exception of the operation is the program's
            raise RaisedError(type(error), str(error), is_computed=True) from None
        if isinstance(result, (str, list, tuple)) and len(result) > LONGEST_RESULT:
            return UNKNOWN
        if type(result) is list:
            return Row(result, self.uncertain)
        if isinstance(result, set):
            return Members(result, self.uncertain)
        return Table(result.items(), self.uncertain) if type(result) is dict else result

    def compared(self, left: Value, sign: str, right: Value) -> Value:
        """Return the answer of one comparison."""
        if sign in {"is", "is not"}:
            same = self._identical(left, right)
            return UNKNOWN if same is None else same is (sign == "is")
        if sign in {"in", "not in"}:
            found = self.contains(right, left)
            return UNKNOWN if found is None else found is (sign == "in")
        if sign not in OPERATIONS or not (is_known(left) and is_known(right)):
            self.operated(left, right)
            different = sign in {"==", "!="} and (left is None or right is None) and UNKNOWN not in (left, right)
            return sign == "!=" if different else UNKNOWN
        return self.compute(OPERATIONS[sign], left, right)

    def contains(self, container: Value, item: Value) -> bool | None:
        """Tell whether `item` is in `container`, None where it is not known."""
        if not is_known(item):
            self.operated(container, item)
            return None
        if isinstance(container, dict):
            if not is_key(item):
                return None
            return item in container or (None if isinstance(container, Table) and container.is_open else False)
        if isinstance(container, (list, tuple, set, frozenset)):
            certain = container.certain if isinstance(container, Row) else container
            if any(is_known(other) and other == item for other in certain):
                return True
            return False if is_known(container) else None
        if isinstance(container, str) and isinstance(item, str):
            return item in container
        if isinstance(container, Comparable) and isinstance(container, Container):
            return bool(self.compute(operator.contains, container, item))
        self.operated(container)
        return None

    def _identical(self, left: Value, right: Value) -> bool | None:
        if left is UNKNOWN or right is UNKNOWN:
            return None
        if left is None or right is None or isinstance(left, bool) or isinstance(right, bool):
            return left is right
        if isinstance(left, type) and isinstance(right, type):
            return left is right
        if isinstance(left, (Module, Class, Function)) or isinstance(right, (Module, Class, Function)):
            return left is right
        return None


def is_key(value: Value) -> bool:
    """Tell whether a dictionary takes a value for a key."""
    try:
        hash(value)
    except TypeError:
        return False
    return True
