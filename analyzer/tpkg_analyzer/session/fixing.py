"""Fixes over a project: it is analysed again with the changed texts in place of files. Nothing is written here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from tpkg_analyzer.analyze.fixes import Fixable, Fixed, fix_all
from tpkg_analyzer.config.load import load_config
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.session.session import Session
from tpkg_analyzer.sources.files import Overlay, exact_text


def fix_project(
    session: Session,
    files: Iterable[Path],
    *,
    unsafe: bool = False,
    only: Callable[[Diagnostic], bool] = lambda _: True,
) -> Fixed:
    """Make the fixes of the findings in `files` and in the packages of a session. Files outside the project stay."""
    paths = tuple(files)

    def find(texts: Mapping[Path, str]) -> list[Diagnostic]:
        return findings_of(with_texts(session, texts) if texts else session, paths)

    def read(path: Path) -> str | None:
        return exact_text(session.files, path) if path.is_relative_to(session.config.root) else None

    return fix_all(Fixable(find, read), unsafe=unsafe, only=only)


def findings_of(session: Session, files: Iterable[Path]) -> list[Diagnostic]:
    """Return the findings in the packages of a session and in `files`."""
    found = session.check_packages()
    for path in files:
        found += session.check(path)
    return found


def with_texts(session: Session, texts: Mapping[Path, str]) -> Session:
    """Return a session over the same project, in which the files of `texts` have other contents."""
    config = session.config
    if config.path is not None and config.path in texts:
        changed = load_config(config.path, texts[config.path])
        # The settings may have been narrowed by options of the command.
        if changed is None or "package" in changed.given:
            config = replace(config, packages=changed.packages if changed else ())
    files = Overlay(session.files, {str(path): text for path, text in texts.items()})
    again = Session(config, files, session.interpreter)
    again.find_packages(session.exporting)
    chosen = {package.name for package in session.packages}
    again.packages = tuple(package for package in again.packages if package.name in chosen)
    return again
