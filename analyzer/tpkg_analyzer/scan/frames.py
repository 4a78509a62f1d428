"""Room for the frames of all that a function calls."""

from collections.abc import Callable
from types import FunctionType
from typing import ParamSpec, TypeVar

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

# Of references, which makes two megabytes. The chunk for it is twice as large, and the other half is left to callees.
_ROOM = 263_000


def with_room_for_frames(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Let the frames of all that `function` calls lie in one piece of memory.

    Since Python 3.11 they lie in chunks of 16 kilobytes. A call that does not fit asks the system for another chunk,
    which is given back when the call returns; where a loop makes such calls, each of them does so, which was a
    twenty-fifth of a cold prediction. A frame larger than a chunk makes the next one large; the system gives memory
    only to the pages that are written to.
    """
    assert isinstance(function, FunctionType)
    function.__code__ = function.__code__.replace(co_stacksize=_ROOM)
    return function
