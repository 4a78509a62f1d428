"""`tpkg-lint index`: import what is installed for real, in child processes, and remember what that does."""

import argparse
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tpkg_analyzer.cli.options import jobs_of, parser, sessions
from tpkg_analyzer.cli.status import CLEAN
from tpkg_analyzer.config.errors import ConfigError, suggest
from tpkg_analyzer.confirm.asking import Group
from tpkg_analyzer.render.counts import counted
from tpkg_analyzer.scan.distributions import Distribution, distributions
from tpkg_analyzer.scan.seen import Outcome, SeenImports
from tpkg_analyzer.scan.toplevel.versions import normalised
from tpkg_analyzer.session.indexing import groups_for, groups_of, learn
from tpkg_analyzer.session.session import Session
from tpkg_analyzer.sources.files import Disk

_LIMIT = 60.0


def arguments() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = parser("index", "Import what is installed for real, so that later predictions know instead of assume.")
    made.add_argument("distributions", nargs="*", metavar="NAME", help="only these distributions (default: all)")
    made.add_argument("--all", action="store_true", help="every module, not only top-level and compiled ones")
    made.add_argument("--forget", action="store_true", help="forget first what is known of the environment")
    made.add_argument("--limit", type=_seconds, default=_LIMIT, metavar="SECONDS", help="for one import (default: 60)")
    return made


def run(words: list[str]) -> int:
    """Import, remember, and say what cannot be imported."""
    options = arguments().parse_args(words)
    for _, session in sessions(options, [Path()])[:1]:
        _index(session, options)
    return CLEAN


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not (seconds > 0 and math.isfinite(seconds)):
        raise argparse.ArgumentTypeError(f"`{text}` is no number of seconds above zero")
    return seconds


def _assumed(session: Session) -> set[str]:
    """Return what the packages need and nobody could tell."""
    return {module for closure in session.closures for module in closure.assumed}


def _index(session: Session, options: argparse.Namespace) -> None:
    interpreter = session.interpreter
    installed = list(distributions(Disk(), interpreter))
    chosen = _chosen(installed, options.distributions)
    seen = session.seen
    if seen is None:
        raise ConfigError("what is learned is kept in the cache: leave --no-cache out")
    if options.forget:
        seen.forget()
    jobs = jobs_of(options) or max(1, (os.cpu_count() or 1) // 2)
    wanted = _assumed(session)
    groups = groups_of(chosen, is_whole=options.all, wanted=sorted(wanted))
    telling = _Telling()
    while groups:
        telling.expect(groups)
        learn(seen, installed, interpreter.executable, groups, options.limit, jobs, telling.report)
        # Knowing more, the packages assume other things: of what fails now, somebody else may have needed a part.
        known = wanted
        for _, later in sessions(options, [Path()])[:1]:
            wanted = wanted | _assumed(later)
        groups = groups_for(chosen, wanted - known)
    telling.end()
    _summary(seen, chosen, telling)


def _chosen(installed: Sequence[Distribution], names: Sequence[str]) -> list[Distribution]:
    known = {item.name: item for item in installed}
    for name in names:
        if normalised(name) not in known:
            meant = suggest(normalised(name), known)
            raise ConfigError(f"no distribution `{name}` is installed in this environment", hint=meant)
    return [known[normalised(name)] for name in names] if names else list(installed)


class _Telling:
    """Progress on a terminal, one line that is written over; elsewhere nothing until the end."""

    def __init__(self) -> None:
        self._total = 0
        self._done = 0
        self._is_shown = sys.stderr.isatty()
        self.failed: list[tuple[str, Outcome]] = []
        self.timed_out: list[str] = []
        self.unanswered: list[str] = []

    def expect(self, groups: Sequence[Group]) -> None:
        """Take in what will be asked."""
        self._total += sum(len(group.modules) for group in groups)

    def report(self, group: Group, outcomes: Sequence[Outcome]) -> None:
        """Take in what one group did."""
        if not group.owner:
            return
        self._done += len(group.modules)
        self.failed += [(group.owner, item) for item in outcomes if item.type]
        self.timed_out += [item.module for item in outcomes if item.timed_out]
        self.unanswered += group.modules[len(outcomes) :]
        if self._is_shown:
            sys.stderr.write(f"\r\x1b[K{self._done} of {self._total} modules, {group.owner}")
            sys.stderr.flush()

    def end(self) -> None:
        """Leave the line to what follows."""
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")

    @property
    def n_modules(self) -> int:
        """How many modules were asked about."""
        return self._done


def _summary(seen: SeenImports, chosen: Sequence[Distribution], telling: _Telling) -> None:
    for owner, item in sorted(telling.failed, key=lambda pair: pair[1].module):
        print(f"{item.module} ({owner}): {item.type}: {item.error.splitlines()[0] if item.error else ''}".rstrip(": "))
    for module in telling.timed_out:
        print(f"tpkg-lint: nothing is known of {module}: its import took too long for --limit", file=sys.stderr)
    for module in telling.unanswered:
        print(f"tpkg-lint: nothing was seen of {module}: its process ended", file=sys.stderr)
    made = sum(len(item.made) for one in chosen for item in seen.outcomes(one.name, one.version))
    print(
        f"tpkg-lint: imported {counted(telling.n_modules, 'module')} of {counted(len(chosen), 'distribution')}: "
        f"{len(telling.failed)} {'fails' if len(telling.failed) == 1 else 'fail'}, "
        f"{made} more {'is' if made == 1 else 'are'} made while others are imported",
        file=sys.stderr,
    )
