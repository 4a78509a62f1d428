"""`json`, one document of version 1, and `json-lines`, a finding a line. docs/reference describes the fields."""

import json
from typing import Any

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit
from tpkg_analyzer.render.positions import range_as_json
from tpkg_analyzer.render.report import Report


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
        "path": report.path(finding.path),
        **range_as_json(finding.span),
        "module": finding.module,
        "symbol": finding.symbol,
        "package": finding.package,
        "certainty": finding.certainty.value,
        "evidence": finding.evidence,
        "help": finding.help,
        "related": [
            {"path": report.path(place.path), **range_as_json(place.span), "message": place.message}
            for place in finding.related
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
    return {"path": report.path(edit.path), **range_as_json(edit.span), "text": edit.text}
