"""TorchScript that was damaged or made to harm: torch's C++ has to be kept from what it cannot read."""

import io
import re
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tpkg_runtime import ArchiveError, PackageExporter, PackageImporter

torch = pytest.importorskip("torch")

CODE = ".data/ts_code/code/__torch__.py"
DATA = ".data/ts_code/0/data.pkl"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is deprecated, and still to be had
        yield


@pytest.fixture(scope="module")
def records() -> dict[str, bytes]:
    """The records of a package with one TorchScript module, whose code is simple to change."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = torch.jit.script(torch.nn.Linear(2, 2))
    buffer = io.BytesIO()
    with PackageExporter(buffer) as exporter:
        exporter.save_pickle("res", "x.pkl", module)
    with zipfile.ZipFile(buffer) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def load(records: dict[str, bytes], **options: Any) -> Any:
    """Load the module from changed records."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in records.items():
            archive.writestr(f"a/{name}", data)
    return PackageImporter(buffer, **options).load_pickle("res", "x.pkl")


def code_of(records: dict[str, bytes]) -> str:
    """Return the record with the code of the module; torch mangles its name where it is not the first in a process."""
    return next(each for each in records if "/nn/modules/linear" in each and each.endswith(".py"))


def with_statement(records: dict[str, bytes], statement: str) -> dict[str, bytes]:
    """Return the records with a statement before the `return` of `forward`."""
    name = code_of(records)
    code = records[name].decode()
    return {
        **records,
        name: re.sub(r"^    return ", f"    {statement}\n    return ", code, flags=re.MULTILINE).encode(),
    }


def run_mutants(start: int, count: int) -> list[int]:
    """Load mutants in a process of their own; return how many were read and how many refused."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.runtime.torchscript_mutants", str(start), str(count)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60 + count / 5,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return [int(each) for each in run.stdout.split()]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of memory are POSIX")
def test_hundreds_of_mutants() -> None:
    """None ends the process, takes all its memory or does not come to an end; exceptions are ours."""
    read, refused = run_mutants(0, 300)
    assert read > 50
    assert refused > 100


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="limits of memory are POSIX")
def test_thousands_of_mutants() -> None:
    """The same for more than one would wait for."""
    read, refused = run_mutants(10_000, 6000)
    assert read + refused == 6000


@pytest.mark.parametrize(
    "statement",
    [
        "q = ops.prim.PythonOp()",
        "q = " + "[" * 100_000 + "]" * 100_000,
        "q = " + "not " * 100_000 + "True",
        "q = -9223372036854775808 // -1",
        "q = torch.remainder(1, 0)",
        "a = 0\n    q = torch.floordiv(1, a)",
        'q = torch.mul("a", 2000000000)',
        'q = "a".ljust(2000000000)',
        "\n".join(" " * (4 + each) + "while True:" for each in range(2000)),
        'q = """',
        "q = \\",
    ],
    ids=lambda statement: statement[:30],
)
def test_code_that_harms_while_it_is_compiled(records: dict[str, bytes], statement: str) -> None:
    """Each of these ends the process, or keeps it busy for minutes, where torch compiles it."""
    with pytest.raises(
        ArchiveError, match=r"TorchScript in '\.data/ts_code/code/__torch__/torch/nn/modules/linear.*\.py'"
    ):
        load(with_statement(records, statement))


@pytest.mark.parametrize("value", ["[0] * 3000000000", "torch.ones([100000, 100000])", "2 // 0"])
def test_constants_are_literals(records: dict[str, bytes], value: str) -> None:
    """torch evaluates them when it reads the class."""
    name = code_of(records)
    changed = records[name].replace(b"in_features : Final[int] = 2", f"in_features : Final[int] = {value}".encode())
    assert changed != records[name]
    with pytest.raises(ArchiveError, match="no literal"):
        load({**records, name: changed})


