"""The words of a source are what a pattern finds in it, and are kept apart from its facts."""

import re
from pathlib import Path

import pytest

from tpkg_analyzer.scan.facts import read_facts
from tpkg_analyzer.scan.reader import FactsReader
from tpkg_analyzer.scan.words import words_in
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.store import Store

WORDS = [
    "a b a",
    "1e5 0x1F 12 _x9 9x",
    "é éa aé b·c x²",
    "“quoted” a’b",
    "x\ud800y",
    "a\u2028b\xa0c",
    "",
    "日本 n日本 9日",
]


@pytest.mark.parametrize("text", WORDS)
def test_words_are_those_of_the_pattern(text: str) -> None:
    found = words_in(text).split(" ") if text else []
    assert len(found) == len(set(found))
    # What follows a number directly is the end of that number, or a keyword.
    expected = set(re.findall(r"(?<![0-9])[A-Za-z_]\w*", text))
    assert {word for word in found if not word[0].isdigit()} == expected


@pytest.mark.parametrize(
    ("source", "mentions"),
    [("x = __file__", True), ("x.__file__", True), ("'__file__'", True), ("x__file__", False), ("__file__x", False)],
)
def test_facts_tell_whether_a_file_names_its_place(source: str, *, mentions: bool) -> None:
    assert read_facts(source.encode()).mentions_file is mentions


def test_words_are_remembered_and_follow_the_file(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("first = second\n")
    for _ in range(2):  # the second reader finds them in the store
        store = Store(tmp_path / "cache")
        reader = FactsReader(Disk(), (3, 11), store)
        assert reader.words_of(str(file)) == {"first", "second"}
        store.close()
    file.write_text("third = 3  # and more\n")
    assert reader.words_of(str(file)) == {"first", "second"}
    reader.forget(str(file))
    assert reader.words_of(str(file)) == {"third", "and", "more", "3"}
    assert FactsReader(Disk(), (3, 11)).words_of(str(tmp_path / "none.py")) == frozenset()
