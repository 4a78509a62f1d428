"""The part of `tpkg-lint check` that prints: formats, files, the closing line, the exit status."""

import argparse
import inspect
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tpkg_analyzer.cli.options import style
from tpkg_analyzer.cli.spelling import add_output_format
from tpkg_analyzer.cli.statistics import statistics_text
from tpkg_analyzer.config.errors import ConfigError, suggest
from tpkg_analyzer.model.diagnostic import Certainty, Diagnostic, Severity
from tpkg_analyzer.model.links import rule_url
from tpkg_analyzer.render.counts import counted
from tpkg_analyzer.render.formats.registry import FOR_PEOPLE, FORMATS
from tpkg_analyzer.render.printable import spoken
from tpkg_analyzer.render.report import Report, RuleText
from tpkg_analyzer.render.style import Style
from tpkg_analyzer.sources.files import Files, exact_text
from tpkg_analyzer.sources.writing import write_result
from tpkg_runtime.spec.source import split_lines

STANDARD_OUTPUT = Path("-")
"""What takes the place of what is printed, where an output goes there."""

_ROOTS = {
    "github": ("GITHUB_WORKSPACE",),
    "gitlab": ("CI_PROJECT_DIR",),
    "sarif": ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"),
}
"""The variables that name the folder from which on the reader of a format takes paths, whatever folder a step is in."""

_ORDER = (Severity.HINT, Severity.INFO, Severity.WARNING, Severity.ERROR)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many files were checked and skipped, and how many findings the baseline knew."""

    checked: int
    skipped: int
    known: int = 0


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add the options about what is printed, where, and what makes the command fail."""
    group = parser.add_argument_group("output")
    add_output_format(group, FORMATS, metavar="FORMAT", help=f"one of {', '.join(FORMATS)}")
    group.add_argument(
        "--output",
        action="append",
        default=[],
        metavar="FORMAT:FILE",
        help="also write them to a file; any number; `-` is standard output",
    )
    group.add_argument("--output-file", "-o", type=Path, metavar="FILE", help="print to this file instead")
    group.add_argument("--statistics", action="store_true", help="print how often each rule was found instead")
    group.add_argument("--quiet", "-q", action="store_true", help="print findings and nothing else")
    group.add_argument("--silent", "-s", action="store_true", help="print nothing at all; the status tells")
    group.add_argument("--verbose", "-v", action="store_true", help="say on standard error what the run rests on")
    group.add_argument("--show-refuted", action="store_true", help="print findings that were seen not to happen")
    group.add_argument("--exit-zero", action="store_true", help="end with status 0 although there are findings")
    levels = [*(severity.value for severity in reversed(_ORDER)), "confirmed"]
    group.add_argument(
        "--fail-on", choices=levels, metavar="LEVEL", help=f"the least that makes the status 1: {', '.join(levels)}"
    )
    group.add_argument(
        "--error-on-warning", action="store_const", const="warning", dest="fail_on", help="short for --fail-on warning"
    )


def publish(
    found: Sequence[Diagnostic],
    options: argparse.Namespace,
    format_name: str,
    counts: Counts,
    files: Files,
    *,
    prints: bool = True,
) -> None:
    """Print the findings and write the files. Raises ConfigError for what cannot be written."""
    ordered = sorted(dict.fromkeys(found), key=lambda item: item.order)
    shown = [spoken(item) for item in ordered if options.show_refuted or item.certainty is not Certainty.REFUTED]
    for name, path in targets(options):
        _write(path, FORMATS[name](_report(shown, counts, Style(), files, _base_of(name))))
    is_plain = format_name not in FOR_PEOPLE or options.output_file is not None
    if options.statistics:
        text = statistics_text(shown, format_name)
    else:
        used = Style() if is_plain else style()
        text = FORMATS[format_name](_report(shown, counts, used, files, _base_of(format_name)))
    if options.output_file is not None:
        _write(options.output_file, text)
    elif (prints or options.statistics) and not options.silent and not prints_output(options):
        sys.stdout.write(text)
    sys.stdout.flush()
    if not options.quiet and format_name in FOR_PEOPLE:
        print(_closing(shown, ordered, counts), file=sys.stderr)


