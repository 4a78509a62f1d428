"""Findings as text: `full` with the code frame, `concise` with a line each, `json` for programs."""

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tpkg_analyzer.model.diagnostic import Certainty, Diagnostic, Edit, Severity
from tpkg_analyzer.render.paths import shown
from tpkg_analyzer.render.style import Style
from tpkg_runtime.spec.source import Span

Lines = Callable[[Path], Sequence[str]]
"""Gives the lines of a file, none where it cannot be read."""

_TAB = 4


def render_full(findings: Iterable[Diagnostic], base: Path, lines: Lines, style: Style) -> str:
    """Return each finding with its place in the code, related places, help and evidence."""
    return "\n".join("\n".join(_full(finding, base, lines, style)) + "\n" for finding in findings)


def render_concise(findings: Iterable[Diagnostic], base: Path, style: Style) -> str:
    """Return one line for each finding: place, code, name, message, certainty."""
    rows = []
    for finding in findings:
        start = f"{shown(finding.path, base)}:{finding.span.line}:{finding.span.column}"
        certainty = "" if finding.certainty is Certainty.PREDICTED else f" [{finding.certainty.value}]"
        rows.append(f"{style.bold(start)}: {_code(finding, style)} {finding.message}{certainty}\n")
    return "".join(rows)


def render_json(findings: Iterable[Diagnostic], base: Path, checked: int, skipped: int) -> str:
    """Return the JSON of version 1, as docs/reference describes it."""
    document = {
        "version": 1,
        "diagnostics": [finding_as_json(finding, base) for finding in findings],
        "files": {"checked": checked, "skipped": skipped},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def finding_as_json(finding: Diagnostic, base: Path) -> dict[str, Any]:
    """Return one finding as the object that all JSON formats share."""
    fix = finding.fix
    return {
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "severity": finding.severity.value,
        "path": shown(finding.path, base),
        **_range(finding.span),
        "module": finding.module,
        "symbol": finding.symbol,
        "package": finding.package,
        "certainty": finding.certainty.value,
        "evidence": finding.evidence,
        "help": finding.help,
        "related": [
            {"path": shown(place.path, base), **_range(place.span), "message": place.message}
            for place in finding.related
        ],
        "fix": None
        if fix is None
        else {
            "title": fix.title,
            "safety": "safe" if fix.is_safe else "unsafe",
            "edits": [_edit(edit, base) for edit in fix.edits],
        },
        "url": None,
    }


def _edit(edit: Edit, base: Path) -> dict[str, Any]:
    return {"path": shown(edit.path, base), **_range(edit.span), "text": edit.text}


def _range(span: Span) -> dict[str, Any]:
    return {
        "start": {"line": span.line, "column": span.column},
        "end": {"line": span.end_line, "column": span.end_column},
    }


def _full(finding: Diagnostic, base: Path, lines: Lines, style: Style) -> Iterator[str]:
    severity = _severity(finding.severity, style)
    yield f"{severity}[{_code(finding, style)}]: {finding.message}"
    yield f"  {style.cyan('-->')} {shown(finding.path, base)}:{finding.span.line}:{finding.span.column}"
    yield from _frame(finding.span, lines(finding.path), style)
    for place in finding.related:
        at = f"{shown(place.path, base)}:{place.span.line}:{place.span.column}"
        yield f"  {style.cyan('note:')} {place.message} ({at})"
    if finding.help:
        yield f"  {style.cyan('help:')} {finding.help}"
    if finding.evidence:
        yield f"  {_certainty(finding.certainty, style)}: {finding.evidence}"


def _frame(span: Span, lines: Sequence[str], style: Style) -> Iterator[str]:
    if not 0 < span.line <= len(lines):
        return
    text = lines[span.line - 1]
    width = len(str(span.line))
    end = span.end_column if span.end_line == span.line else len(text) + 1
    before = _columns(text[: span.column - 1])
    marked = max(_columns(text[: max(end, span.column) - 1]) - before, 1)
    bar = style.cyan("|")
    yield f"{' ' * width} {bar}"
    yield f"{style.cyan(str(span.line))} {bar} {text.expandtabs(_TAB)}"
    yield f"{' ' * width} {bar} {' ' * before}{style.red('^' * marked)}"


def _columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    expanded = text.expandtabs(_TAB)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in expanded
    )


def _code(finding: Diagnostic, style: Style) -> str:
    return style.bold(f"{finding.code} {finding.name}")


def _severity(severity: Severity, style: Style) -> str:
    paint = {Severity.ERROR: style.red, Severity.WARNING: style.yellow}.get(severity, style.cyan)
    return paint(severity.value)


def _certainty(certainty: Certainty, style: Style) -> str:
    paint = {Certainty.CONFIRMED: style.red, Certainty.REFUTED: style.green}.get(certainty, style.yellow)
    return paint(certainty.value)
