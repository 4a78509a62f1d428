"""The statements of a function that has to stay which hold nothing that matters, by their text.

A statement of the body begins in the body's own column and goes on to the next one there. One that is cut in the
middle, of a bracket or of a clause, leaves what no parser takes.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from tpkg_analyzer.scan.bodies import between
from tpkg_analyzer.scan.definitions import Definition
from tpkg_analyzer.scan.depth import may_be_deep
from tpkg_analyzer.scan.strings import Spans, end_of_string

_FIRST = re.compile(r"\n( *)[^ \n#]")


class Cut(NamedTuple):
    """A range of a source, and what stands there instead."""

    begin: int
    end: int
    left: str


def cuts_of(source: str, definition: Definition, end: int, places: Sequence[int], strings: Spans) -> Iterator[Cut]:
    """Yield what of a body holds none of `places` and nothing deep, in order.

    `end` is where the last statement ends, `places` are positions in the body, in order.
    """
    first = _FIRST.search(source, definition.body - 1, end)
    if first is None or len(first[1]) <= definition.column:
        return
    begins = [found.start() + 1 for found in _statement_in(len(first[1])).finditer(source, definition.body - 1, end)]
    if strings[0]:
        begins = [begin for begin in begins if end_of_string(strings, begin) is None]
    cut = begin = begins[0] if begins else end
    for after in (*begins[1:], end):
        if between(places, begin, after) or may_be_deep(source[begin:after]):
            if cut < begin:
                yield Cut(cut, begin, "\n" * source.count("\n", cut, begin))
            cut = after
        begin = after
    if cut < end:
        yield Cut(cut, end, "\n" * source.count("\n", cut, end) + first[1] + "pass")


@cache
def _statement_in(column: int) -> re.Pattern[str]:
    return re.compile(rf"\n(?<!\\\n) {{{column}}}(?![ \n#)\]}}]|(?:else|elif|except|finally)\b)")
