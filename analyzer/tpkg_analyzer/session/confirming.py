"""Confirms the findings of a session; what the command line and the server both call."""

from collections.abc import Callable, Sequence

from tpkg_analyzer.confirm.confirm import Confirmer
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.session.projects import cache_folder
from tpkg_analyzer.session.session import Session
from tpkg_analyzer.sources.files import Disk


def confirm(
    session: Session,
    findings: Sequence[Diagnostic],
    tell: Callable[[str], None] = lambda _: None,
    progress: Callable[[str], None] = lambda _: None,
    *,
    package: str | None = None,
    use_cache: bool = True,
) -> list[Diagnostic]:
    """Return the findings with what the real exporter and importer say. Runs the user's code in child processes.

    What is confirmed are the files on disk, for one package or for all. `tell` gets what people should know
    of the runs, `progress` a line as often as it changes, and an empty one when a package is done.
    """
    folder = cache_folder(session.config)
    confirmer = Confirmer(session.config, session.interpreter, Disk(), folder, tell, progress, use_cache)
    wanted = [closure for closure in session.closures if package in (None, closure.package.name)]
    judged = list(findings) if package is not None else confirmer.confirm_elsewhere(session.closures, findings)
    judged = confirmer.confirm(wanted, judged)
    # What only the runtime found comes after what it was asked about, and no setting was asked about it yet.
    return [*judged[: len(findings)], *session.admitted(judged[len(findings) :])]
