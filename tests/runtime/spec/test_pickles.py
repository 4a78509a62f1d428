"""The GLOBALs of pickles, against the standard library's reader of opcodes."""

import collections
import datetime
import decimal
import pickle
import pickletools
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tpkg_runtime.spec.pickles import pickle_globals


class Outer:
    """Something to pickle, and something in it."""

    class Inner:
        """A nested class."""

    def __init__(self, *content: Any) -> None:
        self.content = content


ATOMS = st.one_of(
    st.integers(), st.floats(), st.text(), st.binary(), st.booleans(), st.none(), st.complex_numbers(),
    st.sampled_from([Outer, Outer.Inner, collections.OrderedDict, len, decimal.Decimal(3), datetime.date(2020, 1, 2)]),
    st.text(min_size=250, max_size=300), st.sampled_from(["collections", "OrderedDict", "builtins", "c\nos\nsystem"]),
)  # fmt: skip
HASHABLE = st.one_of(st.integers(), st.text(), st.booleans(), st.binary())
OBJECTS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner),
        st.tuples(inner, inner),
        st.dictionaries(HASHABLE, inner),
        st.sets(HASHABLE),
        st.frozensets(HASHABLE),
        inner.map(Outer),
        st.lists(inner).map(lambda each: [each, each]),
        st.dictionaries(HASHABLE, inner).map(collections.OrderedDict),
    ),
    max_leaves=20,
)


def expected(data: bytes) -> list[tuple[str, str]]:
    """Return what unpickling really asks for, in order."""
    asked: dict[tuple[str, str], None] = {}

    class Watching(pickle._Unpickler):  # type: ignore[misc, name-defined]
        def find_class(self, module: str, name: str) -> Any:
            asked[module, name] = None
            return super().find_class(module, name)

    import io

    Watching(io.BytesIO(data)).load()
    return list(asked)


@settings(max_examples=300, deadline=None)
@given(OBJECTS, st.integers(0, 5), st.booleans())
def test_same_as_unpickling(obj: Any, protocol: int, in_python: bool) -> None:
    """For each protocol, from the pickler in C and the one in Python."""
    data = pickle._dumps(obj, protocol) if in_python else pickle.dumps(obj, protocol)  # type: ignore[attr-defined]
    assert pickle_globals(data) == expected(data)


def test_every_opcode_is_known() -> None:
    """An opcode without argument, or with one, is skipped; none is taken for the end."""
    samples = {
        None: b"", "uint1": b"\1", "uint2": b"\1\0", "int4": b"\1\0\0\0", "uint4": b"\1\0\0\0", "uint8": bytes(8),
        "float8": bytes(8), "string1": b"\1a", "string4": b"\1\0\0\0a", "bytes1": b"\1a", "bytes4": b"\1\0\0\0a",
        "bytes8": b"\1" + bytes(7) + b"a", "bytearray8": b"\1" + bytes(7) + b"a", "unicodestring1": b"\1a",
        "unicodestring4": b"\1\0\0\0a", "unicodestring8": b"\1" + bytes(7) + b"a", "long1": b"\1a",
        "long4": b"\1\0\0\0a", "stringnl_noescape_pair": b"a\nb\n",
    }  # fmt: skip
    for opcode in pickletools.opcodes:
        if opcode.name in {"STOP", "FRAME"}:
            continue
        argument = (
            samples[opcode.arg.name] if opcode.arg and opcode.arg.name in samples else b"a\n" if opcode.arg else b""
        )
        for start in (b"", b"\x80\x03", b"\x80\x04"):
            found = pickle_globals(start + opcode.code.encode("latin-1") + argument + b"cmodule\nname\n.")
            assert found[-1] == ("module", "name"), opcode.name


@pytest.mark.parametrize(
    "data", [b"", b"\x80", b"\x80\x03", b"\x80\x03X\xff\0\0\0a", b"\x80\x03c", b"\x80\x03\xff.", b"hello"]
)
def test_no_pickles(data: bytes) -> None:
    """What is no pickle, or half of one."""
    with pytest.raises(ValueError, match="not a pickle"):
        pickle_globals(data)


def test_damage_is_an_error_or_an_answer() -> None:
    """Never anything but ValueError, and always an end."""
    chance = random.Random(3)
    data = pickle.dumps([Outer(1, "two"), Outer.Inner(), collections.OrderedDict(a=1.5)], 4)
    for _ in range(3000):
        copy = bytearray(data)
        copy[chance.randrange(len(copy))] = chance.randrange(256)
        try:
            pickle_globals(bytes(copy[: chance.randrange(len(copy))]) if chance.random() < 0.3 else bytes(copy))
        except ValueError as error:
            assert str(error)  # noqa: PT017
