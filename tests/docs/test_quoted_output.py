"""What README and site quote is what the tool prints.

A block of `console` with the title "in FOLDER" is run there, in a copy of the examples. A line "..." stands for any
lines, " ..." at the end of a line for any more of it; the rest has to be on standard output, in this order.
The title may go on with the exit status: "in FOLDER, status 0".
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [ROOT / "README.md", ROOT / "docs" / "tutorial.md", ROOT / "docs" / "how-to" / "why.md"]
TITLE = re.compile(r'console title="in (?P<folder>[^",]+)(?:, status (?P<status>\d))?"')
GAP = "..."


@dataclass(frozen=True)
class Quote:
    """One command with the lines that a page says it prints."""

    page: str
    line: int
    folder: str
    command: str
    output: tuple[str, ...]
    statuses: tuple[int, ...]


def quotes_in(page: str, markdown: str) -> Iterator[Quote]:
    """Yield the commands of a page; each begins with a dollar sign."""
    for token in MarkdownIt().parse(markdown):
        found = TITLE.fullmatch(token.info)
        if token.type == "fence" and found:
            for part in re.split(r"^\$ ", token.content, flags=re.MULTILINE)[1:]:
                command, *output = part.rstrip("\n").split("\n")
                statuses = (int(found["status"]),) if found["status"] else (0, 1)
                yield Quote(page, (token.map or [0])[0] + 1, found["folder"], command, tuple(output), statuses)


QUOTES = [quote for page in PAGES for quote in quotes_in(page.name, page.read_text("utf-8"))]


def is_line(expected: str, printed: str) -> bool:
    """Compare one line, of which the page may quote the beginning only."""
    is_whole = not expected.endswith(f" {GAP}")
    return printed == expected if is_whole else printed.startswith(expected.removesuffix(GAP))


def first_difference(expected: tuple[str, ...], printed: list[str]) -> str | None:
    """Return the first expected line that does not come when it should, None where all do."""
    position, may_skip = 0, False
    for line in expected:
        if line == GAP:
            may_skip = True
            continue
        places = [index for index in range(position, len(printed)) if is_line(line, printed[index])]
        if not places or (not may_skip and places[0] != position):
            return line
        position, may_skip = places[0] + 1, False
    return None if may_skip or not any(printed[position:]) else f"nothing more, but there is: {printed[position]}"


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the examples, where nothing that a command leaves behind is in the way."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__", "dist"))
    return folder


@pytest.mark.torch
@pytest.mark.parametrize("quote", QUOTES, ids=lambda quote: f"{quote.page}:{quote.line}")
def test_quoted_output_is_what_the_tool_prints(quote: Quote, examples: Path) -> None:
    """The command is run by name, as a reader would."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONUTF8": "1", "VIRTUAL_ENV": sys.prefix, "NO_COLOR": "1"}
    words = shlex.split(quote.command)
    run = subprocess.run(
        words, cwd=examples / quote.folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert run.returncode in quote.statuses, run.stdout + run.stderr
    assert first_difference(quote.output, run.stdout.split("\n")) is None


def test_pages_quote_something() -> None:
    """The title that marks a block is still the one that is looked for."""
    assert {quote.page for quote in QUOTES} == {page.name for page in PAGES}


@pytest.mark.parametrize(
    ("expected", "is_same"),
    [
        (("a", "b", "c d"), True),
        (("a", "b", "c ..."), True),
        (("a", "b", "d ..."), False),
        (("a", "..."), True),
        (("...", "c d"), True),
        (("a", "...", "c d"), True),
        (("a", "c d"), False),
        (("a", "b"), False),
        (("...", "c d", "b"), False),
        (("b", "c d"), False),
    ],
)
def test_comparison(expected: tuple[str, ...], is_same: bool) -> None:
    """Three lines are printed; a gap stands for any lines, and only a gap does."""
    assert (first_difference(expected, ["a", "b", "c d", ""]) is None) == is_same
