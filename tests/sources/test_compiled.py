"""Bytecode proves that Python compiles a file, but only of this very file."""

import importlib.util
import os
import py_compile
import sys
from pathlib import Path

from tpkg_analyzer.sources.compiled import is_compiled

OWN = (sys.version_info[0], sys.version_info[1])


def test_a_file_that_was_compiled_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_text("x = 1\n")
    assert not is_compiled(str(file), OWN)
    py_compile.compile(str(file), invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
    assert is_compiled(str(file), OWN)


def test_a_file_that_was_changed_since(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_text("x = 1\n")
    py_compile.compile(str(file), invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
    os.utime(file, (1, 1))
    assert not is_compiled(str(file), OWN)
    file.write_text("x = = 1\n")
    assert not is_compiled(str(file), OWN)


def test_bytecode_that_is_of_something_else(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_text("x = 1\n")
    py_compile.compile(str(file), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    assert not is_compiled(str(file), OWN)
    made = Path(importlib.util.cache_from_source(str(file)))
    for data in (b"", b"short", b"\0" * 16):
        made.write_bytes(data)
        assert not is_compiled(str(file), OWN)
    assert not is_compiled(str(tmp_path / "gone.py"), OWN)


def test_bytecode_of_another_python_is_proof_for_that_one(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_text("x = 1\n")
    py_compile.compile(str(file), invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
    made = Path(importlib.util.cache_from_source(str(file)))
    other = made.with_name("m.cpython-399.pyc")
    data = made.read_bytes()
    other.write_bytes(b"\x99\x99" + data[2:])
    assert is_compiled(str(file), (3, 99))
    assert not is_compiled(str(file), (3, 98))
    other.write_bytes(b"\x99\x99\0\0" + data[4:])
    assert not is_compiled(str(file), (3, 99))
    other.write_bytes(b"\x99\x99" + data[2:])
    file.write_text("x = 1 +\n")
    assert not is_compiled(str(file), (3, 99))
