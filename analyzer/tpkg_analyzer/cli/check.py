"""`tpkg-lint check`: findings in files and packages."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from tpkg_analyzer.cli.baselining import KnownFindings, add_baseline_options
from tpkg_analyzer.cli.choosing import add_rule_options, with_options
from tpkg_analyzer.cli.fixing import add_fix_options, add_ignores, fixed_session, wants_fixes
from tpkg_analyzer.cli.options import chosen, jobs_of, parser, path_argument, projects, session_of, sessions
from tpkg_analyzer.cli.piped import is_piped, piped_session, refuse_contradictions, write_fixed
from tpkg_analyzer.cli.progress import Progress
from tpkg_analyzer.cli.reporting import Counts, add_output_options, fails, publish, targets
from tpkg_analyzer.cli.sharing import Sharing
from tpkg_analyzer.cli.showing import describe, show_files, show_settings
from tpkg_analyzer.cli.status import CLEAN, FINDINGS
from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.model.diagnostic import Diagnostic, Severity
from tpkg_analyzer.render.counts import counted
from tpkg_analyzer.session.blaming import blamed_on_word
from tpkg_analyzer.session.memory import approve, are_approved
from tpkg_analyzer.session.projects import ProjectFiles
from tpkg_analyzer.session.session import Session
from tpkg_analyzer.sources.files import Disk
from tpkg_runtime.spec.source import START

_UNREAD = "TPK001"


def arguments() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = parser("check", "Report what breaks inside the packages of a project.")
    made.add_argument(
        "paths", nargs="*", type=path_argument, metavar="PATH", help="files and folders; `-` is standard input"
    )
    add_rule_options(made)
    files = made.add_argument_group("files")
    files.add_argument("--stdin-filename", type=Path, metavar="FILE", help="what the text on standard input is called")
    files.add_argument("--force-exclude", action="store_true", help="leave out excluded files also where named")
    files.add_argument("--show-files", action="store_true", help="list the files that would be checked, and end")
    files.add_argument("--show-settings", action="store_true", help="print the settings that hold, and end")
    files.add_argument("--watch", "-w", action="store_true", help="check again whenever a file changes")
    add_output_options(made)
    add_fix_options(made)
    add_baseline_options(made)
    confirm = made.add_argument_group("confirm")
    confirm.add_argument("--confirm", action="store_true", help="export and import for real to prove each finding")
    return made


def run(words: list[str]) -> int:
    """Check and print; 1 if an error or warning was found."""
    # The reason is joined by an equals sign, so that a path may follow.
    words = ["--add-ignore=" if word == "--add-ignore" else word for word in words]
    options = arguments().parse_args(words)
    options.words = words
    options.quiet |= options.silent
    if options.show_files:
        return show_files(projects(options, options.paths))
    if options.show_settings:
        return show_settings(projects(options, options.paths), lambda settings: with_options(settings, options))
    wants_fixes(options)
    targets(options)
    refuse_contradictions(options)
    if options.watch:
        from tpkg_analyzer.cli.watching import watch

        return watch(options, _check)
    return _check(options)


def _check(options: argparse.Namespace) -> int:
    is_fixing = wants_fixes(options)
    progress = Progress(is_wanted=not options.quiet)
    found: list[Diagnostic] = []
    format_name = None
    failing: set[Diagnostic] = set()
    checked = skipped = changed = fixes = 0
    piped = piped_session(options) if is_piped(options) else None
    opened = [piped.opened] if piped else sessions(options, options.paths)
    for _, session in opened:
        _narrow(session, options)
    known = KnownFindings(options, [session for _, session in opened])
    for number, (project, session) in enumerate(opened):
        settings = session.config.settings
        format_name = format_name or settings.output_format
        if options.verbose:
            describe(project, session)
        if is_fixing:
            session, fixed = fixed_session(session, project, options, writes=piped is None)
            changed += len(fixed.texts)
            fixes += len(fixed.applied)
            if piped and not options.diff:
                write_fixed(piped.data, fixed)
            if options.diff or options.fix_only:
                continue
        # Texts that are nowhere on disk, and those that have just been written, are nobody else's.
        jobs = 1 if piped or is_fixing else jobs_of(options)
        with Sharing(options.words, number, jobs) as sharing:
            diagnostics, unread = _findings(project, session, progress, sharing)
        checked, skipped = checked + len(project.files) - unread, skipped + unread
        if options.confirm:
            diagnostics = _confirmed(session, diagnostics, options, progress)
        new = known.take(project, session, diagnostics)
        failing.update(item for item in new if fails(item, settings.fail_on))
        found += new
    progress.clear()
    if options.add_ignore is not None:
        count, left = add_ignores(found, options)
        is_failing = bool(options.diff and count) or not failing.isdisjoint(left)
        return FINDINGS if is_failing and not options.exit_zero else CLEAN
    is_failing = bool(options.exit_non_zero_on_fix and fixes)
    if options.diff or options.fix_only:
        done = "would be changed" if options.diff else "changed"
        if not options.quiet:
            print(f"{counted(changed, 'file')} {done}", file=sys.stderr)
        is_failing |= bool(options.diff and changed and not options.exit_zero)
        return FINDINGS if is_failing else CLEAN
    is_failing |= known.finish() or (bool(failing) and not options.exit_zero)
    files = piped.opened[1].files if piped else Disk()
    counts = Counts(checked, skipped, known.hidden)
    publish(found, options, format_name or "full", counts, files, prints=piped is None or not is_fixing)
    return FINDINGS if is_failing else CLEAN


def narrowed(options: argparse.Namespace, number: int) -> tuple[ProjectFiles, Session]:
    """Open one of the projects that the options ask for, with their rules. Raises ConfigError."""
    project = projects(options, options.paths)[number]
    session = session_of(project, options, jobs=1)
    if options.package is not None:
        session.packages = chosen(session.packages, options.package)
    _narrow(session, options)
    return project, session


def _findings(
    project: ProjectFiles, session: Session, progress: Progress, sharing: Sharing
) -> tuple[list[Diagnostic], int]:
    progress.show("following the imports of the packages")
    found = [*filter(project.asks_for(session.packages), session.check_packages())]
    unread = 0
    for number, path in enumerate(project.files, 1):
        progress.show(f"checking {number} of {len(project.files)} files")
        if session.store is not None:
            sharing.note(session.n_checked, len(project.files) - number)
        own = session.check(path) if session.can_read(path) else session.admitted([_unreadable(path)])
        found += own
        unread += any(item.code == _UNREAD for item in own)
    return found, unread


def _unreadable(path: Path) -> Diagnostic:
    return Diagnostic(_UNREAD, "syntax-error", "cannot be read", Severity.ERROR, path, START, symbol=path.name)


def _narrow(session: Session, options: argparse.Namespace) -> None:
    settings = with_options(session.config.settings, options)
    session.config = replace(session.config, settings=settings)
    if session.store is None or not are_approved(session.store, settings):
        from tpkg_analyzer.analyze.selection import select

        try:
            select(settings)  # a rule that there is not ends the command, also where nothing is to be checked
        except ConfigError as error:
            raise blamed_on_word(error, session.config, session.files) from None
        if session.store is not None:
            approve(session.store, settings)


def _confirmed(
    session: Session, diagnostics: list[Diagnostic], options: argparse.Namespace, progress: Progress
) -> list[Diagnostic]:
    from tpkg_analyzer.session.confirming import confirm

    def tell(line: str) -> None:
        if not options.quiet:
            progress.clear()
            print(f"tpkg-lint: {line}", file=sys.stderr)

    def show(line: str) -> None:
        progress.show(line) if line else progress.clear()

    return confirm(session, diagnostics, tell, show, use_cache=not options.no_cache)
