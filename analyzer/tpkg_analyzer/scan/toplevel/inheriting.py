"""`super()`: what the bases of a class do for an object, where all of them are read."""

from typing import TYPE_CHECKING

from tpkg_analyzer.scan.toplevel.expressions import Frame
from tpkg_analyzer.scan.toplevel.natives import Arguments, Named, registering_in
from tpkg_analyzer.scan.toplevel.values import UNKNOWN, Instance, Super, Value

if TYPE_CHECKING:
    from tpkg_analyzer.scan.toplevel.process import Process

INHERITING: dict[str, Value] = {}
native = registering_in(INHERITING)


@native("builtins.super")
def _super(process: "Process", frame: Frame, arguments: Arguments, _named: Named) -> Value:
    named, owner = arguments if len(arguments) == 2 else (frame.function, next(iter(frame.names.values()), None))
    if isinstance(owner, Instance) and (line := process.line_behind(owner, named)) is not None:
        return Super(owner, line)
    outer: Frame | None = frame
    while outer is not None:  # the object is one of those that the function sees
        process.note_escape([*outer.names.values()], {}, frame)
        outer = outer.enclosing
    return UNKNOWN
