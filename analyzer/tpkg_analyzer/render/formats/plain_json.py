"""`json`, one document of version 1, and `json-lines`, a finding a line. docs/reference describes the fields."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit
from tpkg_analyzer.render.positions import range_as_json
from tpkg_analyzer.render.report import Report
from tpkg_runtime.spec.source import Span


def render_json(report: Report) -> str:
    """Return all findings and the counts of files."""
    document = {
        "version": 1,
        "diagnostics": [finding_as_json(finding, report) for finding in report.findings],
        "files": {"checked": report.checked, "skipped": report.skipped},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def render_json_lines(report: Report) -> str:
    """Return each finding on a line of its own."""
    rows = (json.dumps(finding_as_json(finding, report), ensure_ascii=False) for finding in report.findings)
    return "".join(row + "\n" for row in rows)


def finding_as_json(finding: Diagnostic, report: Report) -> dict[str, Any]:
    """Return one finding as both formats have it."""
    fix = finding.fix
    return {
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "severity": finding.severity.value,
        **_located(finding.path, finding.span, report),
        "module": finding.module,
        "symbol": finding.symbol,
        "package": finding.package,
        "certainty": finding.certainty.value,
        "evidence": finding.evidence,
        "help": finding.help,
        "related": [
            {**_located(place.path, place.span, report), "message": place.message} for place in finding.related
        ],
        "fix": None
        if fix is None
        else {
            "title": fix.title,
            "safety": "safe" if fix.is_safe else "unsafe",
            "edits": [_edit(edit, report) for edit in fix.edits],
        },
        "url": report.url(finding),
    }


def _edit(edit: Edit, report: Report) -> dict[str, Any]:
    return {**_located(edit.path, edit.span, report), "text": edit.text}


def _located(path: Path, span: Span, report: Report) -> dict[str, Any]:
    """Return path and range; in a notebook also the number of the cell, to which the lines are relative then."""
    at = report.cell(path, span.line)
    if at is None:
        return {"path": report.path(path), **range_as_json(span)}
    moved = replace(span, line=at.line, end_line=span.end_line - span.line + at.line)
    return {"path": report.path(path), "cell": at.cell, **range_as_json(moved)}
