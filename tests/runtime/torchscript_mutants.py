"""Loads packages whose TorchScript was changed under right checksums, in a process of its own, which must not die.

`python -m tests.runtime.torchscript_mutants START COUNT` prints how many were read and how many refused.
"""

import enum
import io
import pickle
import pickletools
import random
import re
import resource
import struct
import sys
import time
import warnings
import zipfile
from typing import Any, NamedTuple

import torch

from tpkg_runtime import ArchiveError, PackageExporter, PackageImporter

warnings.simplefilter("ignore")  # TorchScript is deprecated, and still to be had

OURS = (ArchiveError, ImportError, pickle.UnpicklingError)
MEMORY = 3 << 30
SECONDS = 10

NUMBERS = [0, 1, -1, 7, 255, 65535, 1 << 31, -(1 << 31), 1 << 40, 1 << 62, -(1 << 63), (1 << 63) - 1]
TEXTS = ["", "cpu", "meta", "0.storage", "1.storage", "version", "Dict[str, int]", "List[Tensor]", "Tensor", "weight"]
NAMES = [
    "__main__\nTensorID",
    "torch.jit._pickle\nbuild_tensor_from_id",
    "torch.jit._pickle\nrestore_type_tag",
    "torch.jit._pickle\nbuild_intlist",
    "torch._utils\n_rebuild_tensor_v2",
    "torch._utils\n_rebuild_qtensor",
    "torch._utils\n_rebuild_sparse_tensor",
    "torch\nQInt8Storage",
    "torch\nComplexDoubleStorage",
    "__torch__.torch.classes.quantized\nLinearPackedParamsBase",
]
TYPES = ["int", "Tensor", "Any", "List[int]", "Optional[Tensor]", "Future[Tensor]", "List[" * 5000 + "int" + "]" * 5000]
EXPRESSIONS = [
    "-9223372036854775808 // -1",
    "1 % 0",
    '"a" * 2000000000',
    '"a".center(2000000000)',
    "[0] * 3000000000",
    "ops.prim.PythonOp()",
    "CONSTANTS.c99999",
    "uninitialized(Tensor)",
    "unchecked_cast(Tensor, 5)",
    "torch.as_strided(torch.ones([1]), [1000000], [1], 0)",
    "[" * 5000 + "1" + "]" * 5000,
    "-" * 100000 + "1",
    "torch.neg(" * 20000 + "1" + ")" * 20000,
    "1 + " * 100000 + "1",
    "x." * 100000 + "x",
]
BLOCKS = ["if True:", "while True:", "for i in range(3):", "def f():"]


class Pair(NamedTuple):
    first: torch.Tensor
    second: int


class Color(enum.Enum):
    RED = 1


class Rich(torch.nn.Module):
    """Some of every kind of attribute, and control flow."""

    pairs: list[Pair]
    maybe: int | None
    color: Color

    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(2, 2)
        self.register_buffer("turned", torch.arange(6).reshape(2, 3).t())
        self.register_buffer("quantized", torch.quantize_per_tensor(torch.ones(3), 0.5, 1, torch.qint8))
        self.register_buffer("sparse", torch.eye(3).to_sparse())
        self.numbers, self.floats, self.named = [1, 300, 70000, 1 << 40], [0.5], {"a": [torch.ones(2)]}
        self.pairs, self.maybe, self.color, self.complex = [Pair(torch.ones(1), 2)], None, Color.RED, 1 + 2j

    def forward(self, x: torch.Tensor, n: int = 3) -> torch.Tensor:
        for each in self.numbers:
            if each > n:
                x = x + each % n
        if self.color == Color.RED:
            x = self.linear(x) * self.pairs[0].second
        return x + self.turned.sum() + torch.tensor([1.0, 2.0])


