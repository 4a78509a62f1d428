"""Confirms the findings of a session; what the command line and the server both call."""

from collections.abc import Callable, Sequence
from pathlib import Path

from tpkg_analyzer.config.load import Config
from tpkg_analyzer.confirm.confirm import Confirmer
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.session.session import Session
from tpkg_analyzer.sources.files import Disk
from tpkg_analyzer.sources.store import default_cache_folder


def confirm(
    session: Session,
    findings: Sequence[Diagnostic],
    tell: Callable[[str], None] = lambda _: None,
    *,
    package: str | None = None,
    use_cache: bool = True,
) -> list[Diagnostic]:
    """Return the findings with what the real exporter and importer say. Runs the user's code in child processes.

    What is confirmed are the files on disk, for one package or for all; `tell` gets a line about each as it is tried.
    """
    folder = cache_folder(session.config)
    confirmer = Confirmer(session.config, session.interpreter, Disk(), folder, tell, use_cache)
    wanted = [closure for closure in session.closures if package in (None, closure.package.name)]
    return confirmer.confirm(wanted, findings)


def cache_folder(config: Config) -> Path:
    """Return the folder of what is remembered between runs: `cache-dir`, or the user's."""
    given = config.settings.cache_dir
    return config.root / given if given else default_cache_folder()