def fails(finding: Diagnostic, threshold: str) -> bool:
    """Tell whether a finding is severe or certain enough to make the status 1."""
    if finding.certainty is Certainty.REFUTED:
        return False
    if threshold == "confirmed":
        return finding.certainty is Certainty.CONFIRMED
    return _ORDER.index(finding.severity) >= _ORDER.index(Severity(threshold))


def _base_of(format_name: str) -> Path:
    """Return the folder that the paths in a format are relative to."""
    folder = Path.cwd()
    named = (Path(os.path.realpath(root)) for name in _ROOTS.get(format_name, ()) if (root := os.environ.get(name)))
    return next((root for root in named if folder.is_relative_to(root)), folder)


def _report(found: Sequence[Diagnostic], counts: Counts, used: Style, files: Files, base: Path) -> Report:
    def lines(path: Path) -> list[str]:
        return split_lines(exact_text(files, path) or "")

    known = counts.checked, counts.skipped
    return Report(tuple(found), base, lines, _rules, *known, version("tpkg-lint"), used)


def _rules() -> dict[str, RuleText]:
    from tpkg_analyzer.rule.registry import all_rules  # loads every rule, which most formats do without

    rules = {}
    for rule in all_rules():
        text = inspect.getdoc(type(rule)) or ""
        summary = text.partition("\n")[0]
        rules[rule.code] = RuleText(rule.code, rule.name, rule.severity.value, summary, text, rule_url(rule.name))
    return rules


def targets(options: argparse.Namespace) -> list[tuple[str, Path]]:
    """Return the formats and files of `--output`. Raises ConfigError for what is none, and for a file of two texts."""
    found = [_target(text) for text in options.output]
    paths = [path for _, path in found]
    paths += [options.output_file] if options.output_file is not None else []
    for path, count in Counter(os.path.realpath(path) for path in paths if path.is_file() or not path.exists()).items():
        if count > 1:
            raise ConfigError(f"two outputs go to {path}", hint="a file holds one of them")
    return found


def prints_output(options: argparse.Namespace) -> bool:
    """Tell whether one of the outputs goes to standard output."""
    return any(path == STANDARD_OUTPUT for _, path in targets(options))


def _target(text: str) -> tuple[str, Path]:
    name, separator, path = text.partition(":")
    if name not in FORMATS or not separator or not path:
        hint = f"write for example {name}:report" if name in FORMATS else suggest(name, FORMATS)
        raise ConfigError(f"--output takes FORMAT:FILE, not `{text}`", hint=hint)
    return name, Path(path)


def _write(path: Path, text: str) -> None:
    if path == STANDARD_OUTPUT:
        sys.stdout.write(text)
        return
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"cannot write {path}: there is no such folder")
    try:
        write_result(path, text)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from None


def _closing(found: Sequence[Diagnostic], judged: Sequence[Diagnostic], counts: Counts) -> str:
    """Count what is shown by severity, and all that was judged by its verdict: also what was refuted and is hidden."""
    severities = [
        counted(number, severity.value)
        for severity in Severity
        if (number := sum(item.severity is severity for item in found))
    ]
    verdicts = [
        f"{sum(item.certainty is certainty for item in judged)} {certainty.value}"
        for certainty in (Certainty.CONFIRMED, Certainty.REFUTED, Certainty.OPEN)
        if any(item.certainty is certainty for item in judged)
    ]
    files = f"{counted(counts.checked, 'file')} checked"
    files += f", {counts.skipped} skipped" if counts.skipped else ""
    known = f"{counts.known} known from the baseline" if counts.known else ""
    parts = [", ".join(severities) or "no findings", ", ".join(verdicts), known, files, _fixable(found)]
    return "; ".join(filter(None, parts))


def _fixable(found: Sequence[Diagnostic]) -> str:
    fixes = [item.fix for item in found if item.fix is not None]
    safe = sum(fix.is_safe for fix in fixes)
    said = [f"{safe} fixable with --fix"] if safe else []
    said += [f"{len(fixes) - safe} with --fix --unsafe-fixes"] if len(fixes) > safe else []
    return ", ".join(said)
