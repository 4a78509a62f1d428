"""The part of `tpkg-lint check` that keeps known findings quiet."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tpkg_analyzer.analyze.baseline import Baseline, Known, Scope, read_baseline, relative
from tpkg_analyzer.config.errors import ConfigError
from tpkg_analyzer.model.diagnostic import Diagnostic
from tpkg_analyzer.render.counts import counted
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
    """The baselines of one run over some projects; each is read once and written once.

    Paths are relative to the project, so that a baseline may lie anywhere. One that several projects share has paths
    from its own folder on: two projects may have files of the same name. Either is understood.
    """

    def __init__(self, options: argparse.Namespace, sessions: Iterable[Session]) -> None:
        self._options = options
        self._roots: dict[Path, list[Path]] = {}
        for session in sessions:
            if (path := _given(session)) is not None:
                self._roots.setdefault(path, []).append(session.config.root)
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
        base = self._base(path)
        scope = self._scope(project, session, base)
        before = self._read(path)
        stale = before.stale(ordered, base, scope)
        self._stale[path] = self._stale.get(path, Counter()) | stale
        if self._options.update_baseline:
            self._after[path] = self._after.get(path, before).updated(ordered, base, scope)
            before = self._after[path]
        elif self._options.prune_baseline:
            self._after[path] = self._after.get(path, before).pruned(stale)
        new = before.new(ordered, base)
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
            print(f"tpkg-lint: wrote {counted(baseline.counts.total(), 'finding')} to {path}", file=sys.stderr)
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
        if (path := _given(session)) is not None:
            return path
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
            others = [path.parent, *self._roots[path]]
            self._before[path] = read_baseline(text or "", path).seen_from(self._base(path), others)
        return self._before[path]

    def _base(self, path: Path) -> Path:
        """Return the folder that the paths in a baseline are relative to."""
        first, *others = self._roots[path]
        return path.parent if others else first

    def _scope(self, project: ProjectFiles, session: Session, base: Path) -> Scope:
        own = [session.config.path] if session.config.path else []
        paths = frozenset(relative(path, base) for path in (*project.files, *own))
        packages = frozenset(package.name for package in session.packages) if self._options.package else None
        codes = frozenset(rule.code for rule in session.selection.rules)
        return Scope(paths, codes, packages)


def _given(session: Session) -> Path | None:
    """Return the baseline of a project under one name, whatever links lead to it."""
    name = session.config.settings.baseline
    return Path(os.path.realpath(session.config.root / name)) if name is not None else None