class WithState(torch.nn.Module):
    """Code that runs when it is loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.ones(3)

    @torch.jit.export
    def __getstate__(self) -> tuple[torch.Tensor, bool]:
        return self.weight, self.training

    @torch.jit.export
    def __setstate__(self, state: tuple[torch.Tensor, bool]) -> None:
        self.weight = state[0]
        self.training = state[1]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.weight


def packages() -> list[dict[str, bytes]]:
    """Return the records of packages: one TorchScript module, several that share tensors, traced and packed ones."""
    dynamic = torch.ao.quantization.quantize_dynamic(torch.nn.Sequential(torch.nn.Linear(3, 3)), {torch.nn.Linear})
    rich = torch.jit.script(Rich())
    traced = torch.jit.trace(torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU()), torch.ones(1, 1, 5, 5))
    saved: list[Any] = [
        rich,
        [rich, {"weight": rich.linear.weight}, torch.jit.script(WithState())],
        traced,
        torch.jit.script(dynamic),
        torch.jit.script(torch.nn.MultiheadAttention(4, 2)),
    ]
    found = []
    for each in saved:
        buffer = io.BytesIO()
        with PackageExporter(buffer) as exporter:
            exporter.save_pickle("res", "x.pkl", each)
        with zipfile.ZipFile(buffer) as archive:
            found.append({name.partition("/")[2]: archive.read(name) for name in archive.namelist()})
    return found


def mutant(records: dict[str, bytes], seed: int) -> tuple[str, io.BytesIO]:
    """Return the name of the record that was changed, and the archive."""
    chance = random.Random(seed)
    folder = re.compile(r"\.data/ts_code/.*(\.py|data\.pkl|constants\.pkl|debug_pkl)$|\.data/\d+\.storage$")
    name = chance.choice([each for each in records if folder.match(each)])
    changed = dict(records)
    if name.endswith(".py"):
        changed[name] = changed_code(records[name].decode(), chance).encode("utf-8", "surrogateescape")
    elif name.endswith("pkl"):
        changed[name] = changed_pickle(records[name], chance)
    else:
        changed[name] = changed_bytes(records[name], chance)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for each, data in changed.items():
            archive.writestr(f"a/{each}", data)
    return name, buffer


def changed_bytes(data: bytes, chance: random.Random) -> bytes:
    """Cut, flip or insert."""
    copy = bytearray(data) or bytearray(b"x")
    at = chance.randrange(len(copy))
    match chance.randrange(3):
        case 0:
            del copy[at:]
        case 1:
            copy[at] = chance.randrange(256)
        case _:
            copy[at:at] = chance.randbytes(3)
    return bytes(copy)


def changed_pickle(data: bytes, chance: random.Random) -> bytes:
    """Change opcodes and what they carry; what comes out can mostly be read as opcodes."""
    if chance.random() < 0.1:
        return changed_bytes(data, chance)
    starts = [place for _, _, place in pickletools.genops(data)]
    codes = [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True)]
    for _ in range(chance.choice([1, 1, 2])):
        at = chance.randrange(1, len(codes))
        kinds = {b"K": number, b"M": number, b"J": number, b"X": text, b"c": name_of, b"h": index}
        match chance.randrange(8):
            case 0 | 1 | 2:
                found = [place for place, code in enumerate(codes) if code[:1] in kinds and place]
                if found:
                    place = chance.choice(found)
                    codes[place] = kinds[codes[place][:1]](chance)
            case 3:
                del codes[at]
            case 4:
                codes.insert(
                    at, chance.choice([b"(", b")", b"]", b"}", b"N", b"t", b"e", b"u", b"R", b"b", b"Q", b"\x81"])
                )
            case 5:
                other = chance.randrange(1, len(codes))
                codes[at], codes[other] = codes[other], codes[at]
            case 6:
                codes.insert(at, b"r" + struct.pack("<I", chance.choice([300, 1 << 24, (1 << 32) - 1])))
            case _:
                codes.insert(at, chance.choice([b"\x85", b"(", b")" + b"\x85", b"]q\0("]) * chance.choice([3, 100000]))
    return b"".join(codes)


def number(chance: random.Random) -> bytes:
    """Return an opcode with a telling number."""
    return b"\x8a\x08" + struct.pack("<q", chance.choice(NUMBERS))


def text(chance: random.Random) -> bytes:
    """Return an opcode with a text that means something elsewhere."""
    chosen = chance.choice([*TEXTS, *TYPES]).encode()
    return b"X" + struct.pack("<I", len(chosen)) + chosen


def name_of(chance: random.Random) -> bytes:
    """Return an opcode with another function."""
    return b"c" + chance.choice(NAMES).encode() + b"\n"


def index(chance: random.Random) -> bytes:
    """Return an opcode with another index of the memo."""
    return b"h" + bytes([chance.randrange(60)])


def changed_code(code: str, chance: random.Random) -> str:
    """Change tokens, types, lines and expressions of a text of code."""
    if not code:
        return code
    for _ in range(chance.choice([1, 1, 2])):
        tokens, lines = re.findall(r"\w+|\s+|[^\w\s]", code), code.split("\n")
        at, line = chance.randrange(len(tokens)), chance.randrange(len(lines))
        types = list(re.finditer(r": ?([\w.\[\], ]+?)(?=[\n,)=])", code))
        values = list(re.finditer(r"(?:= |return )(.+)$", code, re.MULTILINE))
        match chance.randrange(8):
            case 0:
                del tokens[at]
                code = "".join(tokens)
            case 1:
                tokens[at] = chance.choice(tokens)
                code = "".join(tokens)
            case 2 if types:
                found = chance.choice(types)
                code = code[: found.start(1)] + chance.choice(TYPES) + code[found.end(1) :]
            case 3 | 4 if values:
                found = chance.choice(values)
                code = code[: found.start(1)] + chance.choice(EXPRESSIONS) + code[found.end(1) :]
            case 5:
                lines.insert(line, lines.pop(chance.randrange(len(lines))))
                code = "\n".join(lines)
            case 6:
                code = code[: chance.randrange(len(code))]
            case _:
                indent = len(lines[line]) - len(lines[line].lstrip())
                block, depth = chance.choice(BLOCKS), chance.choice([1, 1000])
                lines[line:line] = [" " * (indent + each) + block for each in range(depth)]
                code = "\n".join(lines)
        code = code or " "
    return code


def tensors_of(loaded: Any) -> list[Any]:
    """Return the tensors of all modules in what was loaded."""
    parts = loaded if isinstance(loaded, list) else [loaded]
    return [each for part in parts if hasattr(part, "state_dict") for each in part.state_dict().values()]


def main(start: int, count: int) -> None:
    """Load `count` mutants, and read every tensor of those that can be loaded."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    originals = packages()
    outcomes = {"read": 0, "refused": 0}
    for seed in range(start, start + count):
        name, archive = mutant(originals[seed % len(originals)], seed)
        print(seed, name, file=sys.stderr)  # where this process dies, the last line says of what
        begun = time.process_time()
        try:
            loaded = PackageImporter(archive).load_pickle("res", "x.pkl")
            outcomes["read"] += 1
        except OURS:
            outcomes["refused"] += 1
            loaded = None
        for tensor in tensors_of(loaded):
            if tensor.device.type == "cpu":
                tensor.to_dense().sum() if tensor.is_sparse else tensor.dequantize().sum()
        if time.process_time() - begun > SECONDS:
            raise TimeoutError(f"mutant {seed} took more than {SECONDS} seconds")
    print(outcomes["read"], outcomes["refused"])


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
