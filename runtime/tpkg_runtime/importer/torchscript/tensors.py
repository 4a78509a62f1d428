"""Tensors in the pickles of TorchScript: torch's C++ believes their sizes, strides and offsets."""

from math import prod
from typing import Any

from tpkg_runtime.importer.torchscript.errors import ScriptError
from tpkg_runtime.importer.torchscript.values import Dict, Global, Opaque, Sparse, Storage, Tensor, Tuple

_EIGHT_BITS = (
    "Float8_e4m3fn",
    "Float8_e4m3fnuz",
    "Float8_e5m2",
    "Float8_e5m2fnuz",
    "Float8_e8m0fnu",
    "Float4_e2m1fn_x2",
)
ITEM_SIZES = {
    "ByteStorage": 1,
    "CharStorage": 1,
    "BoolStorage": 1,
    "ShortStorage": 2,
    "HalfStorage": 2,
    "BFloat16Storage": 2,
    "IntStorage": 4,
    "FloatStorage": 4,
    "LongStorage": 8,
    "DoubleStorage": 8,
    "ComplexHalfStorage": 4,
    "ComplexFloatStorage": 8,
    "ComplexDoubleStorage": 16,
    "QInt8Storage": 1,
    "QUInt8Storage": 1,
    "QInt32Storage": 4,
    "QUInt4x2Storage": 1,
    "QUInt2x4Storage": 1,
    "UInt16Storage": 2,
    "UInt32Storage": 4,
    "UInt64Storage": 8,
    "Bits16Storage": 2,
    **{f"{kind}Storage": 1 for kind in ("Bits8", "Bits1x8", "Bits2x4", "Bits4x2", *_EIGHT_BITS)},
    **{f"{sign}Int{bits}Storage": 1 for sign in ("", "U") for bits in range(1, 8)},
}
_PACKED = {"QUInt4x2Storage": 2, "QUInt2x4Storage": 4}
QUANTIZED = {"QInt8Storage", "QUInt8Storage", "QInt32Storage", "QUInt4x2Storage", "QUInt2x4Storage"}
_COMPLEX = {"ComplexHalfStorage", "ComplexFloatStorage", "ComplexDoubleStorage"}
_FLOATING = {"HalfStorage", "BFloat16Storage", "FloatStorage", "DoubleStorage", *_COMPLEX}
_FLOATING |= {f"{kind}Storage" for kind in _EIGHT_BITS}
_LARGEST = 1 << 62
_SPARSE = {1: 2, 2: 3}
"""The layouts of sparse tensors, COO and CSR, and of how many tensors they are made."""


def storage(claim: Any) -> Storage:
    """Return the storage that a persistent id names. Raises ScriptError."""
    match claim:
        case Tuple(items=("storage", Global(name=name), str(key), str(device), int(count))) if not isinstance(
            count, bool
        ):
            size = ITEM_SIZES.get(name.removeprefix("torch."))
            if size is not None and 0 <= count < _LARGEST // size:
                return Storage(name.removeprefix("torch."), key, count * size, device == "meta")
    raise ScriptError("a storage is described as torch describes none")


def dense(arguments: tuple[Any, ...]) -> tuple[Tensor, int]:
    """Return the tensor that `_rebuild_tensor_v2` makes, and how many bytes of its storage it uses."""
    match arguments:
        case (Storage() as data, int(offset), Tuple() as sizes, Tuple() as strides, bool(grad), Opaque(), *bits):
            if data.kind not in QUANTIZED and (data.kind in _FLOATING or not grad) and _are_bits(data.kind, bits):
                return _strided(data, offset, sizes, strides)
    raise ScriptError("a tensor is described as torch describes none")


def quantized(arguments: tuple[Any, ...]) -> tuple[Tensor, int]:
    """Return the tensor that `_rebuild_qtensor` makes, and how many bytes of its storage it uses."""
    match arguments:
        case (Storage() as data, int(offset), Tuple() as sizes, Tuple() as strides, Tuple() as scheme, bool(), *_):
            if data.kind in QUANTIZED:
                tensor, used = _strided(data, offset, sizes, strides)
                if _is_scheme(scheme.items, tensor.sizes):
                    return tensor, used
    raise ScriptError("a quantized tensor is described as torch describes none")


def sparse(arguments: tuple[Any, ...]) -> Sparse:
    """Return the tensor that `_rebuild_sparse_tensor` makes. The values of its indices are still to be checked."""
    match arguments:
        case (int(layout), Tuple(items=sizes), bool(), *parts) if layout in _SPARSE and len(parts) >= _SPARSE[layout]:
            *indices, values = parts[: _SPARSE[layout]]
            if isinstance(values, Tensor) and all(isinstance(each, Tensor) for each in indices):
                return Sparse(_numbers(sizes), tuple(indices), values)
    raise ScriptError("a sparse tensor is described as torch describes none")


def _strided(data: Storage, offset: int, sizes: Tuple, strides: Tuple) -> tuple[Tensor, int]:
    lengths, steps = _numbers(sizes.items), _numbers(strides.items)
    if len(lengths) != len(steps) or not 0 <= offset < _LARGEST or prod(lengths) >= _LARGEST:
        raise ScriptError("a tensor has sizes and strides that no tensor has")
    if 0 in lengths:
        return Tensor(data, lengths, steps, offset), 0
    last = offset + sum((length - 1) * step for length, step in zip(lengths, steps, strict=True))
    used = (last // _PACKED[data.kind]) + 1 if data.kind in _PACKED else (last + 1) * ITEM_SIZES[data.kind]
    return Tensor(data, lengths, steps, offset), used


def _numbers(items: tuple[Any, ...]) -> tuple[int, ...]:
    if not all(type(each) is int and 0 <= each < _LARGEST for each in items):
        raise ScriptError("a tensor has a size or stride that no tensor has")
    return items


def _are_bits(kind: str, bits: list[Any]) -> bool:
    if not bits:
        return True
    match bits:
        case [Dict(items=pairs)]:
            return all(name in {"conj", "neg"} and type(on) is bool for name, on in pairs) and (
                kind in _COMPLEX or all(name != "conj" for name, _ in pairs)
            )
    return False


def _is_scheme(scheme: tuple[Any, ...], sizes: tuple[int, ...]) -> bool:
    match scheme:
        case (Global(name="torch.per_tensor_affine"), float(), int()):
            return True
        case (Global(name=name), Tensor() as scales, Tensor() as zeros, int(axis)):
            return (
                name in {"torch.per_channel_affine", "torch.per_channel_affine_float_qparams"}
                and 0 <= axis < len(sizes)
                and scales.sizes == zeros.sizes == (sizes[axis],)
                and _is_floating(scales)
            )
    return False


def _is_floating(tensor: Tensor) -> bool:
    return tensor.storage.kind in _FLOATING
