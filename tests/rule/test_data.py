"""Tables of plain data are blanks to a close parse; what is around them is where it was."""

import ast

import libcst as cst
import pytest

from tpkg_analyzer.rule.data import without_data
from tpkg_analyzer.rule.parsing import parse
from tpkg_analyzer.rule.places import Places

TABLES = {
    "numbers": "X = [" + ", ".join(map(str, range(2000))) + "]",
    "lines of numbers": "X = [\n" + "    1, -2, 0.5,\n" * 700 + "]  # numbers",
    "rows": "X = (\n" + "    (1, 'é', None),  # a row\n" * 1500 + ")",
    "strings of lines": "X = {\n" + '"""a\nb""",\n' * 1500 + "}",
    "in a call": "X = array([" + "1, " * 2000 + "], dtype=float)",
    "in a class": "class C:\n    x = [" + "1, " * 2000 + "]\n    y = 1",
}
KEPT = {
    "few": "X = [" + "1, " * 900 + "]",
    "calls": "X = [" + "f(), " * 2000 + "]",
    "names": "X = [" + "a, " * 2000 + "]",
    "no brackets": "X = " + "1, " * 2000 + "2",
}
AROUND = "é = 1\n{}\nimport a; b = 2\n\n\ndef f():\n    return 1\n"


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_all_else_keeps_its_place(table: str) -> None:
    source = AROUND.format(table)
    cut = without_data(source, ast.parse(source))
    assert len(cut) == len(source)
    assert sum(1 for _ in ast.walk(ast.parse(cut))) < 60
    before, after = ast.parse(source), ast.parse(cut)
    for one, other in zip(before.body, after.body, strict=True):
        for attribute in ("lineno", "col_offset", "end_lineno"):
            assert getattr(one, attribute) == getattr(other, attribute)
    tree = parse(source, 10)
    places = Places(tree, source, {})
    assert places.span(tree.body[-1]).line == before.body[-1].lineno


@pytest.mark.parametrize("table", KEPT.values(), ids=KEPT)
def test_what_is_no_large_table_of_data_is_kept(table: str) -> None:
    source = AROUND.format(table)
    assert without_data(source, ast.parse(source)) == source
    assert parse(source, 10).deep_equals(cst.parse_module(source))
