"""The comments that the editor offers do keep the finding quiet, and the code stays the same."""

import ast
from pathlib import Path

import pytest

from tpkg_analyzer.analyze.suppressions import suppressions_in, unsuppressed
from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Severity
from tpkg_runtime.spec.source import Span, split_lines
from tpkg_server.suppressing import ignore_file, ignore_line

PATH = Path("m.py")


def finding(line: int) -> Diagnostic:
    """Return a finding on a line."""
    return Diagnostic("TPK202", "host-import", "", Severity.ERROR, PATH, Span(line, 1, line, 2))


def applied(source: str, edit: Edit) -> str:
    """Return the source after an edit on one line."""
    lines = split_lines(source)
    row, span = lines[edit.span.line - 1], edit.span
    lines[span.line - 1] = row[: span.column - 1] + edit.text + row[span.end_column - 1 :]
    return "\n".join(lines)


SOURCES = [
    ("x = 1\n", 1),
    ("x = 1   \n", 1),
    ("x = 1  # why\n", 1),
    ("x = 1  # tpkg: ignore[TPK301]\n", 1),
    ("x = 1  # tpkg: ignore[]\n", 1),
    ("x = 1 + \\\n  2\n", 1),
    ("x = [\n  1,\n]\n", 2),
    ("#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nx = 1\n", 3),
    ('"""Text."""\nx = 1\n', 2),
    ("# tpkg: ignore-file[TPK301]\nx = 1\n", 2),
    ("x = '😀'; y = 2\n", 1),
]


@pytest.mark.parametrize("make", [ignore_line, ignore_file])
@pytest.mark.parametrize(("source", "line"), SOURCES)
def test_finding_is_quiet(make: object, source: str, line: int) -> None:
    """The finding on its line, which may have moved, is covered; the syntax tree is the one from before."""
    assert callable(make)
    edit = make(split_lines(source), finding(line))
    changed = applied(source, edit)
    moved = line + (1 if edit.text.endswith("\n") else 0)
    assert list(unsuppressed([finding(moved)], suppressions_in(changed))) == []
    assert ast.dump(ast.parse(changed)) == ast.dump(ast.parse(source))
