"""What the names in the pickles of TorchScript make of their arguments."""

from collections.abc import Callable, Mapping
from typing import Any

from tpkg_runtime.importer.torchscript import tensors
from tpkg_runtime.importer.torchscript.classes import ScriptClass
from tpkg_runtime.importer.torchscript.code import check_type
from tpkg_runtime.importer.torchscript.errors import ScriptError
from tpkg_runtime.importer.torchscript.values import (
    Dict,
    Global,
    Instance,
    List,
    Opaque,
    Sparse,
    Storage,
    Tensor,
    Tuple,
    depth_of,
)

_LISTS: dict[str, set[type]] = {
    "torch.jit._pickle.build_intlist": {int},
    "torch.jit._pickle.build_doublelist": {float},
    "torch.jit._pickle.build_boollist": {bool},
    "torch.jit._pickle.build_tensorlist": {Tensor, Sparse},
}
_SCHEMES = {"torch.per_tensor_affine", "torch.per_channel_affine", "torch.per_channel_affine_float_qparams"}
_STORAGES = {f"torch.{kind}" for kind in tensors.ITEM_SIZES}


class Builder:
    """Builds the values of one archive's pickles, and collects what is to be compared with its storages."""

    def __init__(self, classes: Mapping[str, ScriptClass]) -> None:
        self._classes = classes
        self.claims: list[Storage] = []
        self.used: dict[str, int] = {}
        self.sparse: list[Sparse] = []
        self._makers: dict[str, Callable[[Any], Any]] = {
            **{name: _list_of(kinds) for name, kinds in _LISTS.items()},
            "torch.jit._pickle.restore_type_tag": _tagged,
            "torch._utils._rebuild_tensor_v2": self._dense,
            "torch._utils._rebuild_qtensor": self._quantized,
            "torch._utils._rebuild_sparse_tensor": self._sparse,
            "builtins.complex": _complex,
            "collections.OrderedDict": lambda _: Opaque(),
            "torch.device": _device,
        }

    def find(self, name: str) -> Global:
        """Return a name of a pickle. Raises ScriptError for those that torch's pickler of TorchScript never writes."""
        if name in self._makers or name in _SCHEMES or name in _STORAGES or name.startswith("__torch__."):
            return Global(name)
        raise ScriptError(f"a pickle names '{name}', which is nothing of TorchScript")

    def build(self, function: Any, argument: Any) -> Any:
        """Return what REDUCE or BUILD makes. Raises ScriptError."""
        if not isinstance(function, Global):
            raise ScriptError("a pickle calls what is no function")
        if function.name in self._makers:
            return self._makers[function.name](argument)
        if function.name in _SCHEMES or function.name in _STORAGES:
            raise ScriptError(f"a pickle calls '{function.name}'")
        return self._instance(function.name, argument)

    def _instance(self, name: str, state: Any) -> Any:
        declared = self._classes.get(name)
        if declared is not None and declared.base == "Enum":
            if isinstance(state, (Tuple, List, Dict, Instance, Tensor, Global)) or not declared.has_value(state):
                raise ScriptError(f"'{name}' has no member of that value")
            return Opaque()
        return Instance(1 + depth_of(state))

    def _dense(self, argument: Any) -> Tensor:
        return self._using(*tensors.dense(_items(argument)))

    def _quantized(self, argument: Any) -> Tensor:
        return self._using(*tensors.quantized(_items(argument)))

    def _using(self, tensor: Tensor, used: int) -> Tensor:
        key = tensor.storage.key
        self.used[key] = max(used, self.used.get(key, 0))
        return tensor

    def _sparse(self, argument: Any) -> Sparse:
        made = tensors.sparse(_items(argument))
        self.sparse.append(made)
        return made


def _items(argument: Any) -> tuple[Any, ...]:
    if not isinstance(argument, Tuple):
        raise ScriptError("a pickle calls a function with no tuple of arguments")
    return argument.items


def _list_of(kinds: set[type]) -> Callable[[Any], Any]:
    def make(argument: Any) -> Any:
        match argument:
            case Tuple(items=(List() as made,)) if all(type(each) in kinds for each in made.items):
                return made
        raise ScriptError("a list has elements of another type than it says")

    return make


def _tagged(argument: Any) -> Any:
    match argument:
        case Tuple(items=(List() as made, str(written))) if written.startswith("List["):
            pass
        case Tuple(items=(Dict() as made, str(written))) if written.startswith("Dict["):
            pass
        case _:
            raise ScriptError("a pickle gives a type to what cannot have it")
    check_type(written)
    return made


def _complex(argument: Any) -> Opaque:
    match argument:
        case Tuple(items=(float(), float())):
            return Opaque()
    raise ScriptError("a complex number has no two parts")


def _device(argument: Any) -> Opaque:
    match argument:
        case Tuple(items=(str(),)):
            return Opaque()
    raise ScriptError("a device has no name")
