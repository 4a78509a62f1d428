"""Where each key and value of a TOML document stands; the standard parser does not say."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from tpkg_runtime.spec.source import Span

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_SCALAR = re.compile(r"[^,\]}\s#]+(?: \d[^,\]}\s#]*)?")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def places_of(text: str) -> dict[KeyPath, Span]:
    """Return the span of every value of a *valid* TOML document by its path.

    A table's span is that of its header. The path of `a` in the second `[[b]]` is `("b", 1, "a")`.
    """
    return dict(_Scanner(text).document())


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.counts: dict[KeyPath, int] = {}
        self.starts = [0, *(found.end() for found in re.finditer(r"\n", text))]

    def document(self) -> Iterator[tuple[KeyPath, Span]]:
        table: KeyPath = ()
        while self.skip_blank() < len(self.text):
            start = self.at
            if self.text[self.at] == "[":
                is_array = self.text.startswith("[[", self.at)
                self.at += 2 if is_array else 1
                table = self.table_path(self.key(), is_array)
                self.at = self.text.index("]", self.at) + (2 if is_array else 1)
                yield table, self.span(start)
            else:
                yield from self.entry(table)

    def table_path(self, key: tuple[str, ...], is_array: bool) -> KeyPath:
        path: KeyPath = ()
        for position, part in enumerate(key):
            path = (*path, part)
            if is_array and position == len(key) - 1:
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path = (*path, self.counts[path])
        return path

    def entry(self, table: KeyPath) -> Iterator[tuple[KeyPath, Span]]:
        path = (*table, *self.key())
        self.at = self.text.index("=", self.at) + 1
        yield from self.value(path)

    def key(self) -> tuple[str, ...]:
        parts = []
        while True:
            self.skip_blank()
            found = _STRING.match(self.text, self.at) or _BARE.match(self.text, self.at)
            assert found, "places are asked for valid documents only"
            parts.append(found.group().strip("\"'"))
            self.at = found.end()
            if self.text[self.skip_blank() : self.at + 1] != ".":
                return tuple(parts)
            self.at += 1

    def value(self, path: KeyPath) -> Iterator[tuple[KeyPath, Span]]:
        start = self.skip_blank()
        opening = self.text[start]
        if opening in "[{":
            self.at += 1
            index = 0
            while self.text[self.skip_blank()] not in "]}":
                if opening == "[":
                    yield from self.value((*path, index))
                else:
                    yield from self.entry(path)
                index += 1
                if self.text[self.skip_blank()] == ",":
                    self.at += 1
            self.at += 1
        else:
            found = _STRING.match(self.text, start) or _SCALAR.match(self.text, start)
            assert found, "places are asked for valid documents only"
            self.at = found.end()
        yield path, self.span(start)

    def skip_blank(self) -> int:
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at

    def span(self, start: int) -> Span:
        line, column = self.position(start)
        end_line, end_column = self.position(self.at)
        return Span(line, column, end_line, end_column)

    def position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1
