"""Jupyter notebooks as Python: the code cells one below the other, each under a line that says which cell it is.

The form is that of the percent scripts that editors know. What IPython adds to the language (magics, shell commands,
help) is kept in comments, so that the text parses, has its lines where the cells have them, and can be turned back.
"""

import ast
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

SUFFIX = ".ipynb"

_MARK = re.compile(r"# %% \[cell (\d+)\]")
_MAGIC = re.compile(r"(?P<indent>\s*)(?P<target>[\w., \t]+=\s*)?(?P<magic>[%!?].*|[\w.]+\?\??)")
_KEPT = re.compile(r"(?P<indent>\s*)(?P<target>.+=\s*)?(?:pass|None)  # ipython: (?P<magic>.*)")
_OTHER_LANGUAGE = re.compile(r"%%(?!time\b|timeit\b|capture\b|prun\b)\w+")
_SKIPPED = "# ipython cell: "


@dataclass(frozen=True, slots=True)
class CellPlace:
    """A line of a notebook: the number of its cell, counted from 1 over all cells, and the line in it, from 1."""

    cell: int
    line: int


NO_NOTEBOOK = b"not a notebook: "
"""What the text of a file begins with that is called a notebook and is none. It is no Python."""


def python_of(data: bytes) -> bytes:
    """Return a notebook as Python: nothing for another language, and what does not parse for what is no notebook."""
    try:
        document = json.loads(data)
        if not _is_python(document):
            return b""
        return "".join(text_of_cell(number, source) for number, source in _code_cells(document)).encode()
    except (ValueError, RecursionError) as error:
        return NO_NOTEBOOK + f"{error}\n".encode()


def with_python(data: bytes, text: str) -> bytes:
    """Return the notebook with the code of `text`, which must have the same cells. Raises ValueError."""
    original = data.decode("utf-8")
    document = json.loads(original)
    sources = dict(_split(text))
    numbers = [number for number, _ in _code_cells(document)]
    if sorted(sources) != numbers:
        raise ValueError("the cells are not those of the notebook")
    for number, before in _code_cells(document):
        after = _as_written(sources[number])
        if _without_end(_as_written(_cell_text(before))) == _without_end(after):
            continue  # a cell that has not changed keeps its bytes
        source = after if before.endswith("\n") else _without_end(after)
        cell = document["cells"][number - 1]
        cell["source"] = source.splitlines(keepends=True) if isinstance(cell["source"], list) else source
    indent = re.search(r"\n([ \t]+)", original)
    written = json.dumps(document, ensure_ascii=False, indent=indent.group(1) if indent else None)
    return (written + ("\n" if original.endswith("\n") else "")).encode()


def place_in(lines: Sequence[str], line: int) -> CellPlace | None:
    """Return where a line (from 1) of a notebook's text lies; None in a text that is none of a notebook."""
    for number in range(min(line, len(lines)), 0, -1):
        if found := _MARK.fullmatch(lines[number - 1].rstrip("\r\n")):
            return CellPlace(int(found[1]), max(line - number, 1))
    return None


def _is_python(document: object) -> bool:
    metadata = _object(_object(document, "the JSON").get("metadata", {}), "`metadata`")
    info = _object(metadata.get("language_info", {}), "`language_info`")
    kernel = _object(metadata.get("kernelspec", {}), "`kernelspec`")
    return str(info.get("name") or kernel.get("language") or "python").lower() in ("python", "ipython")


def _code_cells(document: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Give the number and the source of each code cell. Raises ValueError, which says what is wrong with a cell."""
    cells = document.get("cells")
    if not isinstance(cells, list):
        raise ValueError("it has no list of `cells`")
    for number, cell in enumerate(cells, 1):
        kind = _object(cell, f"cell {number}").get("cell_type")
        if not isinstance(kind, str):
            raise ValueError(f"cell {number} has no `cell_type`")
        if kind == "code":
            source = cell.get("source")
            rows = [source] if isinstance(source, str) else source
            if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
                raise ValueError(f"the `source` of cell {number} is neither a text nor a list of lines")
            yield number, "".join(rows)


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is not an object")
    return value


def text_of_cell(number: int, source: str) -> str:
    """Return the part of a notebook's text that is a code cell, by its number among all cells, counted from 1."""
    return f"# %% [cell {number}]\n{_cell_text(source)}"


def _cell_text(source: str) -> str:
    text = source if not source or source.endswith("\n") else source + "\n"
    first = text.lstrip().partition("\n")[0]
    if _OTHER_LANGUAGE.match(first):
        return "".join(f"{_SKIPPED}{line}\n" for line in text.splitlines())
    if _parses(text):
        return text
    return "".join(_without_magic(line) for line in text.splitlines(keepends=True))


def _without_magic(line: str) -> str:
    found = _MAGIC.fullmatch(line.rstrip("\r\n"))
    if found is None:
        return line
    target = found["target"] or ""
    return f"{found['indent']}{target}{'None' if target else 'pass'}  # ipython: {found['magic']}\n"


def _as_written(text: str) -> str:
    rows = []
    for line in text.splitlines(keepends=True):
        kept = _KEPT.fullmatch(line.rstrip("\r\n"))
        if kept is not None:
            line = f"{kept['indent']}{kept['target'] or ''}{kept['magic']}\n"
        rows.append(line.removeprefix(_SKIPPED))
    return "".join(rows)


def _split(text: str) -> Iterator[tuple[int, str]]:
    number = None
    rows: list[str] = []
    for line in text.splitlines(keepends=True):
        found = _MARK.fullmatch(line.rstrip("\r\n"))
        if found is None:
            rows.append(line)
            continue
        if number is not None:
            yield number, "".join(rows)
            rows = []
        # What a fix has put above the first cell belongs into it.
        number = int(found[1])
    if number is not None:
        yield number, "".join(rows)


def _without_end(text: str) -> str:
    return text.removesuffix("\n")


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
