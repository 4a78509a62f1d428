"""Which GLOBALs a pickle may name, where the caller has said so.

Only unpickling is restricted: a module that is imported for an allowed name runs, and so does all that it imports.
"""

import pickle
from collections.abc import Callable, Iterable
from typing import Any

from tpkg_runtime.spec.globs import GlobGroup

FindClass = Callable[[str, str], Any]

_STORAGES = [
    "Double",
    "Float",
    "Half",
    "Long",
    "Int",
    "Short",
    "Char",
    "Byte",
    "Bool",
    "BFloat16",
    "ComplexDouble",
    "ComplexFloat",
]
_DTYPES = [
    "float64",
    "float32",
    "float16",
    "bfloat16",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "bool",
    "complex64",
    "complex128",
]

TENSOR_GLOBALS = (
    "collections.OrderedDict",
    "torch.Size",
    "torch.UntypedStorage",
    "torch.device",
    "torch.nn.parameter.Parameter",
    *(f"torch.{kind}Storage" for kind in _STORAGES),
    *(f"torch.{dtype}" for dtype in _DTYPES),
    "torch._utils._rebuild_parameter",
    "torch._utils._rebuild_sparse_tensor",
    "torch._utils._rebuild_tensor",
    "torch._utils._rebuild_tensor_v2",
    "torch.serialization._get_layout",
)
"""What pickles of tensors name, to put into `allow` beside one's own classes."""


class ForbiddenGlobalError(pickle.UnpicklingError):
    """A pickle names a GLOBAL that was not allowed."""


class Restricted:
    """Finds only allowed GLOBALs; each is asked for as `module.qualified.name`, patterns are globs."""

    def __init__(self, allow: Iterable[str], find_class: FindClass) -> None:
        self._allowed = GlobGroup(tuple(allow))
        self._find_class = find_class

    def __call__(self, module: str, name: str) -> Any:
        """Return the object of a GLOBAL. Raises ForbiddenGlobalError."""
        if (module, name) == ("builtins", "getattr"):
            # How protocol 3 names nested classes: harmless while it gives out nothing but what is allowed.
            return self._nested
        self._check(f"{module}.{name}")
        return self._find_class(module, name)

    def _nested(self, owner: Any, name: str) -> Any:
        if not isinstance(owner, type) or not isinstance(name, str):
            raise ForbiddenGlobalError(f"the pickle asks for an attribute of {type(owner).__name__}, which is no class")
        found = getattr(owner, name)
        if not isinstance(found, type):
            raise ForbiddenGlobalError(f"the pickle asks for '{name}' of {owner.__qualname__}, which is no class")
        module = owner.__module__.rpartition(">.")[2]
        self._check(f"{module}.{owner.__qualname__}.{name}")
        return found

    def _check(self, name: str) -> None:
        if not self._allowed.matches(name):
            raise ForbiddenGlobalError(f"the pickle names '{name}', which is not allowed; add it to allow= if it may")
