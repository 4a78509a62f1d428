"""The part of `tpkg-lint check` that changes files: `--fix`, `--diff` and what belongs to them."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.render.counts import counted
from tpkg_analyzer.render.paths import shown
from tpkg_analyzer.session.projects import ProjectFiles
from tpkg_analyzer.session.session import Session
from tpkg_analyzer.sources.files import Disk, Files, exact_text
from tpkg_analyzer.sources.writing import replace_text

if TYPE_CHECKING:
    from tpkg_analyzer.analyze.fixes import Fixed


def add_fix_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that change files."""
    group = parser.add_argument_group("fixes")
    group.add_argument("--fix", action="store_true", help="make the safe fixes, then report what is left")
    group.add_argument("--unsafe-fixes", action="store_true", help="make the unsafe fixes as well")
    group.add_argument("--fix-only", action="store_true", help="make the fixes and report nothing else")
    group.add_argument("--diff", action="store_true", help="print what the fixes would change, and change nothing")
    group.add_argument("--exit-non-zero-on-fix", action="store_true", help="end with status 1 where a fix was made")
    group.add_argument("--show-fixes", action="store_true", help="list the fixes that were made")
    group.add_argument(
        "--add-ignore",
        metavar="[=REASON]",
        help="write comments that keep the findings quiet, with the reason",
    )


def wants_fixes(options: argparse.Namespace) -> bool:
    """Tell whether fixes are asked for. Raises ConfigError for --unsafe-fixes and --show-fixes on their own."""
    if options.add_ignore is not None and (options.fix_only or (options.fix and options.diff)):
        one = "--fix-only" if options.fix_only else "--fix --diff"
        raise ConfigError(f"{one} does not go with --add-ignore", hint="--add-ignore --diff shows the comments alone")
    wanted = bool(options.fix or options.fix_only or (options.diff and options.add_ignore is None))
    for name in ("unsafe_fixes", "show_fixes"):
        if getattr(options, name) and not wanted:
            raise ConfigError(f"--{name.replace('_', '-')} needs --fix, --fix-only or --diff")
    return wanted


def fixed_session(
    session: Session, project: ProjectFiles, options: argparse.Namespace, *, writes: bool = True
) -> tuple[Session, Fixed]:
    """Make the fixes, in the files unless a diff is asked for, and return a session over the result.

    Where nothing is written but a text that comes back, none is made that changes another one.
    """
    from tpkg_analyzer.session.fixing import fix_project, with_texts  # loads the rules, which a plain check may not

    asked = project.asks_for(session.packages)

    def is_wanted(finding: Diagnostic) -> bool:
        edits = finding.fix.edits if finding.fix is not None else ()
        return asked(finding) and (writes or all(edit.path in project.files for edit in edits))

    fixed = fix_project(session, project.files, unsafe=options.unsafe_fixes, only=is_wanted)
    if options.diff:
        sys.stdout.writelines(_diff(fixed, session.files))
    elif writes:
        put_texts(fixed.texts)
    for finding in fixed.refused:
        title = finding.fix.title if finding.fix else ""
        place = f"{shown(finding.path, Path.cwd())}:{finding.span.line}"
        print(
            f"{place}: {finding.code} {finding.name}: fix not made, the file would not parse: {title}", file=sys.stderr
        )
    if options.show_fixes:
        sys.stderr.writelines(_listed(fixed.applied))
    return with_texts(session, fixed.texts), fixed


def add_ignores(found: Iterable[Diagnostic], options: argparse.Namespace) -> tuple[int, list[Diagnostic]]:
    """Write a suppression for each finding into its file, or print the diff.

    Returns how many there are, and what cannot be kept quiet, which is told.
    """
    from tpkg_analyzer.analyze.suppressing import NEVER, with_ignores

    by_path: dict[Path, list[Diagnostic]] = {}
    left = []
    for finding in found:
        if finding.code in NEVER or exact_text(Disk(), finding.path) is None:
            left.append(finding)
        else:
            by_path.setdefault(finding.path, []).append(finding)
    quiet: dict[Path, str] = {}
    for path, findings in sorted(by_path.items()):
        text = exact_text(Disk(), path) or ""
        quiet[path] = with_ignores(text, findings, options.add_ignore)
        if options.diff:
            sys.stdout.writelines(_diff_of(path, text, quiet[path]))
    if not options.diff:
        put_texts(quiet)
    for finding in left:
        place = f"{shown(finding.path, Path.cwd())}:{finding.span.line}:{finding.span.column}"
        print(f"{place}: {finding.code} {finding.name} cannot be kept quiet: {finding.message}", file=sys.stderr)
    count = sum(map(len, by_path.values()))
    done = "would be kept" if options.diff else "kept"
    print(f"{counted(count, 'finding')} {done} quiet in {counted(len(by_path), 'file')}", file=sys.stderr)
    return count, left


def put_texts(texts: Mapping[Path, str]) -> None:
    """Put texts into their files. Raises ConfigError for those of which that cannot be done, after all others."""
    failed = []
    for path, text in texts.items():
        try:
            replace_text(path, text)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            failed.append(f"{shown(path, Path.cwd())}: {reason or error}")
    if failed:
        raise ConfigError(f"cannot write {'; '.join(failed)}")


def _diff(fixed: Fixed, files: Files) -> Iterable[str]:
    for path, text in sorted(fixed.texts.items()):
        yield from _diff_of(path, exact_text(files, path) or "", text)


def _diff_of(path: Path, before: str, after: str) -> Iterable[str]:
    name = shown(path, Path.cwd())
    lines = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for line in difflib.unified_diff(*lines, name, name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _listed(applied: Iterable[Diagnostic]) -> Iterable[str]:
    for finding in applied:
        title = finding.fix.title if finding.fix else ""
        yield f"fixed {shown(finding.path, Path.cwd())}: {finding.code} {finding.name}: {title}\n"
