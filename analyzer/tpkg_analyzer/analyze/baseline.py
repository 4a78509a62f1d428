"""Findings that a project has accepted for now. Reads and writes no file.

A baseline is a text with one finding a line, sorted, so that branches that add different findings merge. A finding is
known by what it is about (rule, file, module, name, package) and how often, never by its line.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tpkg_analyzer.analyze.suppressing import NEVER
from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_runtime.spec.source import Span

_HEAD = "tpkg-lint-baseline"
_VERSION = 1


@dataclass(frozen=True, order=True, slots=True)
class Known:
    """What a finding is about; `path` is relative to the project, whatever the folder of the baseline is."""

    path: str
    code: str
    module: str
    symbol: str
    package: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run has looked at: only there can it tell that a finding has gone."""

    paths: frozenset[str]
    codes: frozenset[str]
    packages: frozenset[str] | None = None
    """None for all packages."""

    def covers(self, known: Known) -> bool:
        """Tell whether the run would have found it, were it still there."""
        seen = self.packages is None or not known.package or known.package in self.packages
        return seen and known.path in self.paths and known.code in self.codes


@dataclass(frozen=True, slots=True)
class Baseline:
    """How often each finding is accepted."""

    counts: Counter[Known] = field(default_factory=Counter)

    def new(self, findings: Iterable[Diagnostic], folder: Path) -> list[Diagnostic]:
        """Return the findings that are not accepted, in their order; of more equal ones than accepted, the later."""
        left = self.counts.copy()
        new = []
        for finding in findings:
            known = known_of(finding, folder)
            if finding.code not in NEVER and left[known] > 0:
                left[known] -= 1
            else:
                new.append(finding)
        return new

    def stale(self, findings: Iterable[Diagnostic], folder: Path, scope: Scope) -> Counter[Known]:
        """Return the accepted findings that are gone, each as often as it is gone."""
        present = Counter(known_of(finding, folder) for finding in findings)
        gone = (self.counts - present).items()
        return Counter(
            {known: count for known, count in gone if scope.covers(known) or not (folder / known.path).exists()}
        )

    def seen_from(self, folder: Path, others: Iterable[Path]) -> "Baseline":
        """Return the baseline with the paths of files that are only there from one of the `others` on."""
        paths = {path: _seen_from(folder, path, others) for path in {known.path for known in self.counts}}
        counts: Counter[Known] = Counter()
        for known, count in self.counts.items():
            counts[replace(known, path=paths[known.path])] += count
        return Baseline(counts)

    def pruned(self, stale: Counter[Known]) -> "Baseline":
        """Return the baseline without what is gone."""
        return Baseline(self.counts - stale)

    def updated(self, findings: Iterable[Diagnostic], folder: Path, scope: Scope) -> "Baseline":
        """Return a baseline that accepts the findings, and of its own what lies outside of `scope`."""
        kept = {
            known: count
            for known, count in self.counts.items()
            if not scope.covers(known) and (folder / known.path).exists()
        }
        present = Counter(known_of(finding, folder) for finding in findings if finding.code not in NEVER)
        return Baseline(Counter(kept) + present)

    def render(self) -> str:
        """Return the text of the file."""
        rows = [json.dumps({_HEAD: _VERSION})]
        for known, count in sorted(self.counts.items()):
            values = {name: getattr(known, name) for name in known.__slots__ if getattr(known, name)}
            rows.append(json.dumps({**values, **({"count": count} if count > 1 else {})}, ensure_ascii=False))
        return "\n".join(rows) + "\n"


def known_of(finding: Diagnostic, folder: Path) -> Known:
    """Return what a finding is about."""
    return Known(relative(finding.path, folder), finding.code, finding.module, finding.symbol, finding.package or "")


def relative(path: Path, folder: Path) -> str:
    """Return how a path is written from a folder on, whatever links lead to both."""
    try:
        found = os.path.relpath(path, folder)
        if found.startswith(os.pardir):
            real = os.path.relpath(os.path.realpath(path), os.path.realpath(folder))
            found = found if real.startswith(os.pardir) else real
    except ValueError:  # on another drive
        return path.as_posix()
    return Path(found).as_posix()


def _seen_from(folder: Path, path: str, others: Iterable[Path]) -> str:
    for base in (folder, *others):
        if (base / path).exists():
            return relative(base / path, folder)
    return path


def read_baseline(text: str, path: Path) -> Baseline:
    """Return the baseline in the text of the file at `path`. Raises ConfigError with the line that is wrong."""
    counts: Counter[Known] = Counter()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if _HEAD in row:
                if row[_HEAD] != _VERSION:
                    raise ConfigError(
                        f"this baseline has version {row[_HEAD]}", path, hint="a newer tpkg-lint has written it"
                    )
                continue
            count = row.pop("count", 1)
            fields = {**dict.fromkeys(Known.__slots__, ""), **row}
            known = Known(**fields)
            if not isinstance(count, int) or not all(isinstance(value, str) for value in fields.values()):
                raise ValueError
        except (ValueError, TypeError, AttributeError):
            hint = "mend the line, or remove the file and let --update-baseline write it anew"
            raise ConfigError("this is no line of a baseline", path, Span(number, 1, number, 1), hint) from None
        counts[known] += count
    return Baseline(counts)
