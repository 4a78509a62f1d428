"""Findings as LSP diagnostics (LSP 3.17, Diagnostic)."""

from collections.abc import Iterable
from typing import Any

from lsprotocol import types as lsp

from tpkg_analyzer.model.diagnostic import Certainty, Diagnostic, Edit, Severity
from tpkg_analyzer.model.links import rule_url
from tpkg_server.documents import Documents
from tpkg_server.positions import Positions

SOURCE = "tpkg-lint"

_SEVERITY = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.INFO: lsp.DiagnosticSeverity.Information,
    Severity.HINT: lsp.DiagnosticSeverity.Hint,
}
_TAGS = {
    "TPK003": lsp.DiagnosticTag.Unnecessary,
    "TPK110": lsp.DiagnosticTag.Unnecessary,
    "TPK121": lsp.DiagnosticTag.Unnecessary,
    "TPK131": lsp.DiagnosticTag.Deprecated,
}


class Converter:
    """Turns findings into what one client can show."""

    def __init__(self, documents: Documents, positions: Positions) -> None:
        self._documents = documents
        self.positions = positions

    def diagnostic(self, finding: Diagnostic) -> lsp.Diagnostic:
        """Return a finding as a diagnostic of its file."""
        lines = self._documents.lines(finding.path)
        tag = _TAGS.get(finding.code)
        page = rule_url(finding.name)
        return lsp.Diagnostic(
            range=self.positions.range_of(lines, finding.span),
            message=message_of(finding),
            severity=_SEVERITY[finding.severity],
            code=finding.code,
            code_description=lsp.CodeDescription(href=page) if page else None,
            source=SOURCE,
            tags=[tag] if tag else None,
            related_information=[
                lsp.DiagnosticRelatedInformation(
                    lsp.Location(
                        self._documents.uri(item.path),
                        self.positions.range_of(self._documents.lines(item.path), item.span),
                    ),
                    item.message,
                )
                for item in finding.related
            ]
            or None,
            data=identity_of(finding),
        )

    def edits(self, edits: Iterable[Edit]) -> lsp.WorkspaceEdit:
        """Return edits of files, each in the terms of its own text."""
        changes: dict[str, list[lsp.TextEdit]] = {}
        for edit in edits:
            where = self.positions.range_of(self._documents.lines(edit.path), edit.span)
            changes.setdefault(self._documents.uri(edit.path), []).append(lsp.TextEdit(where, edit.text))
        return lsp.WorkspaceEdit(changes=changes)


def identity_of(finding: Diagnostic) -> dict[str, Any]:
    """Return what makes a finding the same one in a later request (Diagnostic.data)."""
    span = finding.span
    return {
        "name": finding.name,
        "identity": list(finding.identity),
        "certainty": finding.certainty.value,
        "at": [span.line, span.column, span.end_line, span.end_column],
    }


def message_of(finding: Diagnostic) -> str:
    """Return the text that a person reads: message, help, and what confirm saw."""
    parts = [finding.message]
    if finding.help:
        parts.append(f"help: {finding.help}")
    if finding.certainty is not Certainty.PREDICTED and finding.evidence:
        parts.append(f"{finding.certainty.value}: {finding.evidence}")
    return "\n".join(parts)
