"""Text files are clean: UTF-8, no stray blanks, nothing that promises future work, nothing that names this machine."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT, text_files

# Files that are wrong on purpose.
ODD = ROOT / "tests" / "data"
# The brackets keep this file from matching itself.
PROMISES = re.compile(r"\b(T[O]DO|FIXM[E]|XX[X]|HAC[K]|coming[ ]soon|not[ ]yet[ ]implemented)\b", re.IGNORECASE)


def faults_of(path: Path, data: bytes) -> Iterator[str]:
    """Yield what is unclean about a file."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        yield "is not UTF-8"
        return
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield "does not end with one newline"
    if "\r" in text:
        yield "has carriage returns"
    if "\t" in text and path.suffix in {".py", ".toml", ".md"}:
        yield "has tabs"
    for number, line in enumerate(text.split("\n"), start=1):
        if line != line.rstrip():
            yield f"has blanks at the end of line {number}"
        if promise := PROMISES.search(line):
            yield f"promises something in line {number}: {promise.group()}"
    if str(ROOT) in text or f"{Path.home()}/" in text:
        yield "names a place of this machine"


def test_texts_are_clean() -> None:
    """All of them, whether committed or about to be."""
    files = [path for path in text_files() if ODD not in path.parents]
    assert Path(__file__) in files
    faults = [f"{path.relative_to(ROOT)} {fault}" for path in files for fault in faults_of(path, path.read_bytes())]
    assert faults == []


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"caf\xe9\n", "is not UTF-8"),
        (b"x = 1", "does not end with one newline"),
        (b"x = 1\n\n", "does not end with one newline"),
        (b"x = 1\r\n", "has carriage returns"),
        (b"x =\t1\n", "has tabs"),
        (b"x = 1 \n", "has blanks at the end of line 1"),
        (b"x = 1\n# t\x6fdo: more\n", "promises something in line 2: t\x6fdo"),
        (f"x = '{ROOT}'\n".encode(), "names a place of this machine"),
    ],
)
def test_fault_is_seen(data: bytes, fault: str) -> None:
    """Each fault that the test above looks for is found where it is."""
    assert fault.casefold() in [found.casefold() for found in faults_of(Path("x.py"), data)]
