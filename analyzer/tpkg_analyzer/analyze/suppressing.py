"""Writes suppressions: comments for the findings of one text. Reads and writes no file."""

import io
import re
import tokenize
from collections.abc import Iterable
from pathlib import Path

from tpkg_analyzer.analyze.edits import apply_edits
from tpkg_analyzer.model.diagnostic import Diagnostic, Edit
from tpkg_runtime.spec.source import Span, split_lines

NEVER = frozenset({"TPK001", "TPK002", "TPK003", "TPK009"})
"""What no comment keeps quiet, or what it makes no sense to keep quiet."""

_LISTED = re.compile(r"#\s*tpkg:\s*ignore\[(?P<codes>[^\]]*)\]", re.IGNORECASE)


def with_ignores(text: str, findings: Iterable[Diagnostic], reason: str = "") -> str:
    """Return the text with a comment behind each line that has findings, or with their codes in the one that is there.

    Where a line cannot be followed by a comment, it goes behind the last line of its statement.
    """
    wanted = [finding for finding in findings if finding.code not in NEVER]
    if not wanted:
        return text
    path = wanted[0].path
    lines = split_lines(text)
    ends = _line_ends(lines) if path.suffix == ".py" else {}
    placed: dict[int, set[str]] = {}
    for finding in wanted:
        line = finding.span.line
        placed.setdefault(ends.get(line, line), set()).add(finding.code)
    return apply_edits(text, [_edit(path, line, lines[line - 1], codes, reason) for line, codes in placed.items()])


def _edit(path: Path, line: int, text: str, codes: set[str], reason: str) -> Edit:
    because = f" -- {reason}" if reason else ""
    there = _LISTED.search(text)
    if there is not None:
        known = [word.strip() for word in there["codes"].split(",") if word.strip()]
        span = Span(line, there.start("codes") + 1, line, there.end() + 1)
        has_one = text[there.end() :].lstrip().startswith("--")
        return Edit(path, span, ", ".join([*known, *sorted(codes - set(known))]) + f"]{'' if has_one else because}")
    span = Span(line, len(text.rstrip()) + 1, line, len(text) + 1)
    return Edit(path, span, f"  # tpkg: ignore[{', '.join(sorted(codes))}]{because}")


def _line_ends(lines: list[str]) -> dict[int, int]:
    """Map each line that ends inside of a string, or with a backslash, to the last line of its statement."""
    moved: dict[int, int] = {}
    first = 1
    open_lines: set[int] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
            if token.end[0] > token.start[0] and token.type not in (tokenize.NEWLINE, tokenize.NL):
                open_lines |= set(range(token.start[0], token.end[0]))
            if token.type == tokenize.NEWLINE:
                last = token.start[0]
                open_lines |= {line for line in range(first, last) if lines[line - 1].endswith("\\")}
                moved.update(dict.fromkeys(open_lines, last))
                open_lines, first = set(), last + 1
    except (tokenize.TokenError, SyntaxError):
        pass
    return moved
