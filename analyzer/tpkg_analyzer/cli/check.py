"""`tpkg-lint check`: findings in files and packages."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import msgspec

from tpkg_analyzer.analyze.selection import select
from tpkg_analyzer.cli.fixing import add_fix_options, add_ignores, fixed_session, wants_fixes
from tpkg_analyzer.cli.options import parser, sessions
from tpkg_analyzer.cli.reporting import add_output_options, publish
from tpkg_analyzer.cli.status import CLEAN, FINDINGS
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.session.session import Session


def arguments() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = parser("check", "Report what breaks inside the packages of a project.")
    made.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders (default: this folder)")
    rules = made.add_argument_group("rules")
    rules.add_argument("--select", metavar="RULES", help="only these codes, prefixes or names, separated by commas")
    rules.add_argument("--ignore", metavar="RULES", help="all but these")
    add_output_options(made)
    add_fix_options(made)
    confirm = made.add_argument_group("confirm")
    confirm.add_argument(
        "--confirm", action="store_true", help="export and import for real, in a child process, to prove each finding"
    )
    confirm.add_argument("--no-cache", action="store_true", help="try again what was confirmed before")
    return made


def run(words: list[str]) -> int:
    """Check and print; 1 if an error or warning was found."""
    # The reason is joined by an equals sign, so that a path may follow.
    options = arguments().parse_args(["--add-ignore=" if word == "--add-ignore" else word for word in words])
    is_fixing = wants_fixes(options)
    found: list[Diagnostic] = []
    checked = skipped = changed = 0
    for project, session in sessions(options, options.paths):
        _narrow(session, options)
        if is_fixing:
            session, fixed = fixed_session(session, project.files, options)
            changed += len(fixed.texts)
            if options.diff or options.fix_only:
                continue
        diagnostics = session.check_packages()
        for path in project.files:
            own = session.check(path)
            diagnostics += own
            unread = any(item.code == "TPK001" for item in own)
            checked, skipped = checked + (not unread), skipped + unread
        if options.confirm:
            diagnostics = _confirmed(session, diagnostics, options)
        found += diagnostics
    if options.add_ignore is not None:
        return add_ignores(found, options.add_ignore)
    if options.diff or options.fix_only:
        would_change = FINDINGS if options.diff and changed and not options.exit_zero else CLEAN
        print(
            f"{changed} file{'' if changed == 1 else 's'} {'would be changed' if options.diff else 'changed'}",
            file=sys.stderr,
        )
        return would_change
    return publish(found, options, checked, skipped)


def _narrow(session: Session, options: argparse.Namespace) -> None:
    settings = session.config.settings
    if options.select is not None:
        settings = msgspec.structs.replace(settings, select=_words(options.select), extend_select=())
    if options.ignore is not None:
        settings = msgspec.structs.replace(settings, ignore=(*settings.ignore, *_words(options.ignore)))
    session.config = replace(session.config, settings=settings)
    select(settings)  # a rule that there is not ends the command, also where nothing is to be checked


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _confirmed(session: Session, diagnostics: list[Diagnostic], options: argparse.Namespace) -> list[Diagnostic]:
    from tpkg_analyzer.session.confirming import confirm

    def tell(line: str) -> None:
        if not options.quiet:
            print(f"tpkg-lint: {line}", file=sys.stderr)

    return confirm(session, diagnostics, tell, use_cache=not options.no_cache)
