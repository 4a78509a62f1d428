"""workspace/diagnostic (LSP 3.17): the findings of all files, as they become known, for as long as the client asks."""

import contextlib

from lsprotocol import types as lsp

from tpkg_server.server import TpkgServer, result_of

Report = lsp.WorkspaceFullDocumentDiagnosticReport | lsp.WorkspaceUnchangedDocumentDiagnosticReport


def register(server: TpkgServer) -> None:
    """Answer when something is to be said; a client asks again at once."""

    @server.feature(lsp.WORKSPACE_DIAGNOSTIC)
    async def workspace_diagnostic(params: lsp.WorkspaceDiagnosticParams) -> lsp.WorkspaceDiagnosticReport:
        previous = {item.uri: item.value for item in params.previous_result_ids}
        token, progress = params.partial_result_token, params.work_done_token
        if progress is not None:
            server.protocol.progress.begin(progress, lsp.WorkDoneProgressBegin(title="tpkg-lint: looking at all files"))
        reports = _reports(server, previous)
        while not _is_worth_telling(server, previous, reports):
            await server.wait_for_news()
            reports = _reports(server, previous)
        if progress is not None:
            server.protocol.progress.end(progress, lsp.WorkDoneProgressEnd(message=f"{len(reports)} files"))
            server.protocol.progress.tokens.pop(progress, None)
        if token is None:
            return lsp.WorkspaceDiagnosticReport(items=reports)
        with contextlib.suppress(IndexError):
            first = lsp.WorkspaceDiagnosticReport(items=[reports[0]])
            server.protocol.notify(lsp.PROGRESS, lsp.ProgressParams(token=token, value=server.plain(first)))
        rest = lsp.WorkspaceDiagnosticReportPartialResult(items=reports[1:])
        if reports[1:]:
            server.protocol.notify(lsp.PROGRESS, lsp.ProgressParams(token=token, value=server.plain(rest)))
        return lsp.WorkspaceDiagnosticReport(items=[])


def _is_worth_telling(server: TpkgServer, previous: dict[str, str], reports: list[Report]) -> bool:
    """Tell whether to answer now; a client that cannot be asked to pull again may not ask a second time."""
    is_complete = server.analysis.is_complete
    if any(isinstance(item, lsp.WorkspaceFullDocumentDiagnosticReport) for item in reports):
        return is_complete or server.can_refresh_diagnostics
    return is_complete and server.settings.diagnostic_mode == "workspace" and not previous


def _reports(server: TpkgServer, previous: dict[str, str]) -> list[Report]:
    """Return what the client does not have, and which of what it has still holds."""
    paths = server.analysis.board.paths() if server.settings.diagnostic_mode == "workspace" else set()
    reports: list[Report] = []
    seen = set()
    for path in sorted(paths):
        for uri, (version, found) in server.diagnostics(path).items():
            result = result_of(found)
            seen.add(uri)
            if previous.get(uri) == result:
                reports.append(lsp.WorkspaceUnchangedDocumentDiagnosticReport(uri, result, version))
            elif found or uri in previous:
                reports.append(lsp.WorkspaceFullDocumentDiagnosticReport(uri, found, version, result_id=result))
    gone = (uri for uri in previous if uri not in seen)
    reports += [lsp.WorkspaceFullDocumentDiagnosticReport(uri, []) for uri in gone]
    return reports
