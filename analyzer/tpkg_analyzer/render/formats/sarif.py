"""`sarif`: SARIF 2.1.0, within what GitHub's code scanning takes in."""

import json
import os
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit, Related, Severity
from tpkg_analyzer.render.report import Report, RuleText
from tpkg_runtime.spec.source import Span

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note", Severity.HINT: "note"}
_ROOT = "%SRCROOT%"


def render_sarif(report: Report) -> str:
    """Return one run with rule metadata, stable fingerprints, chains of imports as code flows, and fixes."""
    rules = report.rules()
    codes = sorted({finding.code for finding in report.findings} & set(rules))
    driver = {
        "name": "tpkg-lint",
        "semanticVersion": report.version,
        "rules": [_rule(rules[code]) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "results": [_result(finding, mark, codes, report) for finding, mark in report.fingerprinted()],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: RuleText) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": rule.document, "markdown": rule.document},
        "defaultConfiguration": {"level": _LEVELS[Severity(rule.severity)]},
        "properties": {"tags": ["torch.package"], "problem.severity": _problem(rule.severity)},
    }
    return {**described, "helpUri": rule.url} if rule.url else described


def _problem(severity: str) -> str:
    return severity if severity in ("error", "warning") else "recommendation"


def _result(finding: Diagnostic, fingerprint: str, codes: list[str], report: Report) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message + (f"\n{finding.help}" if finding.help else "")},
        "locations": [_location(Related(finding.path, finding.span, ""), report)],
        "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:1", "tpkgLint/v1": fingerprint},
        "properties": {"certainty": finding.certainty.value, "package": finding.package, "evidence": finding.evidence},
    }
    if finding.code in codes:
        result["ruleIndex"] = codes.index(finding.code)
    if finding.related:
        result["relatedLocations"] = [
            {"id": index, **_location(place, report)} for index, place in enumerate(finding.related, 1)
        ]
        result["codeFlows"] = [{"threadFlows": [{"locations": _flow(finding, report)}]}]
    if finding.fix is not None:
        result["fixes"] = [_fix(finding.fix.title, finding.fix.edits, report)]
    return result


def _flow(finding: Diagnostic, report: Report) -> list[dict[str, Any]]:
    steps = [*finding.related, Related(finding.path, finding.span, finding.message)]
    return [{"location": _location(step, report)} for step in steps]


def _location(place: Related, report: Report) -> dict[str, Any]:
    located: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": _artifact(report.path(place.path)), "region": _region(place.span)}
    }
    return {**located, "message": {"text": place.message}} if place.message else located


def _artifact(path: str) -> dict[str, str]:
    # A path outside of the folder stays absolute; only relative ones have a base.
    if PurePath(path).is_absolute():
        return {"uri": PurePath(path).as_uri()}
    return {"uri": quote(os.fsencode(path)), "uriBaseId": _ROOT}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": max(span.end_line, span.line),
        "endColumn": max(span.end_column, span.column if span.end_line <= span.line else 1),
    }


def _fix(title: str, edits: tuple[Edit, ...], report: Report) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in edits:
        replacement = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
        changes.setdefault(report.path(edit.path), []).append(replacement)
    return {
        "description": {"text": title},
        "artifactChanges": [
            {"artifactLocation": _artifact(path), "replacements": replacements}
            for path, replacements in changes.items()
        ],
    }
