"""All of a package's TorchScript, looked at before torch's C++ reads any of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tpkg_runtime.archive.errors import ArchiveError
from tpkg_runtime.archive.records import RecordReader
from tpkg_runtime.archive.zipread import ZipReader
from tpkg_runtime.importer.torchscript import machine
from tpkg_runtime.importer.torchscript.building import Builder
from tpkg_runtime.importer.torchscript.classes import ScriptClass, check_references, classes_of
from tpkg_runtime.importer.torchscript.code import check_code
from tpkg_runtime.importer.torchscript.errors import ScriptError
from tpkg_runtime.importer.torchscript.values import Instance, Sparse, Tensor, Tuple

_FOLDER = ".data/ts_code/"
_CODE = _FOLDER + "code/"
_TENSORS = ".data/"
_READER = "unpackage_script_module"


@dataclass(frozen=True, slots=True)
class ScriptStorages:
    """How many bytes of which storages the tensors of TorchScript use; keys of those on the device meta, with none."""

    used: Mapping[str, int]
    meta: frozenset[str]


def used_storages(reader: RecordReader) -> ScriptStorages:
    """Check the TorchScript of an archive; return what it uses of the archive's storages.

    Raises ArchiveError, which names the record, for what torch would read past the end of something for, run out of
    stack at, or take gigabytes for. It does not look at what the code does when it runs.
    """
    _refuse_repeated(reader)
    builder = Builder(_code(reader))
    for record in reader.names():
        if record.startswith(_FOLDER) and record.endswith(("data.pkl", "constants.pkl", ".debug_pkl")):
            value = _run(reader, record, builder)
            if not isinstance(value, Instance if record.endswith("data.pkl") else Tuple):
                raise _damaged(reader, record, "its pickle makes something else than torch expects there")
    meta = frozenset(claim.key for claim in builder.claims if claim.is_meta)
    _check_storages(reader, builder, meta)
    return ScriptStorages(builder.used, meta)


def is_script_reader(function: Any) -> bool:
    """Tell whether a function is the one of torch that reads a TorchScript module."""
    return getattr(function, "__name__", "") == _READER and getattr(function, "__module__", "") == "torch.jit._script"


def _code(reader: RecordReader) -> dict[str, ScriptClass]:
    files: dict[str, str] = {}
    for record in reader.names():
        if record.startswith(_CODE) and record.endswith(".py"):
            try:
                files[record[len(_CODE) : -3].replace("/", ".")] = check_code(reader.read(record))
            except ScriptError as error:
                raise _damaged(reader, record, error) from error
    try:
        check_references(files)
    except ScriptError as error:
        raise _damaged(reader, _CODE, error) from error
    return {each.name: each for prefix, text in files.items() for each in classes_of(prefix, text)}


def _run(reader: RecordReader, record: str, builder: Builder) -> Any:
    try:
        return machine.run(reader.read(record), builder)
    except ScriptError as error:
        raise _damaged(reader, record, error) from error


def _check_storages(reader: RecordReader, builder: Builder, meta: frozenset[str]) -> None:
    empty = {claim.key for claim in builder.claims if not claim.size}
    for claim in builder.claims:
        if claim.is_meta:
            continue
        if claim.key in meta:
            raise _damaged(reader, _TENSORS + claim.key, "it is on two devices")
        there = reader.size(_TENSORS + claim.key) if claim.size else 0
        used = builder.used.get(claim.key, 0)
        if max(claim.size, used) > there or (used and claim.key in empty):
            raise _damaged(reader, _TENSORS + claim.key, f"it has {there} bytes, its tensors need {used or claim.size}")
    for sparse in builder.sparse:
        try:
            _check_indices(reader, sparse)
        except RuntimeError as error:
            raise _damaged(reader, _FOLDER, f"a sparse tensor has indices outside of it: {error}") from error


def _check_indices(reader: RecordReader, sparse: Sparse) -> None:
    torch: Any = import_module("torch")
    values = torch.zeros(1).expand(sparse.values.sizes)
    indices = [_numbers(torch, reader, each) for each in sparse.indices]
    validate = torch._validate_sparse_coo_tensor_args if len(indices) == 1 else torch._validate_sparse_csr_tensor_args
    validate(*indices, values, sparse.sizes)


def _numbers(torch: Any, reader: RecordReader, tensor: Tensor) -> Any:
    kinds = {"LongStorage": torch.int64, "IntStorage": torch.int32}
    if tensor.storage.kind not in kinds:
        raise RuntimeError("they are no integers")
    if 0 in tensor.sizes:
        return torch.empty(tensor.sizes, dtype=kinds[tensor.storage.kind])
    data = bytearray(reader.read(_TENSORS + tensor.storage.key))
    whole = torch.frombuffer(data, dtype=torch.uint8)[: len(data) // 8 * 8].view(kinds[tensor.storage.kind])
    return whole.as_strided(tensor.sizes, tensor.strides, tensor.offset)


def _refuse_repeated(reader: RecordReader) -> None:
    """Of entries with one name torch's own reader takes another than we do."""
    if isinstance(reader, ZipReader):
        for name, count in Counter(entry.filename for entry in reader.entries()).items():
            if count > 1:
                raise ArchiveError(
                    f"{reader.name}: entry '{name}' is there {count} times, in a package with TorchScript"
                )


def _damaged(reader: RecordReader, record: str, what: object) -> ArchiveError:
    return ArchiveError(f"{reader.name}: TorchScript in '{record}' is damaged or was made to harm: {what}")
