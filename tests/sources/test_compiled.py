"""Bytecode proves that Python compiles a file, but only of this very file."""

import importlib.util
import os
import py_compile
from pathlib import Path

from tpkg_analyzer.sources.compiled import is_compiled


def test_a_file_that_was_compiled_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_text("x = 1\n")
    assert not is_compiled(str(file))
    py_compile.compile(str(file), invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
    assert is_compiled(str(file))


def test_a_file_that_was_changed_since(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_text("x = 1\n")
    py_compile.compile(str(file), invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
    os.utime(file, (1, 1))
    assert not is_compiled(str(file))
    file.write_text("x = = 1\n")
    assert not is_compiled(str(file))


def test_bytecode_that_is_of_something_else(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_text("x = 1\n")
    py_compile.compile(str(file), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    assert not is_compiled(str(file))
    made = Path(importlib.util.cache_from_source(str(file)))
    for data in (b"", b"short", b"\0" * 16):
        made.write_bytes(data)
        assert not is_compiled(str(file))
    assert not is_compiled(str(tmp_path / "gone.py"))
