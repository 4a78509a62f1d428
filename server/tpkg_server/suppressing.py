"""Comments that keep a finding quiet, as edits. One comment of a line or file takes further codes."""

import re
from collections.abc import Sequence

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit
from tpkg_runtime.spec.source import Span

_LINE = re.compile(r"#\s*tpkg:\s*ignore\[(?P<codes>[^\]]*)(?=\])", re.IGNORECASE)
_FILE = re.compile(r"#\s*tpkg:\s*ignore-file\[(?P<codes>[^\]]*)(?=\])", re.IGNORECASE)


def ignore_line(lines: Sequence[str], finding: Diagnostic) -> Edit:
    """Return the edit that keeps a finding quiet on its line."""
    number = finding.span.line
    line = lines[number - 1] if number <= len(lines) else ""
    if (found := _LINE.search(line)) is not None:
        return _more(finding, number, found)
    if line.endswith("\\"):
        # No comment may follow a backslash; one at the end of the statement covers all its lines.
        while number < len(lines) and lines[number - 1].endswith("\\"):
            number += 1
        line = lines[number - 1]
    blanks = "" if not line.strip() else "  "
    at = len(line.rstrip()) + 1
    return Edit(finding.path, Span(number, at, number, len(line) + 1), f"{blanks}# tpkg: ignore[{finding.code}]")


def ignore_file(lines: Sequence[str], finding: Diagnostic) -> Edit:
    """Return the edit that keeps a rule quiet in the whole file."""
    for number, line in enumerate(lines, start=1):
        if (found := _FILE.search(line)) is not None:
            return _more(finding, number, found)
    # After what has to come first: the interpreter's line and the coding.
    first = 1
    while first <= min(2, len(lines)) and lines[first - 1].startswith("#") and _comes_first(lines[first - 1]):
        first += 1
    return Edit(finding.path, Span(first, 1, first, 1), f"# tpkg: ignore-file[{finding.code}]\n")


def _comes_first(line: str) -> bool:
    return line.startswith("#!") or "coding" in line


def _more(finding: Diagnostic, number: int, found: re.Match[str]) -> Edit:
    at = found.end("codes") + 1
    comma = ", " if found["codes"].strip() else ""
    return Edit(finding.path, Span(number, at, number, at), f"{comma}{finding.code}")
