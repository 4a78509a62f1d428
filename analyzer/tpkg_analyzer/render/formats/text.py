"""Findings for people: `full` with the code frame, `concise` with a line each, `grouped` by file."""

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby

from tpkg_analyzer.model.diagnostic import Certainty, Diagnostic, Severity
from tpkg_analyzer.render.formats.fix_diff import diff_lines
from tpkg_analyzer.render.printable import printable
from tpkg_analyzer.render.report import Report
from tpkg_analyzer.render.style import Style
from tpkg_runtime.spec.source import Span

_TAB = 4


def render_full(report: Report) -> str:
    """Return each finding with its place in the code, related places, help, fix and evidence."""
    return "".join("\n".join(_full(finding, report)) + "\n\n" for finding in report.findings)


def render_concise(report: Report) -> str:
    """Return one line for each finding: place, code, name, message, certainty."""
    rows = []
    for finding in report.findings:
        start = report.place(finding.path, finding.span)
        rows.append(f"{report.style.bold(start)}: {_code(finding, report.style)} {finding.message}{_sure(finding)}\n")
    return "".join(rows)


def render_grouped(report: Report) -> str:
    """Return the findings below the name of their file."""
    rows = []
    for path, findings in groupby(report.findings, key=lambda finding: finding.path):
        rows.append(f"{report.style.bold(report.printed(path))}:\n")
        for finding in findings:
            start = report.inner_place(finding.path, finding.span)
            rows.append(f"  {start:<8}{_code(finding, report.style)} {finding.message}{_sure(finding)}\n")
        rows.append("\n")
    return "".join(rows)


def _full(finding: Diagnostic, report: Report) -> Iterator[str]:
    style = report.style
    yield f"{_severity(finding.severity, style)}[{_code(finding, style)}]: {finding.message}"
    yield f"  {style.cyan('-->')} {report.place(finding.path, finding.span)}"
    at = report.cell(finding.path, finding.span.line)
    yield from _frame(finding.span, report.lines(finding.path), at.line if at else finding.span.line, style)
    for place in finding.related:
        yield f"  {style.cyan('note:')} {place.message} ({report.place(place.path, place.span)})"
    if finding.help:
        first, *rest = finding.help.split("\n")
        yield f"  {style.cyan('help:')} {first}"
        yield from (f"    {line}" for line in rest)
    if finding.fix is not None:
        yield f"  {style.cyan('fix:')} {finding.fix.title}{'' if finding.fix.is_safe else ' (unsafe)'}"
        yield from diff_lines(finding.fix, finding.path, report)
    if finding.evidence:
        yield f"  {_certainty(finding.certainty, style)}: {finding.evidence}"


def _frame(span: Span, lines: Sequence[str], number: int, style: Style) -> Iterator[str]:
    if not 0 < span.line <= len(lines):
        return
    text = lines[span.line - 1]
    width = len(str(number))
    end = span.end_column if span.end_line == span.line else len(text) + 1
    before = _columns(text[: span.column - 1])
    marked = max(_columns(text[: max(end, span.column) - 1]) - before, 1)
    bar = style.cyan("|")
    yield f"{' ' * width} {bar}"
    yield f"{style.cyan(str(number))} {bar} {printable(text.expandtabs(_TAB))}"
    yield f"{' ' * width} {bar} {' ' * before}{style.red('^' * marked)}"


def _columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    expanded = printable(text.expandtabs(_TAB))
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in expanded
    )


def _code(finding: Diagnostic, style: Style) -> str:
    return style.bold(f"{finding.code} {finding.name}")


def _sure(finding: Diagnostic) -> str:
    return "" if finding.certainty is Certainty.PREDICTED else f" [{finding.certainty.value}]"


def _severity(severity: Severity, style: Style) -> str:
    paint = {Severity.ERROR: style.red, Severity.WARNING: style.yellow}.get(severity, style.cyan)
    return paint(severity.value)


def _certainty(certainty: Certainty, style: Style) -> str:
    paint = {Certainty.CONFIRMED: style.red, Certainty.REFUTED: style.green}.get(certainty, style.yellow)
    return paint(certainty.value)
