"""Findings as LSP diagnostics (LSP 3.17, Diagnostic)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from tpkg_analyzer.model.diagnostic import Certainty, Diagnostic, Edit, Severity
from tpkg_analyzer.model.links import rule_url
from tpkg_analyzer.sources.notebooks import SUFFIX as NOTEBOOK
from tpkg_analyzer.sources.notebooks import place_in
from tpkg_runtime.spec.source import Span
from tpkg_server.documents import Document, Documents, Sheet
from tpkg_server.positions import Positions

SOURCE = "tpkg-lint"
_TOP = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))

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
    """Turns findings and places into what one client can show."""

    def __init__(self, documents: Documents, positions: Positions) -> None:
        self._documents = documents
        self.positions = positions

    def diagnostic(self, finding: Diagnostic) -> lsp.Diagnostic:
        """Return a finding as a diagnostic of what the client calls its document."""
        tag = _TAGS.get(finding.code)
        page = rule_url(finding.name)
        return lsp.Diagnostic(
            range=self.location(finding.path, finding.span).range,
            message=self._place_in_words(finding) + message_of(finding),
            severity=_SEVERITY[finding.severity],
            code=finding.code,
            code_description=lsp.CodeDescription(href=page) if page else None,
            source=SOURCE,
            tags=[tag] if tag else None,
            related_information=[
                lsp.DiagnosticRelatedInformation(self.location(item.path, item.span), item.message)
                for item in finding.related
            ]
            or None,
            data=identity_of(finding),
        )

    def diagnostics(self, document: Document, found: Iterable[Diagnostic]) -> dict[str, list[lsp.Diagnostic]]:
        """Return the findings in an open document by URI: those of a notebook are in its cells."""
        by_uri: dict[str, list[lsp.Diagnostic]] = {sheet.uri: [] for sheet in document.sheets}
        for finding in found:
            by_uri.get(self.location(document.path, finding.span).uri, []).append(self.diagnostic(finding))
        return by_uri

    def location(self, path: Path, span: Span) -> lsp.Location:
        """Return the place of a span of a file; what is in a notebook that is not open is at its top."""
        document = self._documents.at(path)
        if document is None:
            where = _TOP if _is_notebook(path) else self.positions.range_of(self._documents.lines(path), span)
            return lsp.Location(self._documents.uri(path), where)
        for sheet in document.sheets:
            if (inside := self.range_in(sheet, span)) is not None:
                return lsp.Location(sheet.uri, inside)
        return lsp.Location(document.uri, _TOP)

    def range_in(self, sheet: Sheet, span: Span) -> lsp.Range | None:
        """Return the range of a span of a document in one of its sheets, None where it begins elsewhere."""
        if not sheet.holds(span.line):
            return None
        above = sheet.above
        inside = Span(span.line - above, span.column, span.end_line - above, span.end_column)
        return self.positions.range_of(sheet.lines, inside)

    def span_of(self, sheet: Sheet, given: lsp.Range) -> Span:
        """Return the span in the document of a range in a sheet."""
        inside = self.positions.span_of(sheet.lines, given)
        above = sheet.above
        return Span(inside.line + above, inside.column, inside.end_line + above, inside.end_column)

    def edits(self, edits: Iterable[Edit]) -> lsp.WorkspaceEdit | None:
        """Return edits of files, each in the terms of its own text; None for one in a closed notebook."""
        changes: dict[str, list[lsp.TextEdit]] = {}
        for edit in edits:
            at = self._edited(edit)
            if at is None:
                return None
            changes.setdefault(at.uri, []).append(lsp.TextEdit(at.range, edit.text))
        return lsp.WorkspaceEdit(changes=changes)

    def _edited(self, edit: Edit) -> lsp.Location | None:
        document = self._documents.at(edit.path)
        if document is None:
            return None if _is_notebook(edit.path) else self.location(edit.path, edit.span)
        span = edit.span
        if document.cells is not None and span.line == 1:
            span = Span(2, 1, 2, 1)  # what is put above the first cell belongs into it
        sheet = next((sheet for sheet in document.sheets if sheet.holds(span.line)), None)
        if sheet is None or not sheet.holds(span.end_line):
            return None
        where = self.range_in(sheet, span)
        return lsp.Location(sheet.uri, where) if where is not None else None

    def _place_in_words(self, finding: Diagnostic) -> str:
        if not _is_notebook(finding.path) or self._documents.at(finding.path) is not None:
            return ""
        place = place_in(self._documents.lines(finding.path), finding.span.line)
        return f"cell {place.cell}, line {place.line}: " if place is not None else ""


def _is_notebook(path: Path) -> bool:
    return path.suffix == NOTEBOOK


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
