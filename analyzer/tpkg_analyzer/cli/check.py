"""`tpkg-lint check`: findings in files and packages."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import msgspec

from tpkg_analyzer.analyze.selection import select
from tpkg_analyzer.cli.fixing import add_fix_options, fixed_session, wants_fixes
from tpkg_analyzer.cli.options import parser, sessions, style
from tpkg_analyzer.cli.status import CLEAN, FINDINGS
from tpkg_analyzer.model.diagnostic import Certainty, Diagnostic, Severity
from tpkg_analyzer.render.findings import render_concise, render_full, render_json
from tpkg_analyzer.session.session import Session
from tpkg_analyzer.sources.text import decode_source

_FORMATS = ("full", "concise", "json")
_COUNTED = (Severity.ERROR, Severity.WARNING)


def arguments() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = parser("check", "Report what breaks inside the packages of a project.")
    made.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders (default: this folder)")
    rules = made.add_argument_group("rules")
    rules.add_argument("--select", metavar="RULES", help="only these codes, prefixes or names, separated by commas")
    rules.add_argument("--ignore", metavar="RULES", help="all but these")
    output = made.add_argument_group("output")
    output.add_argument("--output-format", choices=_FORMATS, default="full", help="how findings are printed")
    output.add_argument("--exit-zero", action="store_true", help="end with status 0 although there are findings")
    add_fix_options(made)
    confirm = made.add_argument_group("confirm")
    confirm.add_argument(
        "--confirm", action="store_true", help="export and import for real, in a child process, to prove each finding"
    )
    confirm.add_argument("--show-refuted", action="store_true", help="print findings that were seen not to happen")
    return made


def run(words: list[str]) -> int:
    """Check and print; 1 if an error or warning was found."""
    options = arguments().parse_args(words)
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
            diagnostics = _confirmed(session, diagnostics)
        found += diagnostics
    if options.diff or options.fix_only:
        would_change = FINDINGS if options.diff and changed and not options.exit_zero else CLEAN
        print(
            f"{changed} file{'' if changed == 1 else 's'} {'would be changed' if options.diff else 'changed'}",
            file=sys.stderr,
        )
        return would_change
    found = sorted(set(found), key=lambda item: (item.path, item.span, item.code, item.symbol))
    shown = [item for item in found if options.show_refuted or item.certainty is not Certainty.REFUTED]
    _print(shown, options, checked, skipped)
    failing = any(item.severity in _COUNTED for item in shown if item.certainty is not Certainty.REFUTED)
    return FINDINGS if failing and not options.exit_zero else CLEAN


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


def _confirmed(session: Session, diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    from tpkg_analyzer.session.confirming import confirm

    return confirm(session, diagnostics, lambda line: print(f"tpkg-lint: {line}", file=sys.stderr))


def _print(found: list[Diagnostic], options: argparse.Namespace, checked: int, skipped: int) -> None:
    base = Path.cwd()
    if options.output_format == "json":
        sys.stdout.write(render_json(found, base, checked, skipped))
        return
    if options.output_format == "concise":
        sys.stdout.write(render_concise(found, base, style()))
    else:
        sys.stdout.write(render_full(found, base, _lines, style()))
        sys.stdout.write("\n" if found else "")
    sys.stdout.flush()
    print(_closing(found, checked, skipped), file=sys.stderr)


def _closing(found: list[Diagnostic], checked: int, skipped: int) -> str:
    counts = [
        f"{sum(item.severity is severity for item in found)} {severity.value}"
        for severity in Severity
        if any(item.severity is severity for item in found)
    ]
    verdicts = [
        f"{sum(item.certainty is certainty for item in found)} {certainty.value}"
        for certainty in (Certainty.CONFIRMED, Certainty.REFUTED, Certainty.OPEN)
        if any(item.certainty is certainty for item in found)
    ]
    files = f"{checked} files checked" + (f", {skipped} skipped" if skipped else "")
    parts = [", ".join(counts) or "no findings", ", ".join(verdicts), files, _fixable(found)]
    return "; ".join(filter(None, parts))


def _fixable(found: list[Diagnostic]) -> str:
    fixes = [item.fix for item in found if item.fix is not None]
    safe = sum(fix.is_safe for fix in fixes)
    said = [f"{safe} fixable with --fix"] if safe else []
    said += [f"{len(fixes) - safe} with --fix --unsafe-fixes"] if len(fixes) > safe else []
    return ", ".join(said)


def _lines(path: Path) -> list[str]:
    try:
        return decode_source(path.read_bytes()).split("\n")
    except (OSError, SyntaxError, UnicodeDecodeError):
        return []
