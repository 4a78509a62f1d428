"""The part of `tpkg-lint check` that keeps known findings quiet."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from tpkg_analyzer.analyze.baseline import Baseline, Known, Scope, read_baseline
from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.session.projects import ProjectFiles
from tpkg_analyzer.session.session import Session
from tpkg_analyzer.sources.files import Disk, exact_text
from tpkg_analyzer.sources.writing import write_result


def add_baseline_options(parser: argparse.ArgumentParser) -> None:
    """Add the options about known findings."""
    group = parser.add_argument_group("baseline")
    group.add_argument("--baseline", metavar="FILE", help="leave out the findings that this file knows")
    group.add_argument("--update-baseline", action="store_true", help="write all findings of this run into it")
    group.add_argument("--prune-baseline", action="store_true", help="remove from it what is found no more")
    group.add_argument("--fail-on-stale", action="store_true", help="end with status 1 where it knows what is gone")


class KnownFindings:
    """The baselines of one run; each is read once and written once."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._before: dict[Path, Baseline] = {}
        self._after: dict[Path, Baseline] = {}
        self._stale: dict[Path, Counter[Known]] = {}
        self.hidden = 0

    def take(self, project: ProjectFiles, session: Session, found: list[Diagnostic]) -> list[Diagnostic]:
        """Return the findings of a project that are new, or all where it has no baseline. Raises ConfigError."""
        path = self._path(session)
        if path is None:
            return found
        ordered = sorted(found, key=lambda item: item.order)
        scope = self._scope(project, session, path)
        before = self._read(path)
        stale = before.stale(ordered, path.parent, scope)
        self._stale[path] = self._stale.get(path, Counter()) | stale
        if self._options.update_baseline:
            self._after[path] = self._after.get(path, before).updated(ordered, path.parent, scope)
            before = self._after[path]
        elif self._options.prune_baseline:
            self._after[path] = self._after.get(path, before).pruned(stale)
        new = before.new(ordered, path.parent)
        self.hidden += len(ordered) - len(new)
        return new

    def finish(self) -> bool:
        """Write what was asked for, tell what is stale, and return whether that fails the run. Raises ConfigError."""
        for path, baseline in self._after.items():
            text = baseline.render()
            if exact_text(Disk(), path) == text:
                continue
            try:
                write_result(path, text)
            except OSError as error:
                raise ConfigError(f"cannot write {path}: {error.strerror}") from None
            print(f"tpkg-lint: wrote {baseline.counts.total()} findings to {path}", file=sys.stderr)
        stale = [(path, known) for path, counts in self._stale.items() for known in sorted(counts.elements())]
        if not stale or self._after:
            return False
        if self._options.fail_on_stale:
            for path, known in stale:
                subject = known.symbol or known.module or known.package
                print(f"{path.name}: {known.path}: {known.code} {subject} is found no more", file=sys.stderr)
        if self._options.fail_on_stale or not self._options.quiet:
            count = f"{len(stale)} known finding{' is' if len(stale) == 1 else 's are'}"
            print(f"tpkg-lint: {count} gone; --prune-baseline removes what is stale", file=sys.stderr)
        return bool(self._options.fail_on_stale)

    def _path(self, session: Session) -> Path | None:
        given = session.config.settings.baseline
        if given is not None:
            return session.config.root / given
        if self._options.update_baseline or self._options.prune_baseline or self._options.fail_on_stale:
            raise ConfigError(
                "there is no baseline", session.config.path, hint='--baseline FILE names one, or `baseline = "FILE"`'
            )
        return None

    def _read(self, path: Path) -> Baseline:
        if path not in self._before:
            text = exact_text(Disk(), path)
            if text is None and path.exists():
                raise ConfigError(f"cannot read {path}")
            if text is None and not self._options.update_baseline:
                raise ConfigError(f"there is no baseline {path}", hint="--update-baseline writes it")
            self._before[path] = read_baseline(text or "", path)
        return self._before[path]

    def _scope(self, project: ProjectFiles, session: Session, baseline: Path) -> Scope:
        own = [session.config.path] if session.config.path else []
        paths = [*project.files, *own]
        shown = (path.relative_to(baseline.parent) if path.is_relative_to(baseline.parent) else path for path in paths)
        packages = frozenset(package.name for package in session.packages) if self._options.package else None
        codes = frozenset(rule.code for rule in session.selection.rules)
        return Scope(frozenset(path.as_posix() for path in shown), codes, packages)
