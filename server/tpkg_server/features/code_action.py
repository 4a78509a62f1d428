"""textDocument/codeAction and codeAction/resolve (LSP 3.17): fix, fix all, suppress, explain, confirm."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lsprotocol import types as lsp

from tpkg_analyzer.model.diagnostic import Diagnostic, Edit
from tpkg_analyzer.sources.listing import SUFFIXES
from tpkg_runtime.spec.source import Span
from tpkg_server.documents import Document, Sheet
from tpkg_server.server import TpkgServer
from tpkg_server.suppressing import ignore_file, ignore_line

FIX_ALL = "source.fixAll.tpkg"
_KINDS = [lsp.CodeActionKind.QuickFix, FIX_ALL]


def register(server: TpkgServer) -> None:
    """Offer what can be done about the findings that are known."""

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=_KINDS, resolve_provider=True)
    )
    async def code_action(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        sheet = server.documents.sheet(params.text_document.uri)
        if sheet is None:
            return []
        wanted = params.context.only
        if wanted and _is_wanted(FIX_ALL, wanted):  # before a file is saved, often right after the last keystroke
            await server.analysis.catch_up(sheet.document)
        found = _found(server, sheet)
        span = server.converter.span_of(sheet, params.range)
        actions: list[lsp.CodeAction] = []
        if _is_wanted(lsp.CodeActionKind.QuickFix.value, wanted):
            for finding in found:
                if _overlap(finding.span, span):
                    actions += _for_one(server, sheet, finding)
        if _is_wanted(FIX_ALL, wanted) and _all_edits(sheet, found):
            data = {"uri": sheet.uri, "kind": "all"}
            actions.append(lsp.CodeAction("Fix all safe findings of tpkg-lint", FIX_ALL, data=data))
        return actions if _resolves_edits(server) else [_resolved(server, action) for action in actions]

    @server.feature(lsp.CODE_ACTION_RESOLVE)
    async def code_action_resolve(action: lsp.CodeAction) -> lsp.CodeAction:
        return _resolved(server, action)


def _found(server: TpkgServer, sheet: Sheet) -> list[Diagnostic]:
    return [item for item in server.analysis.findings(sheet.document.path) if sheet.holds(item.span.line)]


def _for_one(server: TpkgServer, sheet: Sheet, finding: Diagnostic) -> Iterator[lsp.CodeAction]:
    shown = [server.converter.diagnostic(finding)]
    data = {"uri": sheet.uri, "identity": list(finding.identity), "line": finding.span.line}
    quick = lsp.CodeActionKind.QuickFix
    if finding.fix is not None:
        title = finding.fix.title if finding.fix.is_safe else f"{finding.fix.title} (check the result)"
        is_preferred = finding.fix.is_safe or None
        yield lsp.CodeAction(title, quick, shown, is_preferred, data={**data, "kind": "fix"})
    if sheet.document.path.suffix in SUFFIXES:
        code = finding.code
        yield lsp.CodeAction(f"Ignore {code} on this line", quick, shown, data={**data, "kind": "line"})
        yield lsp.CodeAction(f"Ignore {code} in this file", quick, shown, data={**data, "kind": "file"})
    if finding.package is not None and server.settings.can_confirm:
        confirm = lsp.Command("Confirm", "tpkg-lint.confirm", arguments=[sheet.uri, finding.package])
        title = f"Confirm by a real export of package {finding.package}"
        yield lsp.CodeAction(title, quick, shown, command=confirm)
    explain = lsp.Command("Explain", "tpkg-lint.explain", arguments=[finding.code])
    yield lsp.CodeAction(f"Explain {finding.code} {finding.name}", quick, shown, command=explain)


def _resolved(server: TpkgServer, action: lsp.CodeAction) -> lsp.CodeAction:
    """Put the edit in, if the finding is still there."""
    data: dict[str, Any] = action.data if isinstance(action.data, dict) else {}
    sheet = server.documents.sheet(str(data.get("uri")))
    if sheet is None or action.edit is not None:
        return action
    found = _found(server, sheet)
    edits = _all_edits(sheet, found) if data["kind"] == "all" else _edits_of(sheet.document, found, data)
    action.edit = server.converter.edits(edits) if edits else None
    return action


def _edits_of(document: Document, found: list[Diagnostic], data: dict[str, Any]) -> tuple[Edit, ...]:
    same = [item for item in found if list(item.identity) == data.get("identity")]
    finding = min(same, key=lambda item: abs(item.span.line - int(data.get("line", 0))), default=None)
    if finding is None:
        return ()
    if data["kind"] == "fix":
        return finding.fix.edits if finding.fix is not None else ()
    make = ignore_line if data["kind"] == "line" else ignore_file
    return (replace(make(document.lines, finding), path=document.path),)


def _all_edits(sheet: Sheet, found: list[Diagnostic]) -> tuple[Edit, ...]:
    """Return the edits of all safe fixes that stay in the document, or cell, and do not meet each other.

    Fixes that wait for others are among them where there are no others.
    """
    fixes = [item.fix for item in found if item.fix is not None and item.fix.is_safe]
    fitting = [fix for fix in fixes if all(_is_in(sheet, edit) for edit in fix.edits)]
    taken: list[Edit] = []
    for fix in [fix for fix in fitting if not fix.waits] or fitting:
        if all(edit in taken or not any(_overlap(edit.span, other.span) for other in taken) for edit in fix.edits):
            taken += [edit for edit in fix.edits if edit not in taken]
    return tuple(taken)


def _is_in(sheet: Sheet, edit: Edit) -> bool:
    return edit.path == sheet.document.path and sheet.holds(edit.span.line) and sheet.holds(edit.span.end_line)


def _overlap(one: Span, other: Span) -> bool:
    starts = (one.line, one.column), (other.line, other.column)
    ends = (one.end_line, one.end_column), (other.end_line, other.end_column)
    return max(starts) <= min(ends)


def _is_wanted(kind: str, wanted: Any) -> bool:
    if not wanted:
        return True
    names = [getattr(item, "value", item) for item in wanted]
    return any(kind == name or kind.startswith(f"{name}.") for name in names)


def _resolves_edits(server: TpkgServer) -> bool:
    text_document = server.client_capabilities.text_document
    given = text_document.code_action if text_document else None
    return bool(given and given.data_support and given.resolve_support and "edit" in given.resolve_support.properties)
