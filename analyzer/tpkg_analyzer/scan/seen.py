"""What real processes saw of installed distributions: remembered by environment, distribution and version.

First-party code is never learned this way: it changes without its version. What is remembered makes later predictions
exact where sources cannot tell: compiled modules, finders, what a process makes up.
"""

from collections.abc import Iterable

import msgspec

from tpkg_analyzer.scan.known import Known
from tpkg_analyzer.sources.store import Store

_PREFIX = "seen:1:"


class Outcome(msgspec.Struct, frozen=True):
    """What one import did: `error` is empty where it worked; `added` are the names it left in `sys.modules`."""

    module: str
    error: str = ""
    added: tuple[str, ...] = ()


class SeenImports:
    """The outcomes of one environment, by distribution and version."""

    def __init__(self, store: Store, executable: str) -> None:
        self._store = store
        self._prefix = f"{_PREFIX}{executable}:"

    def remember(self, distribution: str, version: str, outcomes: Iterable[Outcome]) -> None:
        """Keep what a process saw of one distribution; replaces what was known of this version."""
        self._store.replace(self._key(distribution, version), msgspec.json.encode(list(outcomes)))

    def outcomes(self, distribution: str, version: str) -> tuple[Outcome, ...]:
        """Return what is remembered of one distribution, nothing where it was never asked about."""
        kept = self._store.get(self._key(distribution, version))
        try:
            return msgspec.json.decode(kept, type=tuple[Outcome, ...]) if kept is not None else ()
        except msgspec.MsgspecError:
            return ()

    def known(self, distributions: Iterable[tuple[str, str]]) -> Known:
        """Return what is remembered of these distributions and versions together."""
        every = [item for name, version in distributions for item in self.outcomes(name, version)]
        failed = {item.module: item.error for item in every if item.error}
        worked = {name for item in every if not item.error for name in (item.module, *item.added)}
        return Known(seen=frozenset(worked), failed=failed)

    def _key(self, distribution: str, version: str) -> str:
        return f"{self._prefix}{distribution}:{version}"
