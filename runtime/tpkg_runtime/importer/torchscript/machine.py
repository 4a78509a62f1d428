"""The pickles of TorchScript, run without torch: the same opcodes, with a look at what its C++ takes for granted.

torch writes these pickles with a pickler of its own, which knows few opcodes. Its reader in C++ does not look whether
a mark is still below the top of its stack, makes room for every index of its memo, and recurses to let values go.
"""

import struct
from collections.abc import Callable
from typing import Any

from tpkg_runtime.importer.torchscript import tensors
from tpkg_runtime.importer.torchscript.building import Builder
from tpkg_runtime.importer.torchscript.errors import ScriptError
from tpkg_runtime.importer.torchscript.values import DEEP, Dict, Instance, List, Opaque, Storage, Tensor, Tuple

_DEEPEST = 1000
_PROTOCOL = b"\x80\x02"
_NUMBERS = {
    ord("K"): struct.Struct("<B"),
    ord("M"): struct.Struct("<H"),
    ord("J"): struct.Struct("<i"),
    ord("G"): struct.Struct(">d"),
}
_INDICES = {ord("q"): 1, ord("r"): 4, ord("h"): 1, ord("j"): 4}
_CONSTANTS = {ord("N"): None, 0x88: True, 0x89: False}
_KEYS = (str, int, float, Opaque, Tensor)


def run(data: bytes, builder: Builder) -> Any:
    """Return the value of a pickle. Raises ScriptError for what torch's pickler would not have written."""
    machine = _Machine(data, builder)
    try:
        return machine.run()
    except (IndexError, struct.error) as error:
        raise ScriptError("a pickle is cut short, or takes from an empty stack") from error


class _Machine:
    def __init__(self, data: bytes, builder: Builder) -> None:
        self._data = data
        self._at = len(_PROTOCOL)
        self._builder = builder
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: list[Any] = []
        self._remembered: dict[int, Any] = {}  # containers that were put into the memo while they were empty
        self._steps: dict[int, Callable[[], None]] = {
            ord("("): lambda: self._marks.append(len(self._stack)),
            ord(")"): lambda: self._stack.append(Tuple((), 1)),
            ord("]"): lambda: self._stack.append(List()),
            ord("}"): lambda: self._stack.append(Dict()),
            ord("t"): lambda: self._push_tuple(self._marked()),
            0x85: lambda: self._push_tuple(self._taken(1)),
            0x86: lambda: self._push_tuple(self._taken(2)),
            0x87: lambda: self._push_tuple(self._taken(3)),
            ord("e"): self._appends,
            ord("u"): self._set_items,
            ord("X"): self._text,
            0x8A: self._long,
            ord("c"): self._global,
            0x81: self._new,
            ord("R"): self._call,
            ord("b"): self._call,
            ord("Q"): self._persistent,
        }

    def run(self) -> Any:
        data, stack = self._data, self._stack
        if not data.startswith(_PROTOCOL):
            raise ScriptError("a pickle is not of protocol 2")
        while True:
            code = data[self._at]
            self._at += 1
            if code in _INDICES:
                self._index(code)
            elif code in _NUMBERS:
                number = _NUMBERS[code]
                stack.append(number.unpack_from(data, self._at)[0])
                self._at += number.size
            elif code in self._steps:
                self._steps[code]()
            elif code in _CONSTANTS:
                stack.append(_CONSTANTS[code])
            elif code == ord("."):
                break
            else:
                raise ScriptError(f"a pickle has the opcode {bytes([code])!r}, which is none of TorchScript")
        if len(stack) != 1 or self._marks:
            raise ScriptError("a pickle leaves more or less than one value")
        return stack[0]

    def _index(self, code: int) -> None:
        size = _INDICES[code]
        index = int.from_bytes(self._data[self._at : self._at + size], "little")
        self._at += size
        if code in b"hj":
            self._stack.append(self._memo[index])
        elif index > len(self._memo):
            raise ScriptError("a pickle leaves out indices of its memo")
        else:
            value = self._top()
            self._memo[index : index + 1] = [value]
            if isinstance(value, (List, Dict)) and not value.items:
                self._remembered[id(value)] = value

    def _bottom(self) -> int:
        """Return where on the stack the values begin that may be taken: above the last mark."""
        return self._marks[-1] if self._marks else 0

    def _top(self) -> Any:
        if len(self._stack) <= self._bottom():
            raise ScriptError("a pickle takes what is not there")
        return self._stack[-1]

    def _taken(self, count: int) -> list[Any]:
        if len(self._stack) - count < self._bottom():
            raise ScriptError("a pickle takes what is not there")
        taken = self._stack[-count:]
        del self._stack[-count:]
        return taken

    def _marked(self) -> list[Any]:
        start = self._marks.pop()
        taken = self._stack[start:]
        del self._stack[start:]
        return taken

    def _push_tuple(self, items: list[Any]) -> None:
        self._stack.append(Tuple(tuple(items), self._deeper(items)))

    def _deeper(self, items: list[Any]) -> int:
        depth = 1
        for each in items:
            if type(each) in DEEP and each.depth >= depth:
                depth = each.depth + 1
        if depth > _DEEPEST:
            raise ScriptError(f"more than {_DEEPEST} values of a pickle lie in each other")
        return depth

    def _container(self) -> List | Dict:
        found = self._top()
        # Nothing else refers yet to what gets elements, so that nothing gets into itself.
        if not isinstance(found, (List, Dict)) or found.items or id(found) in self._remembered:
            raise ScriptError("a pickle fills what is no new container")
        return found

    def _appends(self) -> None:
        items = self._marked()
        made = self._container()
        if not isinstance(made, List):
            raise ScriptError("a pickle appends to what is no list")
        made.depth = self._deeper(items)
        made.items = items

    def _set_items(self) -> None:
        items = self._marked()
        made = self._container()
        keys = items[::2]
        if not isinstance(made, Dict) or len(items) % 2 or not all(isinstance(key, _KEYS) for key in keys):
            raise ScriptError("a dictionary has keys that none in TorchScript has")
        made.depth = self._deeper(items)
        made.items = list(zip(keys, items[1::2], strict=True))

    def _text(self) -> None:
        start = self._at + 4
        end = start + int.from_bytes(self._data[self._at : start], "little")
        if end > len(self._data):
            raise IndexError
        self._stack.append(self._data[start:end].decode("utf-8", "surrogateescape"))
        self._at = end

    def _long(self) -> None:
        if self._data[self._at] != 8:
            raise ScriptError("a pickle has a number that does not fit")
        self._stack.append(int.from_bytes(self._data[self._at + 1 : self._at + 9], "little", signed=True))
        self._at += 9

    def _global(self) -> None:
        names = []
        for _ in range(2):
            end = self._data.find(b"\n", self._at)
            if end < 0:
                raise IndexError
            names.append(self._data[self._at : end].decode("utf-8", "surrogateescape"))
            self._at = end + 1
        self._stack.append(self._builder.find(".".join(names)))

    def _new(self) -> None:
        [arguments] = self._taken(1)
        if not isinstance(arguments, Tuple) or arguments.items:
            raise ScriptError("a pickle makes an object of arguments")

    def _call(self) -> None:
        function, argument = self._taken(2)
        made = self._builder.build(function, argument)
        if isinstance(made, Instance) and made.depth > _DEEPEST:
            raise ScriptError(f"more than {_DEEPEST} values of a pickle lie in each other")
        self._stack.append(made)

    def _persistent(self) -> None:
        [claim] = self._taken(1)
        made: Storage = tensors.storage(claim)
        self._builder.claims.append(made)
        self._stack.append(made)
