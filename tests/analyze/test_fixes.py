"""Edits on texts, and fixes in passes: overlapping ones later, those that break a file never."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tpkg_analyzer.analyze.edits import apply_edits, overlaps
from tpkg_analyzer.analyze.fixes import Fixable, Texts, fix_all
from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Fix, Severity
from tpkg_runtime.spec.source import Span

FILE = Path("/project/model.py")


def edit(begin: tuple[int, int], end: tuple[int, int], text: str, path: Path = FILE) -> Edit:
    return Edit(path, Span(*begin, *end), text)


def finding(symbol: str, *edits: Edit, is_safe: bool = True) -> Diagnostic:
    span = edits[0].span
    fix = Fix(f"settle {symbol}", edits, is_safe)
    return Diagnostic("TPK999", "example", "said", Severity.ERROR, FILE, span, symbol, fix=fix)


def words_in(text: str, replacements: dict[str, str]) -> list[Diagnostic]:
    """Find words at the begin of lines, each with the fix to replace it."""
    return [
        finding(word, edit((number, 1), (number, 1 + len(word)), new))
        for number, line in enumerate(text.splitlines(), 1)
        for word, new in replacements.items()
        if line.startswith(word)
    ]


def over(text: str, find: Callable[[str], list[Diagnostic]]) -> Fixable:
    """A project of one file."""

    def found(texts: Texts) -> list[Diagnostic]:
        return find(texts.get(FILE, text))

    return Fixable(found, {FILE: text}.get)


@pytest.mark.parametrize(
    ("text", "edits", "expected"),
    [
        ("a\nb\n", [edit((1, 1), (1, 2), "x"), edit((2, 1), (2, 2), "y")], "x\ny\n"),
        ("a\r\nb\r\n", [edit((2, 1), (2, 2), "y\nz")], "a\r\ny\r\nz\r\n"),
        ("a\rb", [edit((2, 1), (2, 2), "y\nz")], "a\ry\rz"),
        ("a\nb", [edit((1, 1), (3, 1), "")], ""),
        ("é = 'ü'  # 漢\n", [edit((1, 5), (1, 8), "1")], "é = 1  # 漢\n"),
        ("", [edit((1, 1), (1, 1), "x\n")], "x\n"),
    ],
)
def test_edits(text: str, edits: list[Edit], expected: str) -> None:
    assert apply_edits(text, edits) == expected


def test_edits_that_overlap_are_refused() -> None:
    one, other = edit((1, 1), (1, 3), "x"), edit((1, 2), (1, 4), "y")
    assert overlaps(one, other)
    assert overlaps(edit((1, 1), (1, 1), "x"), edit((1, 1), (1, 1), "y"))
    assert not overlaps(edit((1, 1), (1, 2), "x"), edit((1, 2), (1, 3), "y"))
    assert not overlaps(one, edit((1, 2), (1, 4), "y", Path("/project/other.py")))
    with pytest.raises(ValueError, match="overlap"):
        apply_edits("abcd", [one, other])


def test_fixes_are_made_until_there_is_none_left() -> None:
    done = fix_all(over("one = 1\ntwo = 2\n", lambda text: words_in(text, {"one": "two", "two": "three"})))
    assert done.texts == {FILE: "three = 1\nthree = 2\n"}
    assert [item.symbol for item in done.applied] == ["one", "two", "two"]


def test_a_fix_that_waits_is_made_where_no_other_is_left() -> None:
    def find(text: str) -> list[Diagnostic]:
        found = words_in(text, {"one": "two", "two": "three", "idle": "gone"})
        return [replace(item, fix=item.fix and replace(item.fix, waits=item.symbol == "idle")) for item in found]

    done = fix_all(over("idle = 0\none = 1\n", find))
    assert [item.symbol for item in done.applied] == ["one", "two", "idle"]


def test_overlapping_fixes_are_made_in_later_passes() -> None:
    def insertions(text: str) -> list[Diagnostic]:
        wanted = [name for name in ("a", "b") if f"import {name}" not in text]
        return [finding(name, edit((1, 1), (1, 1), f"import {name}\n")) for name in wanted]

    done = fix_all(over("x = 1\n", insertions))
    assert done.texts == {FILE: "import b\nimport a\nx = 1\n"}


def test_one_fix_for_several_findings_is_made_once() -> None:
    def twice(text: str) -> list[Diagnostic]:
        same = edit((1, 1), (1, 1), "import a\n")
        return [] if "import a" in text else [finding("a.b", same), finding("a.c", same)]

    done = fix_all(over("x = 1\n", twice))
    assert done.texts == {FILE: "import a\nx = 1\n"}
    assert [item.symbol for item in done.applied] == ["a.b", "a.c"]


def test_a_fix_after_which_the_file_does_not_parse_is_refused_and_the_others_are_made() -> None:
    done = fix_all(over("one = 1\ntwo = 2\n", lambda text: words_in(text, {"one": "1 +", "two": "three"})))
    assert done.texts == {FILE: "one = 1\nthree = 2\n"}
    assert [item.symbol for item in done.refused] == ["one"]


def test_a_fix_is_made_as_a_whole() -> None:
    """One of its files may not be changed, so the other is not changed either."""
    outside = edit((1, 1), (1, 1), "x", Path("/elsewhere/a.py"))
    done = fix_all(over("one = 1\n", lambda _: [finding("one", edit((1, 1), (1, 4), "two"), outside)]))
    assert done.texts == {}
    assert [item.symbol for item in done.refused] == ["one"]


@pytest.mark.parametrize("unsafe", [True, False])
def test_unsafe_fixes_have_to_be_asked_for(unsafe: bool) -> None:
    def find(text: str) -> list[Diagnostic]:
        change = edit((1, 1), (1, 4), "two")
        return [finding("one", change, is_safe=False)] if text.startswith("one") else []

    assert bool(fix_all(over("one = 1\n", find), unsafe=unsafe).texts) is unsafe


def test_fixes_that_never_end_are_given_up() -> None:
    done = fix_all(over("one = 1\n", lambda _: [finding("one", edit((1, 1), (1, 1), "z"))]))
    assert done.texts[FILE].endswith("zone = 1\n")
