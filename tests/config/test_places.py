"""The places of keys and values in TOML."""

import sys
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tpkg_analyzer.config.places import places_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TEXT = '''\
# a comment with ] and "quotes"
title = "a # b"
[a.b]
"quoted key" = 1
nested = { x = [1, 2], y = { z = """
multi ] line""" } }   # after
date = 1979-05-27 07:32:00
[[list]]
v = [
  "one",  # first
  'two',
]
[[list]]
v.w = true
[[list.inner]]
u = 1.5
'''


def at(text: str, path: tuple[str | int, ...]) -> str:
    span = places_of(text)[path]
    lines = text.split("\n")
    taken = lines[span.line - 1 : span.end_line]
    taken[-1] = taken[-1][: span.end_column - 1]
    taken[0] = taken[0][span.column - 1 :]
    return "\n".join(taken)


def test_values_of_every_form() -> None:
    assert at(TEXT, ("title",)) == '"a # b"'
    assert at(TEXT, ("a", "b", "quoted key")) == "1"
    assert at(TEXT, ("a", "b", "nested", "x", 1)) == "2"
    assert at(TEXT, ("a", "b", "nested", "y", "z")) == '"""\nmulti ] line"""'
    assert at(TEXT, ("a", "b", "date")) == "1979-05-27 07:32:00"
    assert at(TEXT, ("list", 0)) == "[[list]]"
    assert at(TEXT, ("list", 0, "v", 1)) == "'two'"
    assert at(TEXT, ("list", 1, "v", "w")) == "true"
    assert at(TEXT, ("list", 1, "inner", 0, "u")) == "1.5"


KEYS = st.text("abc-_", min_size=1, max_size=4)
VALUES = st.recursive(
    st.integers(-9, 9) | st.booleans() | st.text(' ab#]}"=é😀', max_size=5).map(lambda text: {"text": text}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3).map(lambda d: {"table": d}),
    max_leaves=8,
)


def written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(written(item) for item in value) + "]"
    if isinstance(value, dict):
        if "text" in value:
            return '"' + value["text"].replace('"', '\\"') + '"'
        return "{ " + ", ".join(f"{key} = {written(item)}" for key, item in value["table"].items()) + " }"
    return str(value)


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return value["text"] if "text" in value else {key: plain(item) for key, item in value["table"].items()}
    return value


def leaves(value: Any, path: tuple[str | int, ...]) -> dict[tuple[str | int, ...], Any]:
    if isinstance(value, dict):
        return {p: leaf for key, item in value.items() for p, leaf in leaves(item, (*path, key)).items()}
    if isinstance(value, list):
        return {p: leaf for key, item in enumerate(value) for p, leaf in leaves(item, (*path, key)).items()}
    return {path: value}


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_the_text_at_each_place_is_the_value_there(document: dict[str, Any]) -> None:
    text = "".join(f"{key} = {written(value)} # end\n" for key, value in document.items())
    assert tomllib.loads(text) == {key: plain(value) for key, value in document.items()}
    for path, value in leaves({key: plain(item) for key, item in document.items()}, ()).items():
        assert tomllib.loads(f"it = {at(text, path)}")["it"] == value