def test_chains_of_definitions(records: dict[str, bytes]) -> None:
    """Each definition is compiled inside of the one that mentions it."""
    code = "".join(f"def g{each}(x: int) -> int:\n  return __torch__.g{each + 1}(x, )\n" for each in range(3000))
    changed = with_statement(records, "q = __torch__.g0(1, )")
    with pytest.raises(ArchiveError, match="chain of more than"):
        load({**changed, CODE: code.encode()})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"K\x04tQ", b"K\x05tQ"),  # a storage of more elements than there are
        (b"K\x02K\x02t(K\x02K\x01t", b"K\x02K\x02t(K\x04K\x01t"),  # strides that lead out
        (b"q\x00)\x81}", b"q\x00)\x81" + b")" + b"\x85" * 100_000 + b"}"),
        (b"(X\x06\x00\x00\x00weight", b"X\x06\x00\x00\x00weight"),  # a mark that is missing
        (b"q\x00)\x81}", b"r\xff\xff\xff\x7f)\x81}"),
        (b"training", b"training"[:-1]),
    ],
    ids=["claim", "strides", "depth", "mark", "memo", "length"],
)
def test_pickles_that_harm(records: dict[str, bytes], before: bytes, after: bytes) -> None:
    """What torch's reader in C++ does not look for."""
    assert before in records[DATA]
    with pytest.raises(ArchiveError, match=r"\.data/"):
        load({**records, DATA: records[DATA].replace(before, after, 1)})


def test_storages_that_are_too_short(records: dict[str, bytes]) -> None:
    """A storage may be cut below a right checksum."""
    with pytest.raises(ArchiveError, match=r"'\.data/0\.storage'.*it has 12 bytes, its tensors need 16"):
        load({**records, ".data/0.storage": records[".data/0.storage"][:12]})


def test_what_torch_refuses_is_ours(records: dict[str, bytes]) -> None:
    """An error of its compiler comes as one exception of ours, with its text; with `compat` it is torch's own."""
    changed = with_statement(records, "q = torch.nothing_of_that_name(input)")
    with pytest.raises(ArchiveError, match=r"TorchScript module '0' cannot be read:[\s\S]*nothing_of_that_name"):
        load(changed)
    with pytest.raises(RuntimeError) as caught:
        load(changed, compat="torch")
    assert type(caught.value) is RuntimeError


def test_calculations_of_variables_stay(records: dict[str, bytes]) -> None:
    """The same operators are harmless where torch has nothing to calculate them with before the code runs."""
    for statement in (
        "q = torch.remainder(torch.ones([3]), 2)",
        "q = torch.floordiv(torch.len(torch.size(input)), 2)",
        'q = torch.ljust("a", torch.dim(input))',
    ):
        assert load(with_statement(records, statement))(torch.ones(1, 2)).shape == (1, 2)


@pytest.mark.parametrize("kind", ["float8_e4m3fn", "uint16", "uint64", "bits8", "int4", "bool", "complex128", "meta"])
def test_rare_kinds_of_tensors(kind: str) -> None:
    """What torch writes is not refused, whatever its elements are."""
    data = torch.zeros(3, device="meta") if kind == "meta" else torch.empty(3, dtype=getattr(torch, kind))
    module = torch.nn.Identity()
    module.register_buffer("data", data)
    buffer = io.BytesIO()
    with PackageExporter(buffer) as exporter:
        exporter.save_pickle("res", "x.pkl", torch.jit.script(module))
    loaded = PackageImporter(buffer).load_pickle("res", "x.pkl").data
    assert (loaded.dtype, loaded.shape, loaded.device) == (data.dtype, data.shape, data.device)
    if kind == "meta":
        with pytest.raises(ArchiveError, match="device meta"):
            PackageImporter(buffer).load_pickle("res", "x.pkl", map_location="cpu")


def test_shared_storages_hold_what_scripts_need(records: dict[str, bytes]) -> None:
    """A pickle beside that takes a storage for shorter than a TorchScript module does, gets one of its own."""
    short = (
        b"\x80\x03(ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nK\x00X\x03\0\0\0cpuK\x01"
        b"tQK\x00K\x01\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR"
        b"(X\x0e\0\0\0reduce_packageK\x00ctorch.jit._script\nunpackage_script_module\nX\x01\0\0\x000\x85tQt."
    )
    first, module = load({**records, ".data/extern_modules": b"torch\ncollections\n", "res/x.pkl": short})
    assert first.numel() == 1
    assert module.weight.untyped_storage().nbytes() == 16
    assert module(torch.ones(1, 2)).shape == (1, 2)
