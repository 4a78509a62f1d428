"""Formats of continuous integration: `github`, `azure`, `gitlab`, `junit`, `rdjson`, `pylint`."""

import json
from itertools import groupby
from typing import Any
from xml.etree import ElementTree

from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.render.positions import range_as_json
from tpkg_analyzer.render.printable import in_one_line
from tpkg_analyzer.render.report import Report

_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice", Severity.HINT: "notice"}
_GITLAB = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info", Severity.HINT: "info"}
_RDJSON = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO", Severity.HINT: "INFO"}


def render_github(report: Report) -> str:
    """Return workflow commands that GitHub shows at the lines of a change."""
    rows = []
    for finding in report.findings:
        span = finding.span
        fields = [f"title={_property(f'tpkg-lint ({finding.code})')}", f"file={_property(report.path(finding.path))}"]
        fields += [f"line={span.line}", f"endLine={span.end_line}"]
        if span.line == span.end_line:  # GitHub refuses columns of a range of lines
            fields += [f"col={span.column}", f"endColumn={span.end_column}"]
        rows.append(f"::{_GITHUB[finding.severity]} {','.join(fields)}::{_data(_with_help(finding))}\n")
    return "".join(rows)


def render_azure(report: Report) -> str:
    """Return logging commands of Azure Pipelines."""
    rows = []
    for finding in report.findings:
        kind = "error" if finding.severity is Severity.ERROR else "warning"
        place = f"sourcepath={_azure_property(report.path(finding.path))};linenumber={finding.span.line}"
        place += f";columnnumber={finding.span.column};code={finding.code};"
        rows.append(f"##vso[task.logissue type={kind};{place}]{in_one_line(finding.message)}\n")
    return "".join(rows)


def render_gitlab(report: Report) -> str:
    """Return a code quality report of GitLab."""
    document = [
        {
            "check_name": finding.code,
            "description": finding.message,
            "fingerprint": fingerprint,
            "severity": _GITLAB[finding.severity],
            "location": {
                "path": report.path(finding.path),
                "positions": {
                    "begin": {"line": finding.span.line, "column": finding.span.column},
                    "end": {"line": finding.span.end_line, "column": finding.span.end_column},
                },
            },
        }
        for finding, fingerprint in report.fingerprinted()
    ]
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def render_junit(report: Report) -> str:
    """Return JUnit's XML: a suite for each file, a failed case for each finding; without findings, one case passes."""
    total = len(report.findings)
    suites = ElementTree.Element("testsuites", name="tpkg-lint", tests=str(max(total, 1)), failures=str(total))
    for path, group in groupby(report.findings, key=lambda finding: finding.path):
        findings = list(group)
        counts = {"tests": str(len(findings)), "failures": str(len(findings)), "errors": "0", "skipped": "0"}
        suite = ElementTree.SubElement(suites, "testsuite", {"name": report.printed(path), **counts})
        for finding in findings:
            name = f"{finding.code} {finding.span.line}:{finding.span.column}"
            case = ElementTree.SubElement(suite, "testcase", name=name, classname=report.printed(path))
            failure = ElementTree.SubElement(case, "failure", message=finding.message, type=finding.name)
            failure.text = f"{report.printed(path)}:{finding.span.line}: {_with_help(finding)}"
    if not total:
        counts = {"tests": "1", "failures": "0", "errors": "0", "skipped": "0"}
        suite = ElementTree.SubElement(suites, "testsuite", {"name": "tpkg-lint", **counts})
        ElementTree.SubElement(suite, "testcase", name="no findings", classname="tpkg-lint")
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def render_rdjson(report: Report) -> str:
    """Return the Diagnostic Format of reviewdog, with fixes as suggestions."""
    document = {
        "source": {"name": "tpkg-lint"},
        "diagnostics": [_reviewdog(finding, report) for finding in report.findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def render_pylint(report: Report) -> str:
    """Return one line a finding, as `pylint --output-format=parseable` has it."""
    return "".join(
        f"{report.printed(finding.path)}:{finding.span.line}: [{finding.code}({finding.name})] {finding.message}\n"
        for finding in report.findings
    )


def _reviewdog(finding: Diagnostic, report: Report) -> dict[str, Any]:
    code: dict[str, str] = {"value": finding.code}
    if url := report.url(finding):
        code["url"] = url
    own = [edit for edit in finding.fix.edits if edit.path == finding.path] if finding.fix else []
    return {
        "message": finding.message,
        "severity": _RDJSON[finding.severity],
        "code": code,
        "location": {"path": report.path(finding.path), "range": range_as_json(finding.span)},
        "suggestions": [{"range": range_as_json(edit.span), "text": edit.text} for edit in own],
    }


def _with_help(finding: Diagnostic) -> str:
    rest = [text for text in (finding.help and f"help: {finding.help}", finding.evidence) if text]
    return "\n".join([f"{finding.code} {finding.name}: {finding.message}", *rest])


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _azure_property(text: str) -> str:
    escaped = text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace(";", "%3B").replace("]", "%5D")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
