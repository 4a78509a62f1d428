"""A fix as the lines that it takes away and puts in."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

from tpkg_analyzer.analyze.edits import apply_edits
from tpkg_analyzer.model.diagnostic import Edit, Fix
from tpkg_analyzer.render.printable import printable
from tpkg_analyzer.render.report import Report
from tpkg_analyzer.render.style import Style

_MOST_LINES = 12


def diff_lines(fix: Fix, path: Path, report: Report) -> Iterator[str]:
    """Yield the changed lines with their numbers; a file other than `path`, where the finding is, is named first."""
    for changed in sorted({edit.path for edit in fix.edits}):
        lines = report.lines(changed)
        edits = [edit for edit in fix.edits if edit.path == changed]
        if changed != path:
            yield f"  {report.style.dim(report.printed(changed))}"
        rows = list(_changed(lines, edits, report.style))
        yield from rows[:_MOST_LINES]
        if len(rows) > _MOST_LINES:
            yield report.style.dim(f"  ... {len(rows) - _MOST_LINES} lines more")


def _changed(lines: Sequence[str], edits: Sequence[Edit], style: Style) -> Iterator[str]:
    first = min(edit.span.line for edit in edits)
    last = max(edit.span.end_line for edit in edits)
    if last > len(lines):
        return
    before = list(lines[first - 1 : last])
    # Only the lines that are touched are compared: a file may be long and have many findings.
    after = apply_edits("\n".join(before), [_moved(edit, 1 - first) for edit in edits]).split("\n")
    width = len(str(last))
    for tag, low, high, new_low, new_high in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for index in range(low, high):
            yield f"{first + index:>{width}} {style.red(printable(f'- {before[index]}').rstrip())}"
        for index in range(new_low, new_high):
            yield f"{first + index:>{width}} {style.green(printable(f'+ {after[index]}').rstrip())}"


def _moved(edit: Edit, lines: int) -> Edit:
    span = edit.span
    return replace(edit, span=replace(span, line=span.line + lines, end_line=span.end_line + lines))
